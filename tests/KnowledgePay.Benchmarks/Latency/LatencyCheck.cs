using System.Diagnostics;
using System.Globalization;
using KnowledgePay.Benchmarks.Silo;
using KnowledgePay.Benchmarks.Worlds;

namespace KnowledgePay.Benchmarks.Latency;

/// <summary>Percentiles of decisions inside the silo, one caller, with and without events arriving. Prints; judges nothing: a machine's time is its own.</summary>
internal static class LatencyCheck
{
    public const int DefaultCalls = 20_000;
    public static readonly int[] DefaultSizes = [10_000, 100_000];
    private const int People = 500;
    private const int MostInFlight = 256;
    /// <summary>Learned ones, in place while recommendations are measured once more.</summary>
    private static readonly string[] Models = ["ials", "blend"];
    private static readonly int[] EventsPerSecond = [0, 500, 5_000];

    public static async Task<int> Run(TextWriter output, int calls, int[] sizes)
    {
        output.WriteLine("courses  decision             events/s    calls    p50 µs    p90 µs    p99 µs  p99.9 µs    max µs");
        foreach (int courses in sizes)
        {
            HostedSilo silo = await HostedSilo.Start(courses, People).ConfigureAwait(false);
            await using (silo.ConfigureAwait(false))
            {
                foreach (int rate in EventsPerSecond)
                {
                    using var stop = new CancellationTokenSource();
                    Task<double> events = rate == 0 ? Task.FromResult(0.0) : Arrive(silo, rate, stop.Token);
                    await Measure(output, silo, "recommend", rate, calls, async turn => await SiloBenchmarks.RecommendOne(silo, turn).ConfigureAwait(false)).ConfigureAwait(false);
                    foreach (string model in Models)
                    {
                        silo.Learned = DrawnModels.Of(model, silo.CourseIds);
                        await Measure(output, silo, "recommend, " + model, rate, calls, async turn => await SiloBenchmarks.RecommendOne(silo, turn).ConfigureAwait(false)).ConfigureAwait(false);
                    }

                    silo.Learned = null;
                    await Measure(output, silo, "price", rate, calls, async turn => await SiloBenchmarks.PriceOne(silo, turn).ConfigureAwait(false)).ConfigureAwait(false);
                    // As another silo would call them: through Orleans.
                    await Measure(output, silo, "recommend by message", rate, calls, async turn => await SiloBenchmarks.RecommendOne(silo.User(turn)).ConfigureAwait(false)).ConfigureAwait(false);
                    await Measure(output, silo, "price by message", rate, calls, async turn => await SiloBenchmarks.PriceOne(silo, silo.User(turn), turn).ConfigureAwait(false)).ConfigureAwait(false);
                    await stop.CancelAsync().ConfigureAwait(false);
                    if (rate > 0)
                    {
                        double taken = await events.ConfigureAwait(false);
                        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{silo.Courses,7}  events taken, per second {taken:F0}"));
                    }
                }
            }
        }

        return 0;
    }

    private static async Task Measure(TextWriter output, HostedSilo silo, string decision, int rate, int calls, Func<int, Task> call)
    {
        for (int turn = 0; turn < Math.Max(calls / 4, People); turn++)
        {
            await call(turn).ConfigureAwait(false);
        }

        double[] microseconds = new double[calls];
        for (int turn = 0; turn < calls; turn++)
        {
            long started = Stopwatch.GetTimestamp();
            await call(turn).ConfigureAwait(false);
            microseconds[turn] = Stopwatch.GetElapsedTime(started).TotalMicroseconds;
        }

        Array.Sort(microseconds);
        double At(double share) => microseconds[Math.Min(calls - 1, (int)(share * calls))];
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{silo.Courses,7}  {decision,-20}{rate,9} {calls,8} {At(0.5),9:F0} {At(0.9),9:F0} {At(0.99),9:F0} {At(0.999),9:F0} {microseconds[^1],9:F0}"));
    }

    /// <summary>Sends single events at a rate, as many at once as need be, until it is stopped; returns how many a second were taken.</summary>
    private static async Task<double> Arrive(HostedSilo silo, int perSecond, CancellationToken stop)
    {
        long sent = 0, taken = 0;
        using var free = new SemaphoreSlim(MostInFlight);
        var clock = Stopwatch.StartNew();
        while (!stop.IsCancellationRequested)
        {
            for (; sent < clock.Elapsed.TotalSeconds * perSecond && !stop.IsCancellationRequested; sent++)
            {
                await free.WaitAsync(CancellationToken.None).ConfigureAwait(false);
                _ = Send((int)sent);
            }

            await Task.Delay(1, CancellationToken.None).ConfigureAwait(false);
        }

        double seconds = clock.Elapsed.TotalSeconds;
        for (int i = 0; i < MostInFlight; i++)
        {
            await free.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        }

        return taken / seconds;

        async Task Send(int turn)
        {
            try
            {
                await SiloBenchmarks.EventOne(silo, turn).ConfigureAwait(false);
                Interlocked.Increment(ref taken);
            }
            catch (TimeoutException)
            {
                await Console.Error.WriteLineAsync("An event took longer than a call lasts.").ConfigureAwait(false);
            }
            finally
            {
                free.Release();
            }
        }
    }
}

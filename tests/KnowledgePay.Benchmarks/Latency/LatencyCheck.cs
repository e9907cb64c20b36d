using System.Diagnostics;
using System.Globalization;
using KnowledgePay.Benchmarks.Silo;
using KnowledgePay.Benchmarks.Worlds;
using KnowledgePay.Decisions.Recommending.Models;

namespace KnowledgePay.Benchmarks.Latency;

/// <summary>Percentiles of decisions inside the silo, one caller, with and without events arriving. Prints; judges nothing: a machine's time is its own.</summary>
internal static class LatencyCheck
{
    public const int DefaultCalls = 20_000;
    public static readonly int[] DefaultSizes = [10_000, 100_000];
    private const int People = 500;
    /// <summary>Each decision is measured so often, in turn with the others: what a machine does meanwhile it does to all of them.</summary>
    private const int Rounds = 5;
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
                Series[] series = [.. AllSeries(silo)];
                foreach (int rate in EventsPerSecond)
                {
                    using var stop = new CancellationTokenSource();
                    Task<double> events = rate == 0 ? Task.FromResult(0.0) : Arrive(silo, rate, stop.Token);
                    for (int round = 0; round < Rounds; round++)
                    {
                        foreach (Series one in series)
                        {
                            await Measure(silo, one, round, calls / Rounds).ConfigureAwait(false);
                        }
                    }

                    silo.Learned = null;
                    await stop.CancelAsync().ConfigureAwait(false);
                    Print(output, silo.Courses, rate, series);
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

    private static IEnumerable<Series> AllSeries(HostedSilo silo)
    {
        yield return new Series("recommend", null, async turn => await SiloBenchmarks.RecommendOne(silo, turn).ConfigureAwait(false));
        foreach (string model in Models)
        {
            yield return new Series("recommend, " + model, DrawnModels.Of(model, silo.CourseIds), async turn => await SiloBenchmarks.RecommendOne(silo, turn).ConfigureAwait(false));
        }

        yield return new Series("price", null, async turn => await SiloBenchmarks.PriceOne(silo, turn).ConfigureAwait(false));
        // As another silo would call them: through Orleans.
        yield return new Series("recommend by message", null, async turn => await SiloBenchmarks.RecommendOne(silo.User(turn)).ConfigureAwait(false));
        yield return new Series("price by message", null, async turn => await SiloBenchmarks.PriceOne(silo, silo.User(turn), turn).ConfigureAwait(false));
    }

    private static async Task Measure(HostedSilo silo, Series series, int round, int calls)
    {
        silo.Learned = series.Learned;
        for (int turn = 0; turn < Math.Max(calls / 4, People); turn++)
        {
            await series.Call(turn).ConfigureAwait(false);
        }

        for (int turn = 0; turn < calls; turn++)
        {
            long started = Stopwatch.GetTimestamp();
            await series.Call((round * calls) + turn).ConfigureAwait(false);
            series.Microseconds.Add(Stopwatch.GetElapsedTime(started).TotalMicroseconds);
        }
    }

    private static void Print(TextWriter output, int courses, int rate, Series[] series)
    {
        foreach (Series one in series)
        {
            List<double> microseconds = one.Microseconds;
            microseconds.Sort();
            double At(double share) => microseconds[Math.Min(microseconds.Count - 1, (int)(share * microseconds.Count))];
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{courses,7}  {one.Name,-20}{rate,9} {microseconds.Count,8} {At(0.5),9:F0} {At(0.9),9:F0} {At(0.99),9:F0} {At(0.999),9:F0} {microseconds[^1],9:F0}"));
            microseconds.Clear();
        }
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

    /// <param name="Learned">The model that is in place meanwhile.</param>
    private sealed record Series(string Name, LearnedRecommender? Learned, Func<int, Task> Call)
    {
        public List<double> Microseconds { get; } = [];
    }
}

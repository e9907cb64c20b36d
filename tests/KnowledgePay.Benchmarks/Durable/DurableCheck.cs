using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Security.Cryptography;
using KnowledgePay.Benchmarks.Worlds;
using KnowledgePay.Storage;
using KnowledgePay.Storage.Tests.Postgres;

namespace KnowledgePay.Benchmarks.Durable;

/// <summary>Durable events a second through the grains, beside what a bare loop does to the same store with the same rows, keys and batch sizes, and beside a state written whole for each event.</summary>
internal static class DurableCheck
{
    private const int People = 2_000;
    private const int Courses = 1_000;
    private const int Turns = 3;

    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(4);
    private static readonly int[] InFlight = [1, 64, 512];

    public static async Task<int> Run(TextWriter output)
    {
        await using PrivatePostgres postgres = await PrivatePostgres.Start().ConfigureAwait(false);
        HostedSilo sqlite = await HostedSilo.Start(Courses, People).ConfigureAwait(false);
        await using (sqlite.ConfigureAwait(false))
        {
            using var bare = new BareSqlite(People);
            await Compare(output, "SQLite", "engine", sqlite, bare, null).ConfigureAwait(false);
        }

        HostedSilo shared = await HostedSilo.Start(Courses, People, settings: new Dictionary<string, string?>
        {
            ["KnowledgePay:Storage:Provider"] = "postgres",
            ["KnowledgePay:Storage:ConnectionString"] = postgres.ConnectionString,
            ["KnowledgePay:Security:MasterKey"] = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)),
            ["KnowledgePay:Cluster:AdvertisedAddress"] = "127.0.0.1",
            ["KnowledgePay:Cluster:DrainMilliseconds"] = "0",
        }).ConfigureAwait(false);
        await using (shared.ConfigureAwait(false))
        {
            await using var bare = new BarePostgres(postgres.ConnectionString, People);
            await bare.Make().ConfigureAwait(false);
            await using WholeStates states = await WholeStates.Start(postgres.ConnectionString).ConfigureAwait(false);
            await Compare(output, "PostgreSQL", "journal", shared, bare, states).ConfigureAwait(false);
        }

        return 0;
    }

    private static async Task Compare(TextWriter output, string store, string writer, HostedSilo silo, IBareLoop bare, WholeStates? states)
    {
        int payload = await silo.MeanPayload().ConfigureAwait(false);
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{store}, rows of {payload} bytes; medians of {Turns} turns of {Turn.TotalSeconds:0} s, taken in turns")).ConfigureAwait(false);
        foreach (int inFlight in InFlight)
        {
            var engine = new List<double>();
            var loop = new List<double>();
            var whole = new List<double>();
            double batch = 1;
            for (int turn = 0; turn < Turns; turn++)
            {
                (double rate, double writes) = await Measure(silo, writer, inFlight).ConfigureAwait(false);
                engine.Add(rate);
                batch = writes;
                loop.Add(await bare.Rate(Math.Max(1, (int)Math.Round(batch)), payload, Turn).ConfigureAwait(false));
                if (states is not null)
                {
                    whole.Add(await states.Rate(inFlight, Turn).ConfigureAwait(false));
                }
            }

            string line = string.Create(
                CultureInfo.InvariantCulture,
                $"  {inFlight,4} in flight, {batch:0.0} events a commit: {Median(engine):0} events/s, bare loop {Median(loop):0}, ratio {Median(engine) / Median(loop):0.00}");
            await output.WriteLineAsync(states is null ? line : line + string.Create(CultureInfo.InvariantCulture, $"; WriteStateAsync {Median(whole):0}, {Median(engine) / Median(whole):0.0} times")).ConfigureAwait(false);
        }
    }

    /// <summary>Events a second, and how many shared a commit.</summary>
    private static async Task<(double Rate, double Batch)> Measure(HostedSilo silo, string writer, int inFlight)
    {
        long commits = 0;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Meter.Name == CommitMetrics.MeterName)
                {
                    listening.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            if (tags.Length > 0 && Equals(tags[0].Value, writer))
            {
                Interlocked.Increment(ref commits);
            }
        });
        listener.Start();
        long started = Stopwatch.GetTimestamp();
        long done = await Repeat(inFlight, Turn, worker => turn => silo.Near((int)(((worker * 7919L) + turn) % silo.Users)).Append(silo.NextView(turn % Courses)).AsTask()).ConfigureAwait(false);
        double rate = done / Stopwatch.GetElapsedTime(started).TotalSeconds;
        return (rate, (double)done / Math.Max(1, Interlocked.Read(ref commits)));
    }

    /// <summary>So many at a time, each one after the other, until the time is over; how many were done.</summary>
    public static async Task<long> Repeat(int inFlight, TimeSpan time, Func<int, Func<int, Task>> make)
    {
        long until = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
        long done = 0;
        await Task.WhenAll(Enumerable.Range(0, inFlight).Select(worker => Task.Run(async () =>
        {
            Func<int, Task> act = make(worker);
            for (int turn = 0; Stopwatch.GetTimestamp() < until; turn++)
            {
                await act(turn).ConfigureAwait(false);
                Interlocked.Increment(ref done);
            }
        }))).ConfigureAwait(false);
        return done;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}

/// <summary>A store written without an engine: one thread, one prepared statement, one commit a batch.</summary>
internal interface IBareLoop
{
    /// <summary>Rows a second.</summary>
    Task<double> Rate(int batch, int payloadBytes, TimeSpan time);
}

using System.Diagnostics;
using System.Globalization;

namespace KnowledgePay.Grains.Tests.Simulation;

/// <summary>Seeded histories of a cluster in which everything that can fail does: each failure is repeated by its seed.</summary>
/// <remarks>
/// <c>KNOWLEDGEPAY_SIMULATION_SEED</c> runs one history only; <c>KNOWLEDGEPAY_SIMULATION_SECONDS</c> draws new seeds for that long.
/// </remarks>
public sealed class SimulationTests(ITestOutputHelper output)
{
    private const int Histories = 12;
    private const int StormySteps = 10_000;
    private const int CheckEvery = 1_000;
    private const int RestAtMost = 400_000;

    [Fact]
    public void Whatever_fails_nothing_acknowledged_is_lost_doubled_or_contradicted()
    {
        if (Environment.GetEnvironmentVariable("KNOWLEDGEPAY_SIMULATION_SEED") is { } chosen)
        {
            Run(int.Parse(chosen, CultureInfo.InvariantCulture));
            return;
        }

        long started = Stopwatch.GetTimestamp();
        int seconds = int.Parse(Environment.GetEnvironmentVariable("KNOWLEDGEPAY_SIMULATION_SECONDS") ?? "0", CultureInfo.InvariantCulture);
        var total = new SortedDictionary<string, long>();
        int histories = 0;
        for (; seconds > 0 ? Stopwatch.GetElapsedTime(started).TotalSeconds < seconds : histories < Histories; histories++)
        {
            foreach ((string what, long count) in Run(seconds > 0 ? Random.Shared.Next() : histories + 1).Counts)
            {
                total[what] = total.GetValueOrDefault(what) + count;
            }
        }

        output.WriteLine($"{histories} histories in {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s: {string.Join(", ", total.Select(t => $"{t.Key} {t.Value}"))}");
    }

    [Fact]
    public void A_seed_is_one_history() => Assert.Equal(Run(4711).Fingerprint, Run(4711).Fingerprint);

    private static History Run(int seed)
    {
        History? history = null;
        Exception? failure = null;
        // A thread of its own, so that nothing of the test's own context plays a part.
        var thread = new Thread(() =>
        {
            try
            {
                history = Live(seed);
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        if (failure is not null)
        {
            throw new InvalidOperationException($"The history of seed {seed} ended early.", failure);
        }

        Assert.True(
            history!.Violations.Count == 0,
            $"KNOWLEDGEPAY_SIMULATION_SEED={seed} repeats this:\n{string.Join('\n', history.Violations.Take(12))}\nThe last steps before the first:\n{string.Join('\n', history.Trace)}");
        return history;
    }

    private static History Live(int seed)
    {
        var world = new World(seed);
        var cluster = new Cluster(world);
        Person[] people =
        [
            .. Enumerable.Range(0, 5).Select(i => new Person(world, cluster, $"kept-{i}", isErasable: false)),
            .. Enumerable.Range(0, 3).Select(i => new Person(world, cluster, $"erased-{i}", isErasable: true)),
        ];
        var lives = new List<Task>();
        world.Run(() =>
        {
            foreach (Person person in people)
            {
                for (int device = 0; device < 2; device++)
                {
                    world.Post(_ => lives.Add(person.Live()), null);
                }
            }
        });
        var invariants = new Invariants(world, cluster, people);
        while (world.Steps < StormySteps && world.Violations.Count == 0)
        {
            Advance();
            if (world.Steps % CheckEvery == 0)
            {
                invariants.CheckStates();
            }
        }

        world.IsStormy = false;
        int faults = cluster.Faults.Values.Sum();
        while (world.Violations.Count == 0 && !IsAtRest())
        {
            Advance();
            if (world.Steps > StormySteps + RestAtMost)
            {
                world.Violations.Add(
                    $"The cluster does not come to rest: {lives.Count(l => !l.IsCompleted)} people wait, {cluster.Serving.Count()} silos serve; heads {string.Join(' ', cluster.Disk.Heads())}, "
                    + string.Join("; ", cluster.Silos.Select(s => $"silo {s.Number} of partition {s.Partition} at {string.Join(' ', s.Projector.Watermarks)}")));
            }
        }

        foreach (Exception e in lives.Where(l => l.IsFaulted).Select(l => l.Exception!))
        {
            world.Violations.Add(e.ToString());
        }

        if (world.Violations.Count == 0)
        {
            invariants.CheckAtRest();
        }

        var counts = new Dictionary<string, long>
        {
            ["steps"] = world.Steps,
            ["events acknowledged"] = people.Sum(p => p.Devices.Sum(d => d.Count)),
            ["checkouts answered"] = people.Sum(p => p.Orders.Count),
            ["erasures"] = people.Sum(p => p.Erasures),
        };
        foreach ((string fault, int count) in cluster.Faults)
        {
            counts[fault] = count;
        }

        return new History(counts, world.Fingerprint, world.Violations, [.. world.Trace]);

        void Advance()
        {
            cluster.BetweenSteps();
            if (!world.Step())
            {
                world.Note("nothing can land");
            }
        }

        bool IsAtRest() => lives.All(l => l.IsCompleted)
            && cluster.Serving.Count() >= 3
            && cluster.Silos.All(s => s.IsServing && IsCaughtUp(s));

        bool IsCaughtUp(SimulatedSilo silo)
        {
            IReadOnlyDictionary<int, long> heads = cluster.Disk.Heads();
            return heads.All(h => silo.Projector.Watermarks.GetValueOrDefault(h.Key) >= h.Value);
        }
    }

    private sealed record History(IReadOnlyDictionary<string, long> Counts, ulong Fingerprint, IReadOnlyList<string> Violations, IReadOnlyList<string> Trace);
}

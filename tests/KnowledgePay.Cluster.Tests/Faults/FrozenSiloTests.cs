using System.Diagnostics;

namespace KnowledgePay.Cluster.Tests.Faults;

/// <summary>A silo that stands still for so long that it is taken for dead, and wakes up believing in its activations and its journal partition.</summary>
[Collection(RunningCluster.Collection)]
public sealed class FrozenSiloTests(RunningCluster cluster) : ClusterTest(cluster)
{
    private const int Dead = 6;

    [Fact]
    public async Task A_silo_that_wakes_up_after_it_was_declared_dead_stores_nothing_twice()
    {
        var load = new EventLoad(Cluster, "frozen");
        await load.Start();
        await load.More(300);
        SiloProcess zombie = Cluster.Silos[1];
        long dead = await Cluster.Members(zombie, Dead);
        await zombie.Freeze();
        var frozen = Stopwatch.StartNew();
        TimeSpan declared = await Calls.Until(async () => (await Cluster.Members(zombie, Dead) > dead, "the frozen silo is not declared dead"));
        await load.More(300);
        // Somebody else in its place takes its journal partition: what the zombie still has in flight is fenced.
        await using var successor = new SiloProcess(zombie.Name, Cluster.Settings);
        successor.Launch();
        await successor.WaitUntilReady();
        await load.More(300);
        double seconds = frozen.Elapsed.TotalSeconds;
        await zombie.Thaw();
        // Awake, it finds out and ends itself; whoever watches over it would start it again.
        await zombie.WaitForExit();
        await successor.Stop();
        await Cluster.Restore();
        await load.More(300);
        await load.AssertAllThereOnce();
        RunningCluster.Report($"SIGSTOP for {seconds:F0} s: declared dead after {declared.TotalSeconds:F1} s, its partition taken over, the zombie ended by itself; {load.Acknowledged} events acknowledged, {load.Unanswered} requests repeated");
    }

    [Fact]
    public async Task A_silo_that_stands_still_for_a_moment_goes_on()
    {
        var load = new EventLoad(Cluster, "pause");
        await load.Start();
        await load.More(200);
        SiloProcess silo = Cluster.Silos[2];
        await silo.Freeze();
        await Task.Delay(1_000, TestContext.Current.CancellationToken);
        await silo.Thaw();
        await load.More(200);
        await load.AssertAllThereOnce();
        Assert.True(silo.IsRunning, silo.Output);
    }
}

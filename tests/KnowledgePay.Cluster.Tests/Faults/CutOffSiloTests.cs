using System.Diagnostics;
using Npgsql;

namespace KnowledgePay.Cluster.Tests.Faults;

/// <summary>A silo that its peers do not reach any more, nor it them, while it still reaches the database and its callers reach it.</summary>
[Collection(RunningCluster.Collection)]
public sealed class CutOffSiloTests(RunningCluster cluster) : ClusterTest(cluster)
{
    private const string Database = "cut_off";
    private const int Dead = 6;

    [Fact]
    public async Task A_silo_that_is_cut_off_from_its_peers_is_declared_dead_and_ends_itself_and_nothing_is_lost_or_there_twice()
    {
        await using NetworkNamespace network = await NetworkNamespace.Create();
        await Cluster.Postgres.Execute($"CREATE DATABASE {Database}");
        try
        {
            await using var first = new SiloProcess("near-0", Settings(Cluster.Postgres.ConnectionString, network.OutsideAddress));
            await using var second = new SiloProcess("near-1", Settings(Cluster.Postgres.ConnectionString, network.OutsideAddress));
            await using var far = new SiloProcess("far", Settings(Cluster.Postgres.SocketConnectionString, network.InsideAddress), network);
            SiloProcess[] silos = [first, second, far];
            Array.ForEach(silos, silo => silo.Launch());
            await Task.WhenAll(silos.Select(silo => silo.WaitUntilReady()));
            var load = new EventLoad(silos, sql => Cluster.Postgres.Scalar<long>(Database, sql), "cut");
            await load.Start();
            await load.More(300);

            await network.Cut();
            var cut = Stopwatch.StartNew();
            // It learns from the table that it was declared dead; whoever watches over it would start it again.
            await far.WaitForExit();
            double ended = cut.Elapsed.TotalSeconds;
            Assert.Equal(1L, await Cluster.Postgres.Scalar<long>(Database, $"SELECT count(*) FROM kpay_orleans.orleansmembershiptable WHERE port = {far.SiloPort} AND status = {Dead}"));
            Assert.True(first.IsRunning && second.IsRunning, first.Output + second.Output);
            await load.More(300);
            double served = cut.Elapsed.TotalSeconds;

            await network.Heal();
            far.Launch();
            await far.WaitUntilReady();
            await load.More(200);
            await load.AssertAllThereOnce();
            RunningCluster.Report(
                $"a silo cut off from its peers: it ended itself after {ended:F1} s, 300 further events were acknowledged within {served:F1} s of the cut; {load.Acknowledged} events acknowledged, {load.Unanswered} requests repeated");
        }
        finally
        {
            await Cluster.Postgres.Execute($"DROP DATABASE {Database} WITH (FORCE)");
        }
    }

    private Dictionary<string, string> Settings(string connection, string address) => new(Cluster.Settings)
    {
        ["KnowledgePay__Storage__ConnectionString"] = new NpgsqlConnectionStringBuilder(connection) { Database = Database }.ConnectionString,
        ["KnowledgePay__Storage__MigrateAtStart"] = "true",
        ["KnowledgePay__Cluster__AdvertisedAddress"] = address,
    };
}

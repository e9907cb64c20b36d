using System.Diagnostics;

namespace KnowledgePay.Cluster.Tests.Faults;

/// <summary>The database goes away and comes back: decisions go on from memory, events are refused and none silently dropped.</summary>
[Collection(RunningCluster.Collection)]
public sealed class DatabaseFaultTests(RunningCluster cluster) : ClusterTest(cluster)
{
    [Fact]
    public async Task Without_a_database_decisions_go_on_from_memory_and_events_are_refused()
    {
        const string person = "offline-person";
        await Cluster.Silos[0].PutCourses("offline", 4);
        foreach (SiloProcess silo in Cluster.Silos)
        {
            await Calls.Until(async () => ((await silo.Get("/v1/courses/offline-3")).Status == 200, "the course is not there"));
        }

        (await Cluster.Silos[0].Events([Viewed(person, "offline-before")])).Is(200);
        foreach (SiloProcess silo in Cluster.Silos)
        {
            (await silo.Get($"/v1/users/{person}/recommendations?count=2")).Is(200);
        }

        await Cluster.Postgres.StopServer();
        var outage = Stopwatch.StartNew();
        try
        {
            foreach (SiloProcess silo in Cluster.Silos)
            {
                Answered refused = await silo.Events([Viewed(person, $"offline-{silo.Name}")]);
                Assert.True(refused.Status == 503 && refused.Json.GetProperty("type").GetString()!.EndsWith("store-unavailable", StringComparison.Ordinal), refused.Text);
                (await silo.Get($"/v1/users/{person}/recommendations?count=2")).Is(200);
                (await silo.Post("/v1/decisions/price", $$"""{"userId":"{{person}}","courseId":"offline-1"}""")).Is(200);
                (await silo.Get("/v1/trending")).Is(200);
                Answered health = (await silo.Get("/health/ready")).Is(200);
                await Calls.Until(async () => (!(health = await silo.Get("/health/ready")).Json.GetProperty("storeAvailable").GetBoolean(), health.Text));
            }
        }
        finally
        {
            await Cluster.Postgres.StartServer();
        }

        double seconds = outage.Elapsed.TotalSeconds;
        TimeSpan back = await Accepted(person, "offline-after");
        // What was refused was not stored; what was accepted was.
        foreach (SiloProcess silo in Cluster.Silos)
        {
            Assert.Equal(1, (await silo.Events([Viewed(person, $"offline-{silo.Name}")])).Is(200).Json.GetProperty("accepted").GetInt32());
        }

        RunningCluster.Report($"PostgreSQL stopped for {seconds:F1} s: events are taken again by all silos {back.TotalSeconds:F1} s after its start");
    }

    [Fact]
    public async Task A_silo_that_stops_while_the_database_is_gone_ends_and_starts_again()
    {
        const string person = "stopped-without";
        await using RunningCluster alone = await RunningCluster.StartApart(1);
        SiloProcess silo = alone.Silos[0];
        await silo.PutCourses("offline", 4);
        Assert.Equal(1, (await silo.Events([Viewed(person, "stopped-before")])).Is(200).Json.GetProperty("accepted").GetInt32());
        await alone.Postgres.StopServer();
        var stopping = Stopwatch.StartNew();
        try
        {
            await silo.Stop();
        }
        finally
        {
            await alone.Postgres.StartServer();
        }

        Assert.False(silo.IsRunning);
        double seconds = stopping.Elapsed.TotalSeconds;
        silo.Launch();
        await silo.WaitUntilReady();
        Answered again = (await silo.Events([Viewed(person, "stopped-before"), Viewed(person, "stopped-after")])).Is(200);
        Assert.Equal((1, 1), (again.Json.GetProperty("duplicates").GetInt32(), again.Json.GetProperty("accepted").GetInt32()));
        RunningCluster.Report($"a silo that was stopped without its database ended after {seconds:F1} s");
    }

    [Theory]
    [InlineData("restarted")]
    [InlineData("killed")]
    [InlineData("cut off")]
    public async Task Nothing_acknowledged_is_lost_when_the_database_is(string fault)
    {
        string prefix = "db-" + fault.Replace(' ', '-');
        var load = new EventLoad(Cluster, prefix);
        await load.Start();
        for (int times = 0; times < 2; times++)
        {
            await load.More(300);
            var outage = Stopwatch.StartNew();
            switch (fault)
            {
                case "restarted":
                    await Cluster.Postgres.CrashAndRestart();
                    break;
                case "killed":
                    await Cluster.Postgres.KillServer();
                    await Cluster.Postgres.StartServer();
                    break;
                default:
                    await Cluster.Postgres.Execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'");
                    break;
            }

            await Accepted($"{prefix}-person", $"{prefix}-again-{times}");
            RunningCluster.Report($"PostgreSQL {fault}: full service after {outage.Elapsed.TotalSeconds:F1} s");
        }

        await load.More(200);
        await load.AssertAllThereOnce();
        Assert.All(Cluster.Silos, silo => Assert.True(silo.IsRunning, silo.Output));
    }

    /// <summary>Until every silo accepts an event.</summary>
    private async Task<TimeSpan> Accepted(string person, string id)
    {
        var waited = Stopwatch.StartNew();
        foreach (SiloProcess silo in Cluster.Silos)
        {
            await Calls.Until(async () =>
            {
                Answered answer = await silo.Events([Viewed(person, $"{id}-{silo.Name}")]);
                return (answer.Status == 200, answer.Text);
            });
        }

        return waited.Elapsed;
    }

    private static string Viewed(string person, string id) =>
        $$$"""{"specversion":"1.0","type":"knowledgepay.course.viewed","source":"/cluster","id":"{{{id}}}","subject":"{{{person}}}","data":{"courseId":"offline-1"} }""";
}

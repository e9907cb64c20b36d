using System.Diagnostics;
using KnowledgePay.Engine.Tests;
using Npgsql;

namespace KnowledgePay.Cluster.Tests.Faults;

/// <summary>The disk of PostgreSQL's tables is full: what cannot be stored is refused, what was answered is kept, and decisions go on.</summary>
/// <remarks>Where the write-ahead log's disk is full, PostgreSQL itself ends: that is the fault of a database that was killed.</remarks>
[Collection(RunningCluster.Collection)]
public sealed class FullDiskTests(RunningCluster cluster) : ClusterTest(cluster)
{
    private const string Person = "full-disk-person";
    private const int Megabytes = 40;
    private const int BatchEvents = 100;

    private readonly List<string> _acknowledged = [];
    private readonly List<string> _refused = [];
    private int _made;

    [Fact]
    public async Task Events_are_refused_decisions_go_on_and_nothing_acknowledged_is_missing_when_there_is_space_again()
    {
        await using SmallDisk disk = await SmallDisk.Mount(Megabytes);
        await Cluster.Postgres.Own(disk.Path);
        await Cluster.Postgres.Execute($"CREATE TABLESPACE small LOCATION '{disk.Path}'");
        await Cluster.Postgres.Execute("CREATE DATABASE full_disk TABLESPACE small");
        try
        {
            var settings = new Dictionary<string, string>(Cluster.Settings)
            {
                ["KnowledgePay__Storage__ConnectionString"] = new NpgsqlConnectionStringBuilder(Cluster.Postgres.ConnectionString) { Database = "full_disk" }.ConnectionString,
                ["KnowledgePay__Storage__MigrateAtStart"] = "true",
                ["KnowledgePay__Cluster__DrainMilliseconds"] = "0",
            };
            await using var silo = new SiloProcess("full-disk", settings);
            silo.Launch();
            await silo.WaitUntilReady();
            await silo.PutCourses("full", 6);
            Assert.True(await Send(silo), silo.Output);

            disk.Fill(200 * 1024);
            while (await Send(silo))
            {
            }

            for (int i = 0; i < 8; i++)
            {
                await Send(silo);
                (await silo.Get($"/v1/users/{Person}/recommendations?count=2")).Is(200);
                (await silo.Post("/v1/decisions/price", $$"""{"userId":"{{Person}}","courseId":"full-{{i % 5}}"}""")).Is(200);
            }

            Assert.NotEmpty(_refused);
            disk.Empty();
            var freed = Stopwatch.StartNew();
            await Calls.Until(async () => (await Send(silo), $"events are still refused with {disk.Free} bytes free"));
            RunningCluster.Report($"full disk under PostgreSQL: {_refused.Count} events refused, 16 decisions answered; events are taken again {freed.Elapsed.TotalSeconds:F1} s after there was space");
            Assert.Equal((0, _acknowledged.Count), await Again(silo, _acknowledged));
            await Again(silo, _refused);
            Assert.Equal((0, _refused.Count), await Again(silo, _refused));
            Assert.True(silo.IsRunning, silo.Output);
        }
        finally
        {
            await Cluster.Postgres.Execute("DROP DATABASE full_disk WITH (FORCE)");
            await Cluster.Postgres.Execute("DROP TABLESPACE small");
        }
    }

    private async Task<bool> Send(SiloProcess silo)
    {
        string[] batch =
        [
            .. Enumerable.Range(0, BatchEvents).Select(_ => $$$"""{"specversion":"1.0","type":"knowledgepay.course.viewed","source":"/full","id":"e{{{++_made}}}","subject":"{{{Person}}}","data":{"courseId":"full-{{{_made % 6}}}"} }"""),
        ];
        Answered answer = await silo.Events(batch);
        if (answer.Status == 200)
        {
            _acknowledged.AddRange(batch);
            return true;
        }

        Assert.True(answer.Status == 503 && answer.Text.Contains("store-unavailable", StringComparison.Ordinal), answer.Text);
        _refused.AddRange(batch);
        return false;
    }

    private static async Task<(int Accepted, int Duplicates)> Again(SiloProcess silo, IEnumerable<string> lines)
    {
        (int accepted, int duplicates) = (0, 0);
        foreach (string[] chunk in lines.Chunk(2_000))
        {
            Answered answer = (await silo.Events(chunk)).Is(200);
            accepted += answer.Json.GetProperty("accepted").GetInt32();
            duplicates += answer.Json.GetProperty("duplicates").GetInt32();
        }

        return (accepted, duplicates);
    }
}

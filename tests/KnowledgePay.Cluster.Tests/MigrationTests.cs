namespace KnowledgePay.Cluster.Tests;

/// <summary><c>KnowledgePay.Server migrate</c>, as it is run before a new version is started.</summary>
[Collection(RunningCluster.Collection)]
public sealed class MigrationTests(RunningCluster cluster) : ClusterTest(cluster)
{
    [Fact]
    public async Task A_second_run_changes_nothing_and_a_server_refuses_what_it_does_not_know()
    {
        var settings = new Dictionary<string, string>(Cluster.Settings)
        {
            ["KnowledgePay__Storage__Schema"] = "m_data",
            ["KnowledgePay__Storage__KeysSchema"] = "m_keys",
            ["KnowledgePay__Cluster__Schema"] = "m_orleans",
        };
        (int missing, string why) = await SiloProcess.Run(settings, "--urls", "http://127.0.0.1:0");
        Assert.Equal(1, missing);
        Assert.Contains("KnowledgePay.Server migrate", why);

        (int first, string applied) = await SiloProcess.Run(settings, "migrate");
        Assert.True(first == 0, applied);
        Assert.Contains("m_data: engine/0001_engine.sql", applied);
        Assert.Contains("m_orleans: orleans/0001_clustering.sql", applied);
        string before = await Everything();
        (int second, string nothing) = await SiloProcess.Run(settings, "migrate");
        Assert.Equal((0, "Nothing to apply."), (second, nothing.Trim()));
        Assert.Equal(before, await Everything());

        foreach (string schema in new[] { "m_data", "m_keys", "m_orleans" })
        {
            await Cluster.Postgres.Execute($"INSERT INTO {schema}.schema_version (script_set, version, name) SELECT script_set, 9999, 'of a later version' FROM {schema}.schema_version LIMIT 1");
            foreach (string[] arguments in new string[][] { ["migrate"], ["--urls", "http://127.0.0.1:0"] })
            {
                (int refused, string message) = await SiloProcess.Run(settings, arguments);
                Assert.True(refused == 1, message);
                Assert.Contains($"Schema {schema} has version 9999", message);
                Assert.DoesNotContain("   at ", message);
            }

            await Cluster.Postgres.Execute($"DELETE FROM {schema}.schema_version WHERE version = 9999");
        }
    }

    [Fact]
    public async Task The_embedded_store_has_nothing_to_migrate()
    {
        var settings = new Dictionary<string, string>(Cluster.Settings) { ["KnowledgePay__Storage__Provider"] = "sqlite" };
        (int exitCode, string message) = await SiloProcess.Run(settings, "migrate");
        Assert.Equal(2, exitCode);
        Assert.Contains("the embedded store migrates itself", message);
    }

    /// <summary>All tables and functions of the schemas, with what the migrations filled in.</summary>
    private async Task<string> Everything() => await Cluster.Postgres.Scalar<string>(
        """
        SELECT string_agg(line, E'\n' ORDER BY line) FROM (
            SELECT table_schema || '.' || table_name || '.' || column_name || ' ' || data_type AS line FROM information_schema.columns WHERE table_schema LIKE 'm\_%'
            UNION ALL SELECT n.nspname || '.' || p.proname || md5(p.prosrc) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname LIKE 'm\_%'
            UNION ALL SELECT 'query ' || querykey || md5(querytext) FROM m_orleans.orleansquery
            UNION ALL SELECT script_set || version || applied_at FROM m_data.schema_version
        ) lines
        """);
}

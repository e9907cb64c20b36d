using KnowledgePay.Contracts.Grains;
using KnowledgePay.Storage.Postgres;

namespace KnowledgePay.Storage.Tests.Postgres;

public sealed class SchemaTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_second_migration_changes_nothing()
    {
        await using var fixture = new PostgresFixture();
        PostgresStoreOptions options = await fixture.Options();
        Assert.Equal(3, (await PostgresEngineStore.Migrate(options, Cancellation)).Count);
        Assert.Empty(await PostgresEngineStore.Migrate(options, Cancellation));
    }

    [Fact]
    public async Task Processes_that_migrate_at_the_same_time_apply_each_script_once()
    {
        await using var fixture = new PostgresFixture();
        PostgresStoreOptions options = await fixture.Options();
        IReadOnlyList<string>[] applied = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => PostgresEngineStore.Migrate(options, Cancellation)));
        Assert.Equal(3, applied.Sum(a => a.Count));
    }

    [Fact]
    public async Task A_schema_that_is_not_migrated_is_refused_with_what_to_do()
    {
        await using var fixture = new PostgresFixture();
        PostgresStoreOptions options = await fixture.Options();
        options.MigrateAtStart = false;
        InvalidOperationException refused = await Assert.ThrowsAsync<InvalidOperationException>(() => fixture.Open(options));
        Assert.Contains("KnowledgePay.Server migrate", refused.Message);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_newer_schema_is_refused_and_left_as_it_is(bool migrateAtStart)
    {
        await using var fixture = new PostgresFixture();
        PostgresStoreOptions options = await fixture.Options();
        await PostgresEngineStore.Migrate(options, Cancellation);
        await (await fixture.Server()).Execute($"INSERT INTO {fixture.Schema}.schema_version (script_set, version, name) VALUES ('engine', 9999, 'of a later version')");
        options.MigrateAtStart = migrateAtStart;
        InvalidDataException refused = await Assert.ThrowsAsync<InvalidDataException>(() => fixture.Open(options));
        Assert.Contains($"Schema {fixture.Schema} has version 9999", refused.Message);
        Assert.Equal(3L, await (await fixture.Server()).Scalar<long>($"SELECT count(*) FROM {fixture.Schema}.schema_version"));
    }

    [Fact]
    public async Task A_refusal_of_the_server_says_what_it_said_and_carries_no_exception_of_the_driver()
    {
        await using var fixture = new PostgresFixture();
        await using PostgresEngineStore store = await fixture.Open(await fixture.Options());
        await (await fixture.Server()).Execute($"ALTER TABLE {fixture.Schema}.snapshot RENAME TO elsewhere");
        StoreUnavailableException refused = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.Snapshots.Load(1, Cancellation).AsTask());
        Assert.Contains("snapshot", refused.Message);
        Assert.Null(refused.InnerException);
    }
}

using KnowledgePay.Storage.Tests.Compliance;

namespace KnowledgePay.Storage.Tests.Postgres;

public sealed class PostgresJournalTests : JournalCompliance
{
    protected override IStoreFixture CreateFixture() => new PostgresFixture();
}

public sealed class PostgresSnapshotTests : SnapshotCompliance
{
    protected override IStoreFixture CreateFixture() => new PostgresFixture();
}

public sealed class PostgresDocumentStoreTests : DocumentStoreCompliance
{
    protected override IStoreFixture CreateFixture() => new PostgresFixture();
}

public sealed class PostgresProjectionStoreTests : ProjectionStoreCompliance
{
    protected override IStoreFixture CreateFixture() => new PostgresFixture();
}

public sealed class PostgresIdempotencyTests : IdempotencyCompliance
{
    protected override IStoreFixture CreateFixture() => new PostgresFixture();
}

public sealed class PostgresKeyStoreTests : KeyStoreCompliance
{
    protected override IStoreFixture CreateFixture() => new PostgresFixture();
}

public sealed class PostgresDecisionLogTests : DecisionLogCompliance
{
    protected override IStoreFixture CreateFixture() => new PostgresFixture();
}

public sealed class PostgresKeyRotationTests : KeyRotationCompliance
{
    protected override IStoreFixture CreateFixture() => new PostgresFixture();

    [Fact]
    public async Task Processes_of_both_master_keys_work_side_by_side_and_make_one_key_a_person()
    {
        await using (IEngineStore before = await Fixture.Open(Old))
        {
            await before.Keys.GetOrCreate("u/first", Cancellation);
        }

        // One after the other gets the new key; both know both.
        await using IEngineStore old = await Fixture.Open(Old, New);
        await using IEngineStore rotated = await Fixture.Open(New, Old);
        Task<long> rewrapping = rotated.Keys.Rewrap(Cancellation).AsTask();
        for (int i = 0; i < 60; i++)
        {
            StreamKey[] made = await Task.WhenAll(old.Keys.GetOrCreate($"u/{i}", Cancellation).AsTask(), rotated.Keys.GetOrCreate($"u/{i}", Cancellation).AsTask());
            Assert.Equal(made[0].Key, made[1].Key);
        }

        await rewrapping;
        Assert.Equal((await old.Keys.Find("u/first", Cancellation))!.Key, (await rotated.Keys.Find("u/first", Cancellation))!.Key);
        await rotated.Keys.Rewrap(Cancellation);
        await using IEngineStore after = await Fixture.Open(New);
        Assert.Equal(61, await after.Keys.Count(Cancellation));
        for (int i = 0; i < 60; i++)
        {
            Assert.NotNull(await after.Keys.Find($"u/{i}", Cancellation));
        }
    }
}

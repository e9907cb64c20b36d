using KnowledgePay.Storage.Sqlite;
using KnowledgePay.Storage.Tests.Compliance;

namespace KnowledgePay.Storage.Tests.Sqlite;

public sealed class SqliteJournalTests : JournalCompliance
{
    protected override IStoreFixture CreateFixture() => new SqliteFixture();
}

public sealed class SqliteSnapshotTests : SnapshotCompliance
{
    protected override IStoreFixture CreateFixture() => new SqliteFixture();
}

public sealed class SqliteDocumentStoreTests : DocumentStoreCompliance
{
    protected override IStoreFixture CreateFixture() => new SqliteFixture();
}

public sealed class SqliteProjectionStoreTests : ProjectionStoreCompliance
{
    protected override IStoreFixture CreateFixture() => new SqliteFixture();
}

public sealed class SqliteIdempotencyTests : IdempotencyCompliance
{
    protected override IStoreFixture CreateFixture() => new SqliteFixture();
}

public sealed class SqliteKeyStoreTests : KeyStoreCompliance
{
    protected override IStoreFixture CreateFixture() => new SqliteFixture();
}

public sealed class SqliteDecisionLogTests : DecisionLogCompliance
{
    protected override IStoreFixture CreateFixture() => new SqliteFixture();
}

public sealed class SqliteKeyRotationTests : KeyRotationCompliance
{
    protected override IStoreFixture CreateFixture() => new SqliteFixture();

    [Fact]
    public async Task No_box_of_the_old_master_key_is_left_in_the_files()
    {
        byte[] wrapped;
        var fixture = (SqliteFixture)Fixture;
        string folder = Path.Combine(fixture.Directory, "data", "keys");
        await using (IEngineStore before = await Fixture.Open(Old))
        {
            await before.Keys.GetOrCreate("u/alice", Cancellation);
        }

        using (Connection keys = Connection.Open(Path.Combine(folder, "keys.db"), TimeSpan.FromSeconds(5)))
        using (Statement read = keys.Use("SELECT wrapped FROM stream_key"))
        {
            Assert.True(read.Step());
            wrapped = read.Bytes(0);
        }

        await using IEngineStore rotating = await Fixture.Open(New, Old);
        await rotating.Keys.Rewrap(Cancellation);
        foreach (string file in Directory.GetFiles(folder))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var bytes = new MemoryStream();
            await stream.CopyToAsync(bytes, Cancellation);
            Assert.True(bytes.ToArray().AsSpan().IndexOf(wrapped) < 0, $"{Path.GetFileName(file)} still has the old box.");
        }
    }
}

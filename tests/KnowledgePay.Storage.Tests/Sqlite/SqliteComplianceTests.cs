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

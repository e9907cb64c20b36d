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

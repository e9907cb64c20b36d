using KnowledgePay.Storage.Tests.Compliance;

namespace KnowledgePay.Storage.Tests.Sqlite;

public sealed class SqliteJournalTests : JournalCompliance
{
    protected override IStoreFixture CreateFixture() => new SqliteFixture();
}

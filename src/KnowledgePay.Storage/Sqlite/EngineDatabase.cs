namespace KnowledgePay.Storage.Sqlite;

/// <summary>What the parts of the store share: the writer and the readers of <c>engine.db</c>.</summary>
internal sealed record EngineDatabase(GroupCommitWriter Writer, ReaderPool Readers, TimeProvider Time)
{
    /// <summary>SQLite has one writer, so that one partition holds everything.</summary>
    public const int Partition = 0;
}

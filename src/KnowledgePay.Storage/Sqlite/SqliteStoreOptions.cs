namespace KnowledgePay.Storage.Sqlite;

/// <summary>Where and how the embedded store keeps its files. Checked by <see cref="SqliteStoreOptionsValidator"/> before the store opens.</summary>
public sealed class SqliteStoreOptions
{
    /// <summary>The folder of <c>engine.db</c> and <c>keys/</c>; made at first start. One process at a time.</summary>
    public string DataDirectory { get; set; } = "data";

    /// <summary>The master key, 32 bytes as base64. When null it is read from <c>keys/master.key</c>, which the first start makes (mode 0600).</summary>
    public string? MasterKey { get; set; }

    public GroupCommitLimits GroupCommit { get; set; } = new();

    public DecisionChunkLimits DecisionChunks { get; set; } = new();

    /// <summary>How long SQLite waits for a lock before it gives up. 1 ms to 60 s.</summary>
    public TimeSpan BusyTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Reading connections, 1 to 64: how many reads run at once.</summary>
    public int Readers { get; set; } = Math.Clamp(Environment.ProcessorCount, 2, 8);

    /// <summary>Reads that may wait; more are refused. 1 to 10,000,000.</summary>
    public int QueuedReads { get; set; } = 100_000;

    /// <summary>The writer's page cache in MiB, 1 to 65,536.</summary>
    public int WriterCacheMebibytes { get; set; } = 16;

    /// <summary>Pages of 4 KiB in the write-ahead log after which a commit moves them to the database. 100 to 1,000,000.</summary>
    public int CheckpointPages { get; set; } = 16_000;

    /// <summary>Keys kept in memory. 0 to 100,000,000.</summary>
    public int CachedKeys { get; set; } = 100_000;
}

/// <summary>Limits of one group commit and of the queue before it.</summary>
public sealed class GroupCommitLimits
{
    /// <summary>Rows in one transaction, 1 to 1,000,000. An operation that is larger alone has a transaction of its own.</summary>
    public int RowsPerCommit { get; set; } = 4_096;

    /// <summary>Bytes in one transaction, at least 1.</summary>
    public long BytesPerCommit { get; set; } = 16L << 20;

    /// <summary>Operations that may wait; more are refused at once. 1 to 10,000,000.</summary>
    public int QueuedOperations { get; set; } = 100_000;

    /// <summary>Bytes that may wait; more are refused at once. At least 1.</summary>
    public long QueuedBytes { get; set; } = 256L << 20;

    /// <summary>How long a commit waits at most for as many operations as the last one had. 0 to 1 s; a lone caller never waits.</summary>
    public TimeSpan GatherTime { get; set; } = TimeSpan.FromMilliseconds(2);

    /// <summary>A commit slower than this is logged.</summary>
    public TimeSpan SlowCommit { get; set; } = TimeSpan.FromSeconds(2);
}

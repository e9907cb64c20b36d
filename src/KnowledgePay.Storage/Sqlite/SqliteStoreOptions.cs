namespace KnowledgePay.Storage.Sqlite;

/// <summary>Where and how the embedded store keeps its files. Checked by <see cref="SqliteStoreOptionsValidator"/> before the store opens.</summary>
public sealed class SqliteStoreOptions
{
    /// <summary>The folder of <c>engine.db</c> and <c>keys/</c>; made at first start. One process at a time.</summary>
    public string DataDirectory { get; set; } = "data";

    /// <summary>The master key, 32 bytes as base64. When null it is read from <c>keys/master.key</c>, which the first start makes (mode 0600).</summary>
    public string? MasterKey { get; set; }

    /// <summary>Master keys that open what they wrapped, besides: at a change of the master key, until everything is wrapped anew (<see cref="IKeyStore.Rewrap"/>).</summary>
    public string[] PreviousMasterKeys { get; set; } = [];

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

    /// <summary>Pages of 4 KiB that the write-ahead log may have before all of them are moved to the database and it begins anew. 100 to 1,000,000.</summary>
    public int CheckpointPages { get; set; } = 16_000;

    /// <summary>Keys kept in memory. 0 to 100,000,000.</summary>
    public int CachedKeys { get; set; } = 100_000;
}

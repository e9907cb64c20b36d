namespace KnowledgePay.Storage;

/// <summary>When a chunk of decision records is closed and written, and how much may wait.</summary>
public sealed class DecisionChunkLimits
{
    /// <summary>Largest record in bytes.</summary>
    public const int LargestRecordBytes = 256 * 1024;

    /// <summary>Records in a chunk, 1 to 65,536.</summary>
    public int Records { get; set; } = 512;

    /// <summary>Bytes after which a chunk is closed, 1 to 64 MiB.</summary>
    public int Bytes { get; set; } = 1 << 20;

    /// <summary>How old an open chunk becomes at most before it is closed. 1 ms to 1 min.</summary>
    public TimeSpan Age { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How long a closed chunk waits for reserved addresses that nobody has filled before it gives them up. 1 ms to 1 min.</summary>
    public TimeSpan FillTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long after a failed write the chunks that wait are tried again. 1 ms to 1 min.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Closed chunks that may wait for the disk; while there are more, no address is handed out.</summary>
    public int WaitingChunks { get; set; } = 1_024;

    /// <summary>Bytes that may wait for the disk; while there are more, no address is handed out.</summary>
    public long WaitingBytes { get; set; } = 64L << 20;
}

namespace KnowledgePay.Storage;

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

namespace KnowledgePay.Storage;

/// <summary>The address of a decision's record: it is the decision id's content, so that a look-up needs no index.</summary>
/// <param name="Partition">Who wrote it.</param>
/// <param name="Chunk">Number of the chunk, 1 for a partition's first, committed in order without gaps.</param>
/// <param name="Index">Place in the chunk.</param>
/// <param name="Nonce">Random; a record is found only by the right one, so that a reused address after a crash is not mistaken for it.</param>
public readonly record struct DecisionAddress(int Partition, long Chunk, int Index, uint Nonce);

/// <param name="Stream">Whose decision.</param>
/// <param name="Payload">Ciphertext under the stream's key.</param>
public readonly record struct LoggedDecision(DecisionAddress Address, long Stream, byte[] Payload);

/// <summary>Decision records, many to a chunk: one row and one commit for hundreds of decisions.</summary>
public interface IDecisionLog
{
    int Partition { get; }

    /// <summary>Takes the address of the next record. Each reserved address must be filled exactly once, soon: the chunk waits for it.</summary>
    DecisionAddress Reserve();

    /// <summary>Fills a reserved address. The task completes when the chunk is durable; a caller that need not wait ignores it.</summary>
    /// <param name="payload">Ciphertext, or null to give the address up.</param>
    /// <param name="durable">True when somebody waits, so that the chunk is closed at once rather than by size or age.</param>
    Task Fill(DecisionAddress address, long stream, byte[]? payload, bool durable);

    ValueTask<LoggedDecision?> Find(DecisionAddress address, CancellationToken cancellation);

    /// <summary>A chunk's records, or null when there is no such chunk.</summary>
    ValueTask<IReadOnlyList<LoggedDecision>?> ReadChunk(int partition, long chunk, CancellationToken cancellation);

    /// <summary>All records of a stream, oldest first. A scan over chunk headers: for exports, not for decisions.</summary>
    IAsyncEnumerable<LoggedDecision> ReadStream(long stream, CancellationToken cancellation);

    /// <summary>The last durable chunk by partition.</summary>
    ValueTask<IReadOnlyDictionary<int, long>> Heads(CancellationToken cancellation);

    /// <summary>Deletes chunks older than a time; returns how many.</summary>
    ValueTask<int> DeleteBefore(DateTimeOffset time, CancellationToken cancellation);
}

namespace KnowledgePay.Storage;

/// <summary>One event to store: its fingerprint (what makes it the same event) and its ciphertext.</summary>
/// <param name="Fingerprint">128 bits of a keyed hash of (source, id); unique over the whole journal.</param>
/// <param name="Payload">Ciphertext, at most <see cref="IJournal.LargestPayloadBytes"/>.</param>
public readonly record struct JournalRow(UInt128 Fingerprint, byte[] Payload);

/// <summary>One stored event.</summary>
/// <param name="Partition">The journal partition: one writer each, so that its offsets are in commit order without gaps.</param>
/// <param name="Offset">1 for the first of the partition.</param>
/// <param name="Stream">Whose event.</param>
/// <param name="Sequence">1 for the stream's first, without gaps.</param>
public readonly record struct JournalEntry(int Partition, long Offset, long Stream, long Sequence, UInt128 Fingerprint, byte[] Payload);

/// <summary>What became of an append.</summary>
/// <param name="Fenced">True when the stream was not where the writer believed: another activation wrote. Nothing was stored; reload.</param>
/// <param name="Head">The stream's last sequence after the append (or now, when fenced).</param>
/// <param name="Partition">Partition of the rows that were stored.</param>
/// <param name="FirstOffset">Offset of the first row that was stored; the rest follow it without gaps. 0 when none was.</param>
/// <param name="Duplicates">By row: true when the fingerprint was there already, so that the row was not stored. Stored rows take the sequences expected+1, +2, … in order.</param>
public readonly record struct AppendResult(bool Fenced, long Head, int Partition, long FirstOffset, bool[] Duplicates);

/// <summary>The durable order of everything that happened.</summary>
public interface IJournal
{
    const int LargestPayloadBytes = 256 * 1024;
    const int LargestAppend = 10_000;

    /// <summary>The partition that this process writes.</summary>
    int Partition { get; }

    /// <summary>Stores rows of one stream, all or none, in one group commit with whatever else waits. Completes when durable.</summary>
    /// <param name="expectedSequence">The stream's last sequence as the writer knows it, 0 for none: the fence.</param>
    /// <exception cref="Contracts.Grains.StoreUnavailableException">The store did not take it; nothing was stored, or (connection lost at commit) the same rows sent again come back as duplicates.</exception>
    ValueTask<AppendResult> Append(long stream, long expectedSequence, IReadOnlyList<JournalRow> rows, CancellationToken cancellation);

    /// <summary>Stored rows of a stream behind a sequence, in order.</summary>
    IAsyncEnumerable<JournalEntry> ReadStream(long stream, long afterSequence, CancellationToken cancellation);

    /// <summary>Rows of a partition behind an offset, in commit order, at most <paramref name="limit"/>.</summary>
    ValueTask<IReadOnlyList<JournalEntry>> ReadPartition(int partition, long afterOffset, int limit, CancellationToken cancellation);

    /// <summary>The last offset by partition.</summary>
    ValueTask<IReadOnlyDictionary<int, long>> Heads(CancellationToken cancellation);

    /// <summary>Deletes the rows' payloads of an erased stream; offsets and fingerprints stay, so that nothing is renumbered or accepted twice.</summary>
    ValueTask EraseStream(long stream, CancellationToken cancellation);
}

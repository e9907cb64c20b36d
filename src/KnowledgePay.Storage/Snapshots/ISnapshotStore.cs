namespace KnowledgePay.Storage;

/// <summary>The latest snapshot of a stream's folded state. A cache: losing one costs a longer replay, nothing else.</summary>
public interface ISnapshotStore
{
    ValueTask<Snapshot?> Load(long stream, CancellationToken cancellation);

    /// <summary>Keeps the snapshot unless a newer one is there. Batched with other writes; completes when durable.</summary>
    ValueTask Save(long stream, Snapshot snapshot, CancellationToken cancellation);

    ValueTask Delete(long stream, CancellationToken cancellation);
}

/// <param name="Sequence">The last sequence that the state includes.</param>
/// <param name="Version">Version of the state's format.</param>
/// <param name="Payload">Ciphertext.</param>
public sealed record Snapshot(long Sequence, int Version, byte[] Payload);

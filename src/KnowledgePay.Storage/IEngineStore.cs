namespace KnowledgePay.Storage;

/// <summary>Everything that outlives a process, behind one contract. Each store passes the same compliance suite.</summary>
/// <remarks>
/// A payload given to the journal, the snapshots, the decision log and the idempotency store is ciphertext under the person's key already (<see cref="Encryption.StreamCipher"/>):
/// a store never sees what a person did, and knows a person only by a stream number that the key store alone can resolve.
/// </remarks>
public interface IEngineStore : IAsyncDisposable
{
    /// <summary>Makes or migrates the schema and takes a journal partition; called once before all else.</summary>
    ValueTask Open(CancellationToken cancellation);

    /// <summary>Whether other processes write partitions of their own to the same store.</summary>
    bool IsShared => false;

    /// <summary>Cancelled when this process may write no more, because another took its journal partition as from one that seemed dead: it is to end, and be started again.</summary>
    CancellationToken PartitionLost => CancellationToken.None;

    IKeyStore Keys { get; }

    IJournal Journal { get; }

    ISnapshotStore Snapshots { get; }

    IDecisionLog Decisions { get; }

    IDocumentStore Documents { get; }

    IProjectionStore Projections { get; }

    IIdempotencyStore Idempotency { get; }

    /// <summary>Copies the store (without keys) to a directory while it is in use.</summary>
    ValueTask Backup(string directory, CancellationToken cancellation);
}

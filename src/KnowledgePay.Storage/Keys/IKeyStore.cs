namespace KnowledgePay.Storage;

/// <summary>A stream (a user's or a course's events) and the key that encrypts all that is stored of it.</summary>
/// <param name="Stream">The stream's number, 1 or more; never reused.</param>
/// <param name="Key">32 bytes, AES-256.</param>
public sealed record StreamKey(long Stream, byte[] Key);

/// <summary>Keys by person, in a store of their own, so that a backup of the data does not carry them.</summary>
/// <remarks>Names are looked up by a keyed hash; keys are wrapped by the master key; a deleted row's bytes are overwritten.</remarks>
public interface IKeyStore
{
    /// <summary>The key of a name such as <c>u/alice</c>, or null when there is none.</summary>
    ValueTask<StreamKey?> Find(string name, CancellationToken cancellation);

    /// <summary>The key of a name, made and durable if there was none. Concurrent calls are group-committed.</summary>
    ValueTask<StreamKey> GetOrCreate(string name, CancellationToken cancellation);

    /// <summary>The key of a stream number and its name, or null when it was deleted.</summary>
    ValueTask<(StreamKey Key, string Name)?> Resolve(long stream, CancellationToken cancellation);

    /// <summary>Deletes the key, overwrites its bytes and makes that durable. False when there was none.</summary>
    ValueTask<bool> Delete(string name, CancellationToken cancellation);

    /// <summary>The same, if the name's key is that of this stream: a key that was made since stays. Overwrites in any case what an earlier deletion may have left; 0 does only that.</summary>
    ValueTask<bool> Delete(string name, long stream, CancellationToken cancellation);

    /// <summary>A secret of this installation by purpose (token signing, event fingerprints), made at first use.</summary>
    ValueTask<byte[]> Secret(string purpose, CancellationToken cancellation);

    /// <summary>
    /// Wraps by the present master key what a previous one wrapped, a few hundred at a time and while others work; returns how many boxes that were. What is destroyed meanwhile stays destroyed.
    /// Once it has come to its end in every process, the previous master keys are of no use any more.
    /// </summary>
    ValueTask<long> Rewrap(CancellationToken cancellation);

    /// <summary>Writes anew where copies of deleted names' hashes may be left, if any were deleted since; false when nothing was due. Blocks whoever makes keys meanwhile: for once an hour.</summary>
    /// <exception cref="Contracts.Grains.StoreUnavailableException">Something may be left; it stays due.</exception>
    ValueTask<bool> Scrub(CancellationToken cancellation);

    /// <summary>How many keys there are.</summary>
    ValueTask<long> Count(CancellationToken cancellation);
}

namespace KnowledgePay.Storage;

/// <summary>Answers by idempotency key: the same key and body gives the same answer.</summary>
public interface IIdempotencyStore
{
    /// <summary>The stream of an answer that is nobody's: its key and body are kept, the answer is not.</summary>
    const long Nobody = 0;

    /// <summary>Starts work under a key, durably; a second start with the same key returns what is there. Work that was completed for <see cref="Nobody"/> is started again by the same body.</summary>
    /// <param name="key">128-bit hash of caller, path and key.</param>
    /// <param name="bodyHash">128-bit hash of the body.</param>
    ValueTask<IdempotencyEntry> Begin(UInt128 key, UInt128 bodyHash, CancellationToken cancellation);

    /// <summary>Keeps the answer (ciphertext under the stream's key), or that there was one for <see cref="Nobody"/>.</summary>
    ValueTask Complete(UInt128 key, long stream, int status, byte[] payload, CancellationToken cancellation);

    /// <summary>Gives a key back after work that did nothing, so that it may be tried again.</summary>
    ValueTask Release(UInt128 key, CancellationToken cancellation);

    /// <summary>Deletes entries older than a time; returns how many.</summary>
    ValueTask<int> DeleteBefore(DateTimeOffset time, CancellationToken cancellation);
}

/// <param name="Started">True when this call began the work and must do it.</param>
/// <param name="BodyHash">Of the call that began it.</param>
/// <param name="Status">0 while the answer is not there yet.</param>
public sealed record IdempotencyEntry(bool Started, UInt128 BodyHash, long Stream, int Status, byte[]? Payload, DateTimeOffset At);

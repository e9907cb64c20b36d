using System.Security.Cryptography;

namespace KnowledgePay.Contracts;

/// <summary>HMAC-SHA256 under one secret, for whoever asks often: what the secret was expanded to is kept between calls. Safe for concurrent use.</summary>
public sealed class KeyedHash(ReadOnlyMemory<byte> secret) : IDisposable
{
    /// <summary>Length of a hash in bytes.</summary>
    public const int HashBytes = HMACSHA256.HashSizeInBytes;

    // Taken by one caller at a time; another that comes then makes its own, and one of them is kept.
    private IncrementalHash? _idle;

    /// <param name="hash">At least <see cref="HashBytes"/> long.</param>
    public void Compute(ReadOnlySpan<byte> data, Span<byte> hash)
    {
        IncrementalHash taken = Interlocked.Exchange(ref _idle, null) ?? IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret.Span);
        taken.AppendData(data);
        taken.GetHashAndReset(hash);
        Interlocked.Exchange(ref _idle, taken)?.Dispose();
    }

    public void Dispose() => Interlocked.Exchange(ref _idle, null)?.Dispose();
}

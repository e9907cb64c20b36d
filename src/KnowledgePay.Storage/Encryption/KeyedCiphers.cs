using System.Security.Cryptography;

namespace KnowledgePay.Storage.Encryption;

/// <summary>A cipher that has expanded a stream's key.</summary>
internal sealed class KeyedCipher(StreamKey key)
{
    public StreamKey Key { get; } = key;

    public AesGcm Aes { get; } = new(key.Key, StreamCipher.TagBytes);
}

/// <summary>Ciphers of the streams that were used last, since to make one costs more than to encrypt an event with it.</summary>
/// <remarks>
/// One place for each remainder of a stream's number. A cipher that is taken is out of its place, so that no two threads have it; one that finds
/// its place taken when it returns takes over, and the other goes.
/// </remarks>
internal static class KeyedCiphers
{
    private const int Places = 4_096;

    private static readonly KeyedCipher?[] Kept = new KeyedCipher?[Places];

    public static KeyedCipher Take(StreamKey key)
    {
        KeyedCipher? kept = Interlocked.Exchange(ref Place(key.Stream), null);
        if (kept is not null)
        {
            // By the bytes: a number of a store in another directory has another key.
            if (kept.Key.Stream == key.Stream && (ReferenceEquals(kept.Key, key) || CryptographicOperations.FixedTimeEquals(kept.Key.Key, key.Key)))
            {
                return kept;
            }

            kept.Aes.Dispose();
        }

        return new KeyedCipher(key);
    }

    /// <summary>Gives a cipher back; one that failed is better left to the collector.</summary>
    public static void Return(KeyedCipher cipher) => Interlocked.Exchange(ref Place(cipher.Key.Stream), cipher)?.Aes.Dispose();

    public static void Forget(long stream)
    {
        ref KeyedCipher? place = ref Place(stream);
        if (Volatile.Read(ref place)?.Key.Stream == stream)
        {
            Interlocked.Exchange(ref place, null)?.Aes.Dispose();
        }
    }

    private static ref KeyedCipher? Place(long stream) => ref Kept[(int)((ulong)stream % Places)];
}

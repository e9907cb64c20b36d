using System.Buffers.Binary;
using System.Security.Cryptography;

namespace KnowledgePay.Storage.Encryption;

/// <summary>AES-256-GCM under a stream's key. Layout: version (1 byte), nonce (12), tag (16), ciphertext.</summary>
/// <remarks>
/// The stream number and the purpose are authenticated, so that a payload moved to another stream or another use does not open.
/// Nonces are random: a stream stays far below the 2^32 messages at which that matters.
/// </remarks>
public static class StreamCipher
{
    public const int OverheadBytes = 1 + NonceBytes + TagBytes;

    private const byte FormatVersion = 1;
    private const int NonceBytes = 12;
    internal const int TagBytes = 16;

    /// <summary>What a payload is for; part of what is authenticated.</summary>
    public enum Purpose : byte
    {
        Event = 1,
        Snapshot = 2,
        Decision = 3,
        Idempotency = 4,
        Document = 5,
    }

    public static byte[] Encrypt(StreamKey key, Purpose purpose, ReadOnlySpan<byte> plaintext) => Encrypt(key, purpose, plaintext, 0);

    /// <param name="headerBytes">Bytes left free before the ciphertext for a header of the caller's.</param>
    public static byte[] Encrypt(StreamKey key, Purpose purpose, ReadOnlySpan<byte> plaintext, int headerBytes)
    {
        byte[] all = new byte[headerBytes + OverheadBytes + plaintext.Length];
        Span<byte> output = all.AsSpan(headerBytes);
        output[0] = FormatVersion;
        Span<byte> nonce = output.Slice(1, NonceBytes);
        RandomBytes.Fill(nonce);
        Span<byte> associated = stackalloc byte[9];
        Associate(associated, key.Stream, purpose);
        KeyedCipher cipher = KeyedCiphers.Take(key);
        cipher.Aes.Encrypt(nonce, plaintext, output[OverheadBytes..], output.Slice(1 + NonceBytes, TagBytes), associated);
        KeyedCiphers.Return(cipher);
        return all;
    }

    /// <exception cref="CryptographicException">The payload was not made under this key for this stream and purpose.</exception>
    public static byte[] Decrypt(StreamKey key, Purpose purpose, ReadOnlySpan<byte> payload)
    {
        if (payload.Length < OverheadBytes || payload[0] != FormatVersion)
        {
            throw new CryptographicException($"A stored payload of {payload.Length} bytes does not start with format version {FormatVersion}.");
        }

        byte[] plaintext = new byte[payload.Length - OverheadBytes];
        Span<byte> associated = stackalloc byte[9];
        Associate(associated, key.Stream, purpose);
        KeyedCipher cipher = KeyedCiphers.Take(key);
        cipher.Aes.Decrypt(payload.Slice(1, NonceBytes), payload[OverheadBytes..], payload.Slice(1 + NonceBytes, TagBytes), plaintext, associated);
        KeyedCiphers.Return(cipher);
        return plaintext;
    }

    /// <summary>Drops what is kept of a stream's key to encrypt faster: for a key that was destroyed.</summary>
    public static void Forget(long stream) => KeyedCiphers.Forget(stream);

    private static void Associate(Span<byte> associated, long stream, Purpose purpose)
    {
        BinaryPrimitives.WriteInt64LittleEndian(associated, stream);
        associated[8] = (byte)purpose;
    }
}

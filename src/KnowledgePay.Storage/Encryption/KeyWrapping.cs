using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace KnowledgePay.Storage.Encryption;

/// <summary>What a key store writes of names and keys, so that without the master key it tells nothing, and after a key's deletion neither with it.</summary>
/// <remarks>
/// From the master key HKDF-SHA256 derives a key for wrapping and one for names. A name is found by HMAC-SHA256; its text is
/// encrypted under the person's own key, so that it goes with that key. All boxes are AES-256-GCM: version (1), nonce (12), tag (16), ciphertext.
/// </remarks>
internal sealed class KeyWrapping
{
    public const int KeyBytes = 32;
    public const int HashBytes = 32;
    public const int WrappedKeyBytes = OverheadBytes + KeyBytes;

    private const int OverheadBytes = 1 + NonceBytes + TagBytes;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const byte Version = 1;
    private const string CheckContext = "check";

    // Names that are not valid UTF-16 would otherwise share the replacement character, and so a key.
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly byte[] _wrapping;
    private readonly byte[] _names;

    public KeyWrapping(ReadOnlySpan<byte> masterKey)
    {
        _wrapping = new byte[KeyBytes];
        _names = new byte[HashBytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, masterKey, _wrapping, [], "knowledgepay/key-wrapping/1"u8);
        HKDF.DeriveKey(HashAlgorithmName.SHA256, masterKey, _names, [], "knowledgepay/key-names/1"u8);
    }

    public byte[] HashName(string name) => HMACSHA256.HashData(_names, Utf8.GetBytes(name));

    public byte[] WrapKey(StreamKey key) => Seal(_wrapping, key.Key, Context("key", key.Stream));

    public StreamKey UnwrapKey(long stream, ReadOnlySpan<byte> wrapped) => new(stream, Open(_wrapping, wrapped, Context("key", stream)));

    public static byte[] SealName(StreamKey key, string name) => Seal(key.Key, Utf8.GetBytes(name), Context("name", key.Stream));

    public static string OpenName(StreamKey key, ReadOnlySpan<byte> box) => Utf8.GetString(Open(key.Key, box, Context("name", key.Stream)));

    public byte[] WrapSecret(string purpose, ReadOnlySpan<byte> secret) => Seal(_wrapping, secret, Utf8.GetBytes("secret/" + purpose));

    public byte[] UnwrapSecret(string purpose, ReadOnlySpan<byte> wrapped) => Open(_wrapping, wrapped, Utf8.GetBytes("secret/" + purpose));

    /// <summary>A box that only the same master key opens: tells a wrong key at start.</summary>
    public byte[] MakeCheck() => WrapSecret(CheckContext, []);

    public bool IsCheck(ReadOnlySpan<byte> box)
    {
        try
        {
            UnwrapSecret(CheckContext, box);
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static byte[] Context(string use, long stream)
    {
        byte[] context = new byte[use.Length + 8];
        Encoding.ASCII.GetBytes(use, context);
        BinaryPrimitives.WriteInt64LittleEndian(context.AsSpan(use.Length), stream);
        return context;
    }

    private static byte[] Seal(byte[] key, ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> context)
    {
        byte[] box = new byte[OverheadBytes + plaintext.Length];
        box[0] = Version;
        RandomNumberGenerator.Fill(box.AsSpan(1, NonceBytes));
        using var aes = new AesGcm(key, TagBytes);
        aes.Encrypt(box.AsSpan(1, NonceBytes), plaintext, box.AsSpan(OverheadBytes), box.AsSpan(1 + NonceBytes, TagBytes), context);
        return box;
    }

    private static byte[] Open(byte[] key, ReadOnlySpan<byte> box, ReadOnlySpan<byte> context)
    {
        if (box.Length < OverheadBytes || box[0] != Version)
        {
            throw new CryptographicException($"A box of {box.Length} bytes in the key store does not start with format version {Version}.");
        }

        byte[] plaintext = new byte[box.Length - OverheadBytes];
        using var aes = new AesGcm(key, TagBytes);
        aes.Decrypt(box.Slice(1, NonceBytes), box[OverheadBytes..], box.Slice(1 + NonceBytes, TagBytes), plaintext, context);
        return plaintext;
    }
}

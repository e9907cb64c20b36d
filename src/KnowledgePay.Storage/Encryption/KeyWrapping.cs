using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace KnowledgePay.Storage.Encryption;

/// <summary>What a key store writes of names and keys, so that without the master key it tells nothing, and after a key's deletion neither with it.</summary>
/// <remarks>
/// From the master key HKDF-SHA256 derives a key for wrapping and one for names. A name is found by HMAC-SHA256; its text is
/// encrypted under the person's own key, so that it goes with that key. When the master key changes, keys and secrets are wrapped anew; the names' key stays. All boxes are AES-256-GCM: version (1), nonce (12), tag (16), ciphertext.
/// </remarks>
internal sealed class KeyWrapping
{
    public const int KeyBytes = 32;
    public const int HashBytes = 32;
    public const string NamesPurpose = "key-names";
    public const int WrappedKeyBytes = OverheadBytes + KeyBytes;

    private const int OverheadBytes = 1 + NonceBytes + TagBytes;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const byte Version = 1;
    private const string CheckContext = "check";

    /// <summary>Of a check that was made by a rotation: a program that cannot tell the names' key from the master key must not open it.</summary>
    private const string RotatedCheckContext = "check/rotated";

    // Names that are not valid UTF-16 would otherwise share the replacement character, and so a key.
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>By master key, the present one first.</summary>
    private readonly byte[][] _wrapping;

    /// <summary>What each master key would hash names with.</summary>
    private readonly byte[][] _namesOf;
    private byte[] _names;

    /// <param name="masterKey">What wraps from now on.</param>
    /// <param name="previous">Master keys that open what they wrapped, too.</param>
    public KeyWrapping(byte[] masterKey, params IReadOnlyList<byte[]> previous)
    {
        byte[][] all = [masterKey, .. previous];
        _wrapping = [.. all.Select(key => HKDF.DeriveKey(HashAlgorithmName.SHA256, key, KeyBytes, [], "knowledgepay/key-wrapping/1"u8.ToArray()))];
        _namesOf = [.. all.Select(key => HKDF.DeriveKey(HashAlgorithmName.SHA256, key, HashBytes, [], "knowledgepay/key-names/1"u8.ToArray()))];
        _names = _namesOf[0];
    }

    /// <summary>Whether there are master keys whose boxes are to be wrapped anew.</summary>
    public bool HasPrevious => _wrapping.Length > 1;

    public byte[] HashName(string name) => HMACSHA256.HashData(_names, Utf8.GetBytes(name));

    public byte[] WrapKey(StreamKey key) => Seal(_wrapping[0], key.Key, Context("key", key.Stream));

    public StreamKey UnwrapKey(long stream, ReadOnlySpan<byte> wrapped) => new(stream, OpenWithAny(wrapped, Context("key", stream)));

    /// <summary>The key's box under the present master key, or null when it is that already, or the key was destroyed.</summary>
    public byte[]? RewrapKey(long stream, ReadOnlySpan<byte> wrapped) =>
        wrapped.IndexOfAnyExcept((byte)0) < 0 || IsOpenedBy(0, wrapped, Context("key", stream)) ? null : WrapKey(UnwrapKey(stream, wrapped));

    public static byte[] SealName(StreamKey key, string name) => Seal(key.Key, Utf8.GetBytes(name), Context("name", key.Stream));

    public static string OpenName(StreamKey key, ReadOnlySpan<byte> box) => Utf8.GetString(Open(key.Key, box, Context("name", key.Stream)));

    public byte[] WrapSecret(string purpose, ReadOnlySpan<byte> secret) => Seal(_wrapping[0], secret, SecretContext(purpose));

    public byte[] UnwrapSecret(string purpose, ReadOnlySpan<byte> wrapped) => OpenWithAny(wrapped, SecretContext(purpose));

    /// <summary>As of keys.</summary>
    public byte[]? RewrapSecret(string purpose, ReadOnlySpan<byte> wrapped) =>
        IsOpenedBy(0, wrapped, SecretContext(purpose)) ? null : WrapSecret(purpose, UnwrapSecret(purpose, wrapped));

    /// <summary>The secret that names are hashed with, as a secret: it stays the same when the master key changes, so that every process finds every name throughout.</summary>
    public byte[] WrapNames() => WrapSecret(NamesPurpose, _names);

    /// <exception cref="InvalidOperationException">None of the master keys wrapped it.</exception>
    public void UseNames(ReadOnlySpan<byte> wrapped)
    {
        try
        {
            _names = UnwrapSecret(NamesPurpose, wrapped);
        }
        catch (CryptographicException e)
        {
            throw new InvalidOperationException("The keys are being wrapped by another master key, which is neither MasterKey nor among PreviousMasterKeys here: give every process both before any uses the new one.", e);
        }
    }

    /// <summary>For a store that does not have that secret yet: names are hashed with what the master key tells that made the store.</summary>
    public void UseNamesOf(int masterKey) => _names = _namesOf[masterKey];

    /// <summary>A box that only the same master key opens: tells a wrong key at start.</summary>
    public byte[] MakeCheck() => WrapSecret(CheckContext, []);

    /// <summary>The same, once everything is wrapped by the present master key.</summary>
    public byte[] MakeRotatedCheck() => WrapSecret(RotatedCheckContext, []);

    /// <summary>Which of the master keys made the check, 0 for the present one; −1 when none did.</summary>
    public int MakerOf(ReadOnlySpan<byte> check)
    {
        for (int i = 0; i < _wrapping.Length; i++)
        {
            if (IsOpenedBy(i, check, SecretContext(CheckContext)) || IsOpenedBy(i, check, SecretContext(RotatedCheckContext)))
            {
                return i;
            }
        }

        return -1;
    }

    private byte[] OpenWithAny(ReadOnlySpan<byte> box, byte[] context)
    {
        for (int i = 0; i < _wrapping.Length - 1; i++)
        {
            try
            {
                return Open(_wrapping[i], box, context);
            }
            catch (AuthenticationTagMismatchException)
            {
                // Wrapped by another.
            }
        }

        return Open(_wrapping[^1], box, context);
    }

    private bool IsOpenedBy(int masterKey, ReadOnlySpan<byte> box, byte[] context)
    {
        try
        {
            Open(_wrapping[masterKey], box, context);
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static byte[] SecretContext(string purpose) => Utf8.GetBytes("secret/" + purpose);

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

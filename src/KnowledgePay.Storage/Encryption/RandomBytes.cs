using System.Security.Cryptography;

namespace KnowledgePay.Storage.Encryption;

/// <summary>The system's random bytes, fetched for many nonces at once: a fetch costs more than the encryption of an event.</summary>
internal static class RandomBytes
{
    private const int FetchedAtOnce = 3_072;

    [ThreadStatic]
    private static byte[]? _fetched;

    [ThreadStatic]
    private static int _left;

    /// <summary>Fills with bytes that nobody else gets.</summary>
    public static void Fill(Span<byte> bytes)
    {
        byte[] fetched = _fetched ??= new byte[FetchedAtOnce];
        if (_left < bytes.Length)
        {
            RandomNumberGenerator.Fill(fetched);
            _left = fetched.Length;
        }

        Span<byte> taken = fetched.AsSpan(_left - bytes.Length, bytes.Length);
        _left -= bytes.Length;
        taken.CopyTo(bytes);
        taken.Clear();
    }
}

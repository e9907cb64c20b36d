using System.Buffers.Binary;
using System.Security.Cryptography;
using KnowledgePay.Storage.Encryption;

namespace KnowledgePay.Storage.Tests.Encryption;

public sealed class StreamCipherTests
{
    private const int Header = 1 + 12 + 16;

    [Fact]
    public void Whatever_threads_do_at_once_each_payload_opens_under_its_key_alone()
    {
        // Streams that share a place among the kept ciphers, and such as do not.
        StreamKey[] keys = [.. Enumerable.Range(0, 64).Select(i => new StreamKey((i % 8 * 4_096L) + (i / 8), RandomNumberGenerator.GetBytes(32)))];
        Parallel.For(0, 8, worker =>
        {
            var random = new Random(worker);
            byte[] plain = new byte[3_000];
            for (int turn = 0; turn < 4_000; turn++)
            {
                StreamKey key = keys[random.Next(keys.Length)];
                Span<byte> written = plain.AsSpan(0, random.Next(1, plain.Length));
                random.NextBytes(written);
                byte[] payload = StreamCipher.Encrypt(key, StreamCipher.Purpose.Snapshot, written);
                Assert.True(written.SequenceEqual(OpenedAlone(key, payload)));
                Assert.True(written.SequenceEqual(StreamCipher.Decrypt(key, StreamCipher.Purpose.Snapshot, payload)));
            }
        });
    }

    /// <summary>By a cipher that nobody else has.</summary>
    private static byte[] OpenedAlone(StreamKey key, byte[] payload)
    {
        using var aes = new AesGcm(key.Key, 16);
        byte[] plain = new byte[payload.Length - Header];
        Span<byte> associated = stackalloc byte[9];
        BinaryPrimitives.WriteInt64LittleEndian(associated, key.Stream);
        associated[8] = (byte)StreamCipher.Purpose.Snapshot;
        aes.Decrypt(payload.AsSpan(1, 12), payload.AsSpan(Header), payload.AsSpan(13, 16), plain, associated);
        return plain;
    }
}

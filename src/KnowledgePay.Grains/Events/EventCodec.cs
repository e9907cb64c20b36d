using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using KnowledgePay.Contracts;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Storage;
using KnowledgePay.Storage.Encryption;
using Orleans.Serialization;

namespace KnowledgePay.Grains.Events;

/// <summary>Stored form of events and profiles: a format version, then the serializer's bytes, encrypted under the stream's key.</summary>
public sealed class EventCodec(Serializer<StoredEvent> events, Serializer<UserProfile> profiles, byte[] fingerprintSecret)
{
    private const byte EventFormat = 1;
    private const int IdBytesAtMost = 4096;

    private readonly KeyedHash _fingerprints = new(fingerprintSecret);

    /// <summary>What makes an event the same event: a keyed hash of (source, id), so that stored fingerprints tell nothing of the ids.</summary>
    public UInt128 Fingerprint(string source, string id)
    {
        int most = Encoding.UTF8.GetMaxByteCount(source.Length) + Encoding.UTF8.GetMaxByteCount(id.Length) + sizeof(int);
        Span<byte> text = most <= IdBytesAtMost ? stackalloc byte[most] : new byte[most];
        int sourceBytes = Encoding.UTF8.GetBytes(source, text[sizeof(int)..]);
        // The length keeps ("ab", "c") apart from ("a", "bc").
        BinaryPrimitives.WriteInt32LittleEndian(text, sourceBytes);
        int length = sizeof(int) + sourceBytes + Encoding.UTF8.GetBytes(id, text[(sizeof(int) + sourceBytes)..]);
        Span<byte> hash = stackalloc byte[KeyedHash.HashBytes];
        _fingerprints.Compute(text[..length], hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }

    public JournalRow Encode(StreamKey key, StoredEvent e)
    {
        ArrayBufferWriter<byte> plain = PlaintextBuffer.Take();
        plain.GetSpan(1)[0] = EventFormat;
        plain.Advance(1);
        events.Serialize(e, plain);
        return new(Fingerprint(e.Source, e.Id), StreamCipher.Encrypt(key, StreamCipher.Purpose.Event, plain.WrittenSpan));
    }

    public StoredEvent Decode(StreamKey key, ReadOnlySpan<byte> payload)
    {
        byte[] plain = StreamCipher.Decrypt(key, StreamCipher.Purpose.Event, payload);
        return plain[0] == EventFormat
            ? events.Deserialize(plain.AsMemory(1))!
            : throw new InvalidDataException($"A stored event has format {plain[0]}; this engine reads up to {EventFormat}.");
    }

    public Snapshot EncodeSnapshot(StreamKey key, UserProfile profile)
    {
        ArrayBufferWriter<byte> plain = PlaintextBuffer.Take();
        profiles.Serialize(profile, plain);
        return new(profile.Sequence, UserProfile.FormatVersion, StreamCipher.Encrypt(key, StreamCipher.Purpose.Snapshot, plain.WrittenSpan));
    }

    /// <summary>The profile, or null when the snapshot is of a newer format: the journal then rebuilds it.</summary>
    public UserProfile? DecodeSnapshot(StreamKey key, Snapshot snapshot)
    {
        if (snapshot.Version > UserProfile.FormatVersion)
        {
            return null;
        }

        UserProfile profile = profiles.Deserialize(StreamCipher.Decrypt(key, StreamCipher.Purpose.Snapshot, snapshot.Payload))!;
        Share(profile);
        return profile;
    }

    /// <summary>Replaces what the serializer made anew for this profile by what all profiles can have in common.</summary>
    private static void Share(UserProfile profile)
    {
        profile.Consent = profile.Consent.Shared();
        foreach (ref Money spent in profile.Spent.AsSpan())
        {
            spent = spent.Shared();
        }

        foreach (ref QuoteMemory quote in profile.Quotes.AsSpan())
        {
            quote = quote with { Price = quote.Price.Shared(), ListPrice = quote.ListPrice.Shared() };
        }
    }

    /// <summary>Another profile of the same state, for folding what may still not be stored.</summary>
    public UserProfile Copy(UserProfile profile)
    {
        ArrayBufferWriter<byte> plain = PlaintextBuffer.Take();
        profiles.Serialize(profile, plain);
        return profiles.Deserialize(plain.WrittenMemory)!;
    }
}

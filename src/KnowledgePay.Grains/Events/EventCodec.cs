using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using KnowledgePay.Contracts;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Storage;
using KnowledgePay.Storage.Encryption;
using Orleans.Serialization;

namespace KnowledgePay.Grains.Events;

/// <summary>Stored form of events and profiles: a format version, then what the format says, encrypted under the stream's key.</summary>
/// <param name="reads">The newest format of events that this process reads, 1 to <see cref="NewestFormat"/>.</param>
public sealed class EventCodec(Serializer serializer, byte[] fingerprintSecret, int reads = EventCodec.NewestFormat)
{
    /// <summary>The newest format of events: 1 is the serializer's bytes, 2 is <see cref="StoredEventFormat"/>'s.</summary>
    public const int NewestFormat = 2;

    private const byte SerializerFormat = 1;
    private const int IdBytesAtMost = 4096;

    private readonly Serializer<StoredEvent> _events = serializer.GetSerializer<StoredEvent>();
    private readonly Serializer<UserProfile> _profiles = serializer.GetSerializer<UserProfile>();
    private readonly StoredEventFormat _format = new(serializer);
    private readonly KeyedHash _fingerprints = new(fingerprintSecret);
    private volatile int _writes = SerializerFormat;

    public int Reads => reads;

    /// <summary>The format in which events are written: <see cref="StoredFormats"/> raises it once every silo reads it.</summary>
    public int Writes
    {
        get => _writes;
        set => _writes = value >= SerializerFormat && value <= reads ? value : throw new ArgumentOutOfRangeException(nameof(value), value, $"expected 1 to {reads}");
    }

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
        int format = _writes;
        plain.GetSpan(1)[0] = (byte)format;
        plain.Advance(1);
        if (format == SerializerFormat)
        {
            _events.Serialize(e, plain);
        }
        else
        {
            _format.Write(plain, e);
        }

        return new(Fingerprint(e.Source, e.Id), StreamCipher.Encrypt(key, StreamCipher.Purpose.Event, plain.WrittenSpan));
    }

    /// <exception cref="InvalidDataException">The event is of a format that this process does not read.</exception>
    public StoredEvent Decode(StreamKey key, ReadOnlySpan<byte> payload)
    {
        byte[] plain = StreamCipher.Decrypt(key, StreamCipher.Purpose.Event, payload);
        return plain[0] > reads || plain[0] < SerializerFormat ? throw new InvalidDataException($"A stored event has format {plain[0]}; this engine reads 1 to {reads}.")
            : plain[0] == SerializerFormat ? _events.Deserialize(plain.AsMemory(1))!
            : _format.Read(plain.AsSpan(1));
    }

    public Snapshot EncodeSnapshot(StreamKey key, UserProfile profile)
    {
        ArrayBufferWriter<byte> plain = PlaintextBuffer.Take();
        _profiles.Serialize(profile, plain);
        return new(profile.Sequence, UserProfile.FormatVersion, StreamCipher.Encrypt(key, StreamCipher.Purpose.Snapshot, plain.WrittenSpan));
    }

    /// <summary>The profile, or null when the snapshot is of a newer format: the journal then rebuilds it.</summary>
    public UserProfile? DecodeSnapshot(StreamKey key, Snapshot snapshot)
    {
        if (snapshot.Version > UserProfile.FormatVersion)
        {
            return null;
        }

        UserProfile profile = _profiles.Deserialize(StreamCipher.Decrypt(key, StreamCipher.Purpose.Snapshot, snapshot.Payload))!;
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
        _profiles.Serialize(profile, plain);
        return _profiles.Deserialize(plain.WrittenMemory)!;
    }
}

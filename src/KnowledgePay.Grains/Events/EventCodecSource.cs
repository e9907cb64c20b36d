using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Storage;
using Orleans.Serialization;

namespace KnowledgePay.Grains.Events;

/// <summary>Holds the codec, whose fingerprint secret can be read only once the store is open.</summary>
public sealed class EventCodecSource(Serializer<StoredEvent> events, Serializer<UserProfile> profiles)
{
    private const string FingerprintPurpose = "event-fingerprint";

    private EventCodec? _codec;

    public EventCodec Codec => _codec ?? throw new InvalidOperationException("The store is not open yet.");

    public async ValueTask Open(IEngineStore store, CancellationToken cancellation) =>
        _codec = new EventCodec(events, profiles, await store.Keys.Secret(FingerprintPurpose, cancellation));
}

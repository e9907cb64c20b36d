using KnowledgePay.Grains.Hosting;
using KnowledgePay.Storage;
using Microsoft.Extensions.Options;
using Orleans.Serialization;

namespace KnowledgePay.Grains.Events;

/// <summary>Holds the codec, whose fingerprint secret can be read only once the store is open.</summary>
public sealed class EventCodecSource(Serializer serializer, IOptions<EngineOptions> options)
{
    private const string FingerprintPurpose = "event-fingerprint";

    private EventCodec? _codec;

    public EventCodec Codec => _codec ?? throw new InvalidOperationException("The store is not open yet.");

    public async ValueTask Open(IEngineStore store, CancellationToken cancellation) =>
        _codec = new EventCodec(serializer, await store.Keys.Secret(FingerprintPurpose, cancellation), options.Value.Storage.NewestEventFormat);
}

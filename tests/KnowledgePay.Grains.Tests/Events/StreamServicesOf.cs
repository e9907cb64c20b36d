using KnowledgePay.Grains.Catalogue;
using KnowledgePay.Grains.Events;
using KnowledgePay.Grains.Hosting;
using KnowledgePay.Grains.Models;
using KnowledgePay.Grains.Projections;
using KnowledgePay.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Grains.Tests.Events;

/// <summary>A running engine's services with a test's own settings of the stream, and its store or one around it.</summary>
public sealed class StreamServicesOf(TestEngine engine)
{
    public int SnapshotEveryEvents { get; init; } = 256;

    public int UserQueueLimit { get; init; } = 256;

    public IEngineStore Store { get; init; } = engine.Get<IEngineStore>();

    public Projector Projector { get; init; } = engine.Get<Projector>();

    public StreamServices Build() => new(
        Store,
        engine.Get<EventCodecSource>(),
        engine.Get<ICatalogue>(),
        Projector,
        engine.Get<ServedModels>(),
        engine.Get<EngineMetrics>(),
        Options.Create(new EngineOptions { SnapshotEveryEvents = SnapshotEveryEvents, UserQueueLimit = UserQueueLimit }),
        TimeProvider.System,
        engine.Get<ILogger<EventStream>>());
}

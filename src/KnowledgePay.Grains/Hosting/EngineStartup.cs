using KnowledgePay.Grains.Access;
using KnowledgePay.Grains.Catalogue;
using KnowledgePay.Grains.Events;
using KnowledgePay.Grains.Projections;
using KnowledgePay.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;

namespace KnowledgePay.Grains.Hosting;

/// <summary>Opens the store, loads what every decision reads, and brings the projections to the journal's head, before the silo takes a call.</summary>
public sealed partial class EngineStartup(
    IEngineStore store,
    EventCodecSource codec,
    StoredFormats formats,
    SiloProcesses processes,
    QuoteTokenKeys quoteKeys,
    AccessKeyRing keys,
    CatalogueStore catalogue,
    Projector projector,
    EngineStatus status,
    EngineMetrics metrics,
    IHostApplicationLifetime lifetime,
    ILogger<EngineStartup> logger) : ILifecycleParticipant<ISiloLifecycle>
{
    /// <summary>Starts before the silo takes calls; stops after its grains have written their snapshots.</summary>
    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(EngineStartup), ServiceLifecycleStage.ApplicationServices, Start, Stop);

    private async Task Start(CancellationToken cancellationToken)
    {
        await store.Open(cancellationToken);
        // A process that may not write is of no use, and its grains must not go on believing in themselves: whoever watches over it starts another.
        store.PartitionLost.UnsafeRegister(
            static host =>
            {
                Environment.ExitCode = 1;
                ((IHostApplicationLifetime)host!).StopApplication();
            },
            lifetime);
        await codec.Open(store, cancellationToken);
        await formats.Open(processes.Own, cancellationToken);
        await quoteKeys.Open(store, cancellationToken);
        string? operatorKey = await keys.Load(cancellationToken);
        await catalogue.Load(cancellationToken);
        await projector.Start(cancellationToken);
        metrics.Observe("kpay.projection.lag", "{row}", "Journal rows that the projections have yet to see.", () => status.ProjectionLag);
        metrics.Observe("kpay.catalogue.version", "{version}", "Version of the catalogue snapshot.", () => catalogue.Current.Version);
        metrics.Observe("kpay.catalogue.courses", "{course}", "Courses in the snapshot.", () => catalogue.Current.Courses.Length);
        metrics.Observe("kpay.access.version", "{version}", "Version of the access keys.", () => keys.DocumentVersion);
        metrics.Observe("kpay.partition", "{partition}", "The journal partition that this process writes.", () => store.Journal.Partition);
        metrics.Observe("kpay.events.format", "{format}", "Format in which this process stores events.", () => codec.Codec.Writes);
        metrics.Observe("kpay.store.available", "{bool}", "1 while the store takes writes.", () => status.IsStoreAvailable ? 1 : 0);
        status.IsOpen = true;
        LogReady(catalogue.Current.Courses.Length, catalogue.Current.Products.Length, projector.Applied);
        if (operatorKey is not null)
        {
            // To the terminal of whoever starts it first, and to no log.
            await Console.Out.WriteLineAsync($"The operator's first key, shown this once: {operatorKey}");
        }
    }

    private async Task Stop(CancellationToken cancellationToken)
    {
        status.IsOpen = false;
        await projector.DisposeAsync();
        await store.DisposeAsync();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Ready: {Courses} courses, {Products} partner products, journal at {Offset}.")]
    private partial void LogReady(int courses, int products, long offset);
}

/// <summary>Whether this silo can serve.</summary>
public sealed class EngineStatus(Projector projector, OtherPartitions others) : IEngineStatus
{
    public bool IsReady => IsOpen && !IsDraining;

    /// <summary>Between the start of the engine and its end.</summary>
    public bool IsOpen { get; set; }

    public bool IsDraining { get; set; }

    public bool IsStoreAvailable { get; set; } = true;

    public long ProjectionLag => projector.Waiting + others.Lag;
}

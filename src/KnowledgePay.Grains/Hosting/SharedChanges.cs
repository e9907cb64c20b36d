using KnowledgePay.Contracts.Grains;
using KnowledgePay.Grains.Access;
using KnowledgePay.Grains.Catalogue;
using KnowledgePay.Grains.Events;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Grains.Hosting;

/// <summary>Brings what other silos changed, the catalogue and the access keys, to this one, and what format they read: a poll of versions, several times a second.</summary>
public sealed partial class SharedChanges(
    CatalogueStore catalogue,
    AccessKeyRing keys,
    StoredFormats formats,
    SiloProcesses processes,
    EngineStatus status,
    IOptions<EngineOptions> options,
    TimeProvider time,
    ILogger<SharedChanges> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(options.Value.Cluster.RefreshMilliseconds), time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (!status.IsOpen)
            {
                continue;
            }

            try
            {
                await catalogue.Load(stoppingToken);
                await keys.Refresh(stoppingToken);
                if (!formats.IsRaised)
                {
                    await formats.Refresh(processes.IsAlive(), stoppingToken);
                }

                status.IsStoreAvailable = true;
            }
            catch (StoreUnavailableException e)
            {
                // What is in memory goes on being served.
                if (status.IsStoreAvailable)
                {
                    LogFailed(e);
                }

                status.IsStoreAvailable = false;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                LogFailed(e);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Changes of other silos cannot be read; it is tried again.")]
    private partial void LogFailed(Exception e);
}

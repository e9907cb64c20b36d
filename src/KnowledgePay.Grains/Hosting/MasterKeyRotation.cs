using KnowledgePay.Contracts.Grains;
using KnowledgePay.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Grains.Hosting;

/// <summary>Where previous master keys are configured: wraps by the present one what they wrapped, once, beside the work.</summary>
public sealed partial class MasterKeyRotation(IEngineStore store, IEngineStatus status, IOptions<EngineOptions> options, TimeProvider time, ILogger<MasterKeyRotation> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.Security.PreviousMasterKeys.Length == 0)
        {
            return;
        }

        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (status.IsReady)
                {
                    LogRewrapped(await store.Keys.Rewrap(stoppingToken));
                    return;
                }
            }
            catch (StoreUnavailableException e)
            {
                LogFailed(e);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Everything is wrapped by the present master key ({Count} boxes were not). Once every process has said so, PreviousMasterKeys can be taken out of the settings.")]
    private partial void LogRewrapped(long count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Wrapping by the present master key was interrupted; it goes on in a moment.")]
    private partial void LogFailed(Exception e);
}

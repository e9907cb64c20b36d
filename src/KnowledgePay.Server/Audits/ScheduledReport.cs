using KnowledgePay.Contracts.Grains;
using KnowledgePay.Server.Hosting;

namespace KnowledgePay.Server.Audits;

/// <summary>An audit on a schedule, on one silo of all. Every silo has the last report, for its metrics.</summary>
/// <param name="name">Of the audit.</param>
public abstract partial class ScheduledReport<TReport>(string name, TimeSpan every, ScheduledTurns turns, TimeProvider time, ILogger logger) : BackgroundService
    where TReport : class
{
    private const string TurnKind = "audit-schedule";

    private TReport? _last;

    /// <summary>The last report; null before the first.</summary>
    protected TReport? Last => Volatile.Read(ref _last);

    /// <summary>Makes a report now, and keeps it.</summary>
    protected abstract Task<TReport> Make(CancellationToken cancellation);

    /// <summary>What is kept.</summary>
    protected abstract Task<TReport?> Read(CancellationToken cancellation);

    /// <summary>Says in the log what somebody should look at.</summary>
    protected abstract void Warn(TReport report);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(ScheduledTurns.LookEvery(every), time);
        try
        {
            do
            {
                try
                {
                    TReport? report = await turns.Take(TurnKind, name, every, stoppingToken) ? await Make(stoppingToken) : null;
                    if (report is not null)
                    {
                        Warn(report);
                    }

                    Volatile.Write(ref _last, report ?? await Read(stoppingToken));
                }
                catch (Exception e) when (e is StoreUnavailableException or InvalidDataException)
                {
                    LogSkipped(logger, e, name);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The scheduled audit '{Name}' waits: the store does not answer.")]
    private static partial void LogSkipped(ILogger logger, Exception e, string name);
}

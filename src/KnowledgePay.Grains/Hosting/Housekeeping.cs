using KnowledgePay.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Grains.Hosting;

/// <summary>Once an hour, deletes what is past its retention (decision records and answers to idempotency keys) and clears what deleted keys may have left.</summary>
public sealed partial class Housekeeping(IEngineStore store, IOptions<EngineOptions> options, TimeProvider time, ILogger<Housekeeping> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                DateTimeOffset now = time.GetUtcNow();
                int chunks = await store.Decisions.DeleteBefore(now.AddDays(-options.Value.DecisionRetentionDays), stoppingToken);
                int answers = await store.Idempotency.DeleteBefore(now.AddDays(-options.Value.IdempotencyRetentionDays), stoppingToken);
                await store.Keys.Scrub(stoppingToken);
                LogDeleted(chunks, answers);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                LogFailed(e);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Past their retention and deleted: {Chunks} decision chunks, {Answers} idempotent answers.")]
    private partial void LogDeleted(int chunks, int answers);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Deleting what is past its retention failed; it is tried again in an hour.")]
    private partial void LogFailed(Exception e);
}

using KnowledgePay.Server.Hosting;
using KnowledgePay.Storage;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Server.Idempotency;

/// <summary>Forgets answers that are past their time, once an hour.</summary>
public sealed partial class IdempotencyRetention(IServiceProvider services, TimeProvider time, IOptions<HttpLimits> limits, ILogger<IdempotencyRetention> logger)
    : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                IEngineStore store = services.GetRequiredService<IEngineStore>();
                int forgotten = await store.Idempotency.DeleteBefore(time.GetUtcNow().AddHours(-limits.Value.IdempotencyHours), stoppingToken);
                LogForgotten(logger, forgotten);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                LogFailed(logger, e);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Debug, "Forgot {Count} answers under idempotency keys.")]
    private static partial void LogForgotten(ILogger logger, int count);

    [LoggerMessage(2, LogLevel.Warning, "Answers under idempotency keys could not be forgotten; tried again in an hour.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}

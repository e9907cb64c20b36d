using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Grains.Hosting;

/// <summary>Ends a process that does not end by itself in the time that a stop may take, as when the database is gone for good: whoever watches over it can start another.</summary>
/// <remarks>Nothing that was acknowledged is lost by it: what was not written yet was not acknowledged, and the next start replays what the snapshots lack.</remarks>
public sealed partial class StopDeadline : IHostedService, IDisposable
{
    /// <summary>Beyond the time that the host gives to its parts, for what is disposed of after them.</summary>
    private static readonly TimeSpan Beyond = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _ended = new();
    private readonly IHostApplicationLifetime _lifetime;
    private readonly TimeSpan _limit;
    private readonly TimeProvider _time;
    private readonly ILogger<StopDeadline> _logger;

    public StopDeadline(IHostApplicationLifetime lifetime, IOptions<HostOptions> options, TimeProvider time, ILogger<StopDeadline> logger)
    {
        (_lifetime, _limit, _time, _logger) = (lifetime, options.Value.ShutdownTimeout + Beyond, time, logger);
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _lifetime.ApplicationStopping.Register(() => _ = Task.Run(Watch, CancellationToken.None));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _ended.Cancel();
        _ended.Dispose();
    }

    private async Task Watch()
    {
        try
        {
            await Task.Delay(_limit, _time, _ended.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            return;
        }

        LogEnding(_limit);
        Environment.Exit(1);
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "The process has not stopped in {Limit} and is ended as it is. What was acknowledged is in the database.")]
    private partial void LogEnding(TimeSpan limit);
}

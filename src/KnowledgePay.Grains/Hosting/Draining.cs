using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Grains.Hosting;

/// <summary>The first step of a stop in a cluster: the silo says that it is not ready and goes on serving until proxies have seen it.</summary>
/// <remarks>After it the web server finishes the requests that it has, then the grains write their snapshots and move, then the silo leaves.</remarks>
public sealed partial class Draining(EngineStatus status, IOptions<EngineOptions> options, TimeProvider time, ILogger<Draining> logger) : IHostedLifecycleService
{
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        status.IsDraining = true;
        var period = TimeSpan.FromMilliseconds(options.Value.Cluster.DrainMilliseconds);
        LogDraining(period);
        await Task.Delay(period, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(Level = LogLevel.Information, Message = "Draining for {Period}: not ready from here, still serving.")]
    private partial void LogDraining(TimeSpan period);
}

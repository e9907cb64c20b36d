using KnowledgePay.Contracts.Grains;
using KnowledgePay.Grains.Models;

namespace KnowledgePay.Server.Models;

/// <summary>Keeps the silo on the versions that are promoted: loads them at the start, and within a second of a promotion on any silo.</summary>
public sealed partial class ChampionModels(ModelStore models, ServedModels served, TimeProvider time, ILogger<ChampionModels> logger) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private long _seen;
    private (int Version, string Sha256)? _serving;

    /// <summary>Serves what is promoted now. A version that cannot be read leaves the one before in place.</summary>
    public async Task Refresh(CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            long change = await models.Change(_seen, cancellation);
            if (change == _seen)
            {
                return;
            }

            ModelVersion? champion = (await models.List(ModelKinds.Recommender, cancellation)).FirstOrDefault(v => v.Status == ModelStatus.Champion);
            if (champion is not null && _serving != (champion.Version, champion.Sha256))
            {
                served.Recommender = RecommenderTraining.Open(champion, await models.Read(champion, cancellation));
                _serving = (champion.Version, champion.Sha256);
                LogServing(logger, champion.Kind, champion.Algorithm, champion.Version);
            }

            _seen = change;
        }
        finally
        {
            _turn.Release();
        }
    }

    public override void Dispose()
    {
        _turn.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery, time);
        bool failing = false;
        try
        {
            do
            {
                try
                {
                    await Refresh(stoppingToken);
                    failing = false;
                }
                catch (Exception e) when (e is StoreUnavailableException or InvalidDataException or Learning.Files.InputException)
                {
                    if (!failing)
                    {
                        LogNotRead(logger, e);
                        failing = true;
                    }
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Serving {Kind} {Algorithm} version {Version}.")]
    private static partial void LogServing(ILogger logger, string kind, string algorithm, int version);

    [LoggerMessage(2, LogLevel.Error, "The promoted model could not be read; the one before goes on serving.")]
    private static partial void LogNotRead(ILogger logger, Exception e);
}

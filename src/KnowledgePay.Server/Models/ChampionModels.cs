using System.Diagnostics.Metrics;
using KnowledgePay.Contracts.Grains;
using KnowledgePay.Grains.Hosting;

namespace KnowledgePay.Server.Models;

/// <summary>Keeps the silo on the versions that are promoted: loads them at the start, and within a second of a promotion on any silo.</summary>
public sealed partial class ChampionModels(ModelStore models, ModelTrainings trainings, EngineMetrics metrics, TimeProvider time, ILogger<ChampionModels> logger) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private long _seen;
    private readonly Dictionary<string, (int Version, string Sha256)> _serving = new(StringComparer.Ordinal);
    private Measurement<double>[] _versions = [];
    private readonly Dictionary<string, (int Version, ModelTrial Trial)> _trying = new(StringComparer.Ordinal);

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

            IReadOnlyList<ModelVersion> all = await models.All(cancellation);
            foreach (ModelVersion champion in all.Where(v => v.Status == ModelStatus.Champion))
            {
                if (trainings.Of(champion.Kind) is { } training && (!_serving.TryGetValue(champion.Kind, out (int, string) serving) || serving != (champion.Version, champion.Sha256)))
                {
                    training.Serve(champion, await models.Read(champion, cancellation));
                    _serving[champion.Kind] = (champion.Version, champion.Sha256);
                    Volatile.Write(ref _versions, [.. _serving.Select(one => new Measurement<double>(one.Value.Version, new KeyValuePair<string, object?>("kind", one.Key)))]);
                    LogServing(logger, champion.Kind, champion.Algorithm, champion.Version);
                }
            }

            foreach (string kind in trainings.Kinds)
            {
                await RefreshTrial(trainings.Of(kind)!, all.FirstOrDefault(v => v.Kind == kind && v.Status == ModelStatus.Challenger), cancellation);
            }

            _seen = change;
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task RefreshTrial(IModelTraining training, ModelVersion? challenger, CancellationToken cancellation)
    {
        if (challenger is not { Trial: { } trial })
        {
            if (_trying.Remove(training.Kind))
            {
                training.Try(null, []);
                LogTrialEnded(logger, training.Kind);
            }
        }
        else if (!_trying.TryGetValue(training.Kind, out (int Version, ModelTrial Trial) trying) || trying != (challenger.Version, trial))
        {
            training.Try(challenger, await models.Read(challenger, cancellation));
            _trying[training.Kind] = (challenger.Version, trial);
            LogTrying(logger, challenger.Kind, challenger.Algorithm, challenger.Version, trial.Share);
        }
    }

    public override void Dispose()
    {
        _turn.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        metrics.ObserveEach("kpay.model.version", "{version}", "Version of each kind of model that this silo serves.", () => Volatile.Read(ref _versions));
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

    [LoggerMessage(3, LogLevel.Information, "Trying {Kind} {Algorithm} version {Version} on a share of {Share} of the people.")]
    private static partial void LogTrying(ILogger logger, string kind, string algorithm, int version, double share);

    [LoggerMessage(4, LogLevel.Information, "No {Kind} is on trial any more.")]
    private static partial void LogTrialEnded(ILogger logger, string kind);

    [LoggerMessage(2, LogLevel.Error, "The promoted model could not be read; the one before goes on serving.")]
    private static partial void LogNotRead(ILogger logger, Exception e);
}

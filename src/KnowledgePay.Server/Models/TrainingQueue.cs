using System.Threading.Channels;
using KnowledgePay.Learning.Files;
using KnowledgePay.Storage;

namespace KnowledgePay.Server.Models;

/// <summary>Runs trainings one after another, beside the serving, and keeps how far each is.</summary>
public sealed partial class TrainingQueue(
    ModelStore models, ModelTrainings trainings, ModelPromotion promotion, IEngineStore store, TimeProvider time, ILogger<TrainingQueue> logger) : BackgroundService
{
    /// <summary>Runs that may wait.</summary>
    public const int MostWaiting = 16;

    private static readonly TimeSpan NoteEvery = TimeSpan.FromMilliseconds(500);

    private readonly Channel<TrainingRun> _waiting = Channel.CreateBounded<TrainingRun>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.Wait });

    private int Owner => store.Journal.Partition;

    /// <summary>Takes a run into the queue; false when that is full, and nothing was kept then.</summary>
    public async Task<bool> TryAdd(TrainingRun run, CancellationToken cancellation)
    {
        // Known before it runs, so that nobody who was given its id is told that there is none.
        await models.Put(run, Owner, cancellation);
        if (_waiting.Writer.TryWrite(run))
        {
            return true;
        }

        await models.Put(run with { Status = TrainingStatus.Failed, Reason = "The queue of training runs is full.", FinishedAt = time.GetUtcNow() }, Owner, CancellationToken.None);
        return false;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            foreach (TrainingRun left in await models.Unfinished(Owner, stoppingToken))
            {
                await models.Put(
                    left with { Status = TrainingStatus.Failed, Reason = "The process stopped before the run was done; start it again.", FinishedAt = time.GetUtcNow() }, Owner, stoppingToken);
            }

            await foreach (TrainingRun run in _waiting.Reader.ReadAllAsync(stoppingToken))
            {
                await Run(run, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The next start says of what was left that it stopped.
        }
    }

    private async Task Run(TrainingRun run, CancellationToken cancellation)
    {
        run = run with { Status = TrainingStatus.Running, StartedAt = time.GetUtcNow(), Stage = "reading the journal" };
        await models.Put(run, Owner, cancellation);
        try
        {
            using var noting = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            (double Share, string Stage) now = (0, run.Stage!);
            Task notes = Note(run, () => now, noting.Token);
            LearnedModel learned;
            try
            {
                IModelTraining training = trainings.Of(run.Kind)!;
                void Report(double share, string stage) => now = (share, stage);
                learned = run.From is { } from && await models.Find(run.Kind, from, cancellation) is { } earlier
                    ? await training.Refit(earlier, await models.Read(earlier, cancellation), run.Seed, Report, cancellation)
                    : await training.Learn(run.Algorithm, run.Seed, Report, cancellation);
            }
            finally
            {
                await noting.CancelAsync();
                await notes;
            }

            ModelVersion version = await models.Add(number => Card(run, learned, number), learned.Bytes, cancellation);
            run = run with { Version = version.Version, Report = learned.Report };
            if (run.Promote)
            {
                run = run with { Reason = (await promotion.Promote(version, run.RequestedBy, null, cancellation)).Problem?.Detail };
            }

            await models.Put(run with { Status = TrainingStatus.Succeeded, Progress = 1, Stage = "done", FinishedAt = time.GetUtcNow() }, Owner, cancellation);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            if (e is not InputException)
            {
                LogFailed(logger, e, run.Kind, run.Algorithm);
            }

            string reason = e is InputException ? e.Message : "The run failed; the server's log says why.";
            await models.Put(run with { Status = TrainingStatus.Failed, Reason = reason, FinishedAt = time.GetUtcNow() }, Owner, CancellationToken.None);
        }
    }

    private async Task Note(TrainingRun run, Func<(double Share, string Stage)> now, CancellationToken cancellation)
    {
        (double, string) before = default;
        try
        {
            while (true)
            {
                await Task.Delay(NoteEvery, time, cancellation);
                (double share, string stage) = now();
                if ((share, stage) != before)
                {
                    await models.Put(run with { Progress = Math.Round(share, 3), Stage = stage }, Owner, cancellation);
                    before = (share, stage);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over, and whoever ran it notes that.
        }
    }

    private ModelVersion Card(TrainingRun run, LearnedModel learned, int number) => new()
    {
        Kind = run.Kind,
        Version = number,
        Algorithm = run.Algorithm,
        Status = ModelStatus.Candidate,
        CreatedAt = time.GetUtcNow(),
        CreatedBy = run.RequestedBy,
        TrainingRunId = run.Id,
        IntendedUse = trainings.Of(run.Kind)!.IntendedUse,
        Limitations = trainings.Of(run.Kind)!.Limitations,
        TrainedOn = learned.TrainedOn,
        Metrics = learned.Metrics,
        Baseline = learned.Baseline,
        Refit = learned.Refit,
        Bytes = learned.Bytes.Length,
        Sha256 = learned.Sha256,
        Report = learned.Report,
    };

    [LoggerMessage(1, LogLevel.Error, "A training run of {Kind} by {Algorithm} failed.")]
    private static partial void LogFailed(ILogger logger, Exception e, string kind, string algorithm);
}

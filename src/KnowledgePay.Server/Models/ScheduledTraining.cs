using System.ComponentModel.DataAnnotations;
using KnowledgePay.Contracts.Grains;
using KnowledgePay.Server.Hosting;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Server.Models;

/// <summary>When models are learned anew without anybody asking.</summary>
public sealed class ScheduledTrainingOptions
{
    public const string Section = "KnowledgePay:Models";

    /// <summary>Time from one training of a kind to the next, 1 second to 365 days; never when left out.</summary>
    public TimeSpan? RefitEvery { get; set; }

    /// <summary>Kinds that are learned so, of those that the server learns from its journal, with commas between.</summary>
    [Required]
    public string RefitKinds { get; set; } = ModelKinds.Recommender;

    /// <summary>How often in a row a scheduled training goes on from the version that serves, where its kind can, before one learns anew with settings chosen again. 0 to 1000.</summary>
    /// <remarks>What somebody who is erased gave to learned parameters fades with each refit and is gone with the next learning.</remarks>
    [Range(0, 1000)]
    public int RefitsBeforeLearningAnew { get; set; } = 9;

    /// <summary><see cref="RefitKinds"/>, one by one.</summary>
    public string[] Kinds => RefitKinds.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>Learns models anew from the journal on a schedule, and promotes each that passes its gate: one that does worse on what it did not see than what serves without it never serves.</summary>
public sealed partial class ScheduledTraining(
    TrainingQueue queue, ModelTrainings trainings, ModelStore models, ScheduledTurns turns, IOptions<ScheduledTrainingOptions> options, TimeProvider time, ILogger<ScheduledTraining> logger) : BackgroundService
{
    /// <summary>Who asked, in the runs and cards that come of it.</summary>
    public const string Schedule = "schedule";

    private const string TurnKind = "model-schedule";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.RefitEvery is not { } every)
        {
            return;
        }

        using var timer = new PeriodicTimer(ScheduledTurns.LookEvery(every), time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                foreach (string kind in options.Value.Kinds)
                {
                    try
                    {
                        if (trainings.Of(kind) is { } training && await turns.Take(TurnKind, kind, every, stoppingToken))
                        {
                            await queue.TryAdd(await Run(training, stoppingToken), stoppingToken);
                        }
                    }
                    catch (StoreUnavailableException e)
                    {
                        LogSkipped(logger, e, kind);
                    }
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    /// <summary>By the algorithm that somebody chose to serve, going on from that version where this can be.</summary>
    private async Task<TrainingRun> Run(IModelTraining training, CancellationToken cancellation)
    {
        ModelVersion? champion = (await models.List(training.Kind, cancellation)).FirstOrDefault(version => version.Status == ModelStatus.Champion && training.Algorithms.Contains(version.Algorithm));
        return new TrainingRun
        {
            Id = TrainingRun.NewId(),
            Kind = training.Kind,
            Algorithm = champion?.Algorithm ?? training.DefaultAlgorithm,
            From = training.CanRefit && champion is { TrainedOn.To: not null } && (champion.Refit?.Count ?? 0) < options.Value.RefitsBeforeLearningAnew ? champion.Version : null,
            Seed = 1,
            Promote = true,
            Status = TrainingStatus.Queued,
            Progress = 0,
            RequestedAt = time.GetUtcNow(),
            RequestedBy = Schedule,
        };
    }

    [LoggerMessage(1, LogLevel.Warning, "The scheduled training of {Kind} waits: the store does not answer.")]
    private static partial void LogSkipped(ILogger logger, Exception e, string kind);
}

/// <summary>Checks what attributes cannot say.</summary>
public sealed class ScheduledTrainingOptionsValidator : IValidateOptions<ScheduledTrainingOptions>
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(365);
    private static readonly string[] Learned = [ModelKinds.Recommender, ModelKinds.Sentiment, ModelKinds.Segmenter, ModelKinds.Risk, ModelKinds.Fraud, ModelKinds.Demand, ModelKinds.Uplift, ModelKinds.Premium];

    public ValidateOptionsResult Validate(string? name, ScheduledTrainingOptions options)
    {
        if (options.RefitEvery is { } every && (every < Shortest || every > Longest))
        {
            return ValidateOptionsResult.Fail($"{ScheduledTrainingOptions.Section}:RefitEvery is {every}; expected {Shortest} to {Longest.TotalDays} days.");
        }

        return options.Kinds.Except(Learned).FirstOrDefault() is { } unknown
            ? ValidateOptionsResult.Fail($"{ScheduledTrainingOptions.Section}:RefitKinds names '{unknown}'; expected some of {string.Join(", ", Learned)}.")
            : ValidateOptionsResult.Success;
    }
}

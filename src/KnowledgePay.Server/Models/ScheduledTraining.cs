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

    /// <summary><see cref="RefitKinds"/>, one by one.</summary>
    public string[] Kinds => RefitKinds.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>Learns models anew from the journal on a schedule, and promotes each that passes its gate: one that does worse on what it did not see than what serves without it never serves.</summary>
public sealed partial class ScheduledTraining(
    TrainingQueue queue, ModelTrainings trainings, ScheduledTurns turns, IOptions<ScheduledTrainingOptions> options, TimeProvider time, ILogger<ScheduledTraining> logger) : BackgroundService
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
                            await queue.TryAdd(Run(training), stoppingToken);
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

    private TrainingRun Run(IModelTraining training) => new()
    {
        Id = "run_" + Guid.NewGuid().ToString("N"),
        Kind = training.Kind,
        Algorithm = training.DefaultAlgorithm,
        Seed = 1,
        Promote = true,
        Status = TrainingStatus.Queued,
        Progress = 0,
        RequestedAt = time.GetUtcNow(),
        RequestedBy = Schedule,
    };

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

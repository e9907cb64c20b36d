using KnowledgePay.Learning.Premium;
using KnowledgePay.Learning.Risk;
using KnowledgePay.Learning.Uplift;

namespace KnowledgePay.Server.Audits;

/// <summary>How far a score or an attribute has moved since the model learned.</summary>
/// <param name="Name"><c>score</c>, or an attribute.</param>
/// <param name="StabilityIndex">Population stability index: Σ (now − then)·ln(now/then) over twentieths of then.</param>
/// <param name="Verdict"><c>stable</c>, <c>moved</c> (above 0.1) or <c>shifted</c> (above 0.25), once chance is taken off.</param>
/// <param name="MissingThen">Share without a value when the model learned.</param>
/// <param name="MissingNow">Share without a value in the recent stretch.</param>
public sealed record WatchedDrift(string Name, double StabilityIndex, string Verdict, double MissingThen, double MissingNow);

/// <summary>One kind of model, and how it does since it learned.</summary>
/// <param name="Kind"><c>risk</c>, <c>fraud</c>, <c>premium</c> or <c>uplift</c>.</param>
/// <param name="Model">What scores now.</param>
/// <param name="Version">Its version; null for what is built in.</param>
/// <param name="LearnedUpTo">The latest case that it learned from; null for what is built in.</param>
/// <param name="Cases">Applications for credit, payments, policies or offers, of all times.</param>
/// <param name="Calibration">Null where nothing has been scored since, or nothing gives probabilities.</param>
/// <param name="Outcomes">Null for premiums and uplift.</param>
/// <param name="Drift">Empty while either side has fewer than a hundred cases.</param>
public sealed record WatchedModel(
    string Kind, string Model, int? Version, DateTimeOffset? LearnedUpTo, int Cases, CalibrationFinding? Calibration, OutcomeLag? Outcomes, IReadOnlyList<WatchedDrift> Drift, IReadOnlyList<WatchAlarm> Alarms)
{
    /// <summary>Of premiums: whether claims came, and cost, what was expected; null for other kinds, and where there was no cover since.</summary>
    public PremiumFinding? Balance { get; init; }

    /// <summary>Of offers' uplift: whether showing them makes the difference that was expected; null for other kinds, and where too few were shown or held out since.</summary>
    public UpliftFinding? Difference { get; init; }
}

/// <summary>How the models of risk do since they learned.</summary>
public sealed record ModelWatchReport
{
    public required DateTimeOffset At { get; init; }

    public required IReadOnlyList<WatchedModel> Models { get; init; }
}

/// <summary>When models are watched.</summary>
public sealed class ModelWatchOptions
{
    public const string Section = "KnowledgePay:Watch";

    /// <summary>Time from one report to the next, 1 second to 365 days.</summary>
    public TimeSpan Every { get; set; } = TimeSpan.FromDays(1);

    /// <summary>The latest stretch, which is compared with what a model learned from, 1 hour to ten years.</summary>
    public TimeSpan Recent { get; set; } = TimeSpan.FromDays(30);
}

using System.Globalization;
using System.Text.Json.Serialization;
using KnowledgePay.Contracts.Partners;

namespace KnowledgePay.Server.Models;

/// <summary>Where a version stands.</summary>
public static class ModelStatus
{
    public const string Candidate = "candidate";
    public const string Champion = "champion";
    public const string Retired = "retired";

    /// <summary>On trial beside the champion.</summary>
    public const string Challenger = "challenger";
}

/// <summary>How well a model does on what learning did not see.</summary>
/// <param name="Cut">Length of a recommender's list.</param>
/// <param name="Recall">Of a recommender.</param>
/// <param name="Ndcg">Of a recommender.</param>
/// <param name="People">People with a part held out.</param>
public sealed record HoldoutMetrics(int? Cut, double? Recall, double? Ndcg, long People)
{
    /// <summary>Of a classifier: share that it gets right.</summary>
    public double? Accuracy { get; init; }

    /// <summary>Of a classifier: mean distance of its probabilities from what came true, 0 to 1.</summary>
    public double? CalibrationError { get; init; }

    /// <summary>Of a demand model: mean negative log-likelihood, in nats, of whether a quote was bought, for courses that it learned nothing from.</summary>
    public double? LogLoss { get; init; }

    /// <summary>Of segments: how much nearer people are to their own segment than to the next, −1 to 1.</summary>
    public double? Silhouette { get; init; }

    /// <summary>Of segments: mean adjusted Rand index with those that bootstrap samples of the people give, up to 1.</summary>
    public double? Stability { get; init; }

    /// <summary>Of a credit risk or fraud model: share of pairs of a good and a bad loan or payment that it puts in the right order, ties half.</summary>
    public double? AreaUnderCurve { get; init; }

    /// <summary>Of a credit risk or fraud model: least pass rate of a group divided by the greatest of another of its kind (gender, age).</summary>
    public double? LeastPassRatio { get; init; }

    /// <summary>Of an uplift model: its Qini coefficient × 100 on cases held out, 0 for a random order.</summary>
    public double? Qini { get; init; }

    /// <summary>Of an uplift model: the lower end of the coefficient's interval, wide enough for the best of so many learners. Above 0 who gains by an offer can be told from who does not.</summary>
    public double? QiniLow { get; init; }

    /// <summary>Of a premium model: Poisson deviance of held-out policies, as a share of that of one frequency for all; below 1 is better.</summary>
    public double? DevianceRatio { get; init; }

    /// <summary>Of a premium model: how well it tells who claims, the Gini index of the ordered Lorenz curve of held-out policies, 0 for no better than chance.</summary>
    public double? Gini { get; init; }
}

/// <summary>What a version was learned from.</summary>
/// <param name="Events">Events of the journal that were read.</param>
/// <param name="People">People whose events were of use and who let their data be used so.</param>
/// <param name="Courses">Courses that these were about.</param>
/// <param name="Interactions">Pairs of a person and a course that a recommender learned from.</param>
public sealed record TrainedOn(long Events, int People, int Courses, int Interactions, DateTimeOffset? From, DateTimeOffset? To)
{
    /// <summary>Of a recommender: what was made of the places of lists that things were taken from.</summary>
    public PlacesCorrected? Places { get; init; }

    /// <summary>Of a recommender: interactions that count more or less than others, for the place that they came from or for what came of them (completed, rated, money back).</summary>
    public int? Weighted { get; init; }

    /// <summary>Comments with stars, for the sentiment.</summary>
    public int? Comments { get; init; }

    /// <summary>Loans whose outcome is known, for the credit risk.</summary>
    public int? Loans { get; init; }

    /// <summary>Quotes that a demand model learned from.</summary>
    public long? Quotes { get; init; }

    /// <summary>Payments of which it is known whether they were charged back, for the fraud model.</summary>
    public int? Payments { get; init; }

    /// <summary>Offers, shown or held out, that an uplift model learned from.</summary>
    public int? Offers { get; init; }

    /// <summary>Insurance policies that a premium model learned from.</summary>
    public int? Policies { get; init; }
}

/// <summary>Place k of a list is looked at <c>k^(−exponent)</c> times as often as the first; what was taken from there counts the inverse, 10 at most.</summary>
/// <param name="Exponent">Learned from what was taken from places that exploration had chosen by chance; 0 for no bias, and where nothing is known of one.</param>
/// <param name="StandardError">Of the exponent; 0.5 is what is believed before anything is known.</param>
/// <param name="Observations">Explored courses that were opened or taken.</param>
public sealed record PlacesCorrected(double Exponent, double StandardError, int Observations);

/// <summary>A version's model card.</summary>
public sealed record ModelVersion
{
    public required string Kind { get; init; }

    /// <summary>1, 2, 3, … within the kind.</summary>
    public required int Version { get; init; }

    public required string Algorithm { get; init; }

    /// <summary>What decisions call it.</summary>
    [JsonIgnore]
    public string Name => string.Create(CultureInfo.InvariantCulture, $"{Algorithm}/{Version}");

    /// <summary><c>candidate</c>, <c>challenger</c> (on trial), <c>champion</c> (serving) or <c>retired</c>.</summary>
    public required string Status { get; init; }

    /// <summary>While it is a challenger: since when, and for how many.</summary>
    public ModelTrial? Trial { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Id of the key that asked for the training.</summary>
    public required string CreatedBy { get; init; }

    public DateTimeOffset? PromotedAt { get; init; }

    public string? PromotedBy { get; init; }

    /// <summary>Who let it serve though it does not pass its gate, and why: two operators' keys.</summary>
    public IReadOnlyList<GateOverride>? Overrides { get; init; }

    public required string TrainingRunId { get; init; }

    public required string IntendedUse { get; init; }

    public required IReadOnlyList<string> Limitations { get; init; }

    public required TrainedOn TrainedOn { get; init; }

    /// <summary>Null when there was too little to hold anything out.</summary>
    public HoldoutMetrics? Metrics { get; init; }

    /// <summary>What popularity alone (of a recommender), the lexicon (of the sentiment), the expert card (of the credit risk) the rolling risk as it stood (of the fraud model), the segments by rules (of the segmenter), the expert's priors (of the demand model) one frequency for all (of the premium) or a random order (of the uplift) give on the same held-out part: a version below it is not promoted.</summary>
    public HoldoutMetrics? Baseline { get; init; }

    /// <summary>The version that it went on from; null when it was learned anew.</summary>
    public RefitOf? Refit { get; init; }

    public required long Bytes { get; init; }

    /// <summary>Of the model's bytes, hexadecimal.</summary>
    public required string Sha256 { get; init; }

    /// <summary>The learner's report: data quality, settings that were tried, metrics, seconds.</summary>
    [JsonConverter(typeof(RawJsonConverter))]
    public required string Report { get; init; }
}

/// <summary>What a version went on from, and how the two compare on the newest interactions, of which neither has seen any.</summary>
/// <param name="From">The earlier version.</param>
/// <param name="Count">Refits since a version was learned anew, this one with them.</param>
/// <param name="Earlier">Figures of the earlier version there; null when nothing could be held out of what was new.</param>
/// <param name="Difference">Mean difference of the people's NDCG, this version less the earlier one.</param>
/// <param name="StandardError">Of that mean.</param>
public sealed record RefitOf(int From, int Count, HoldoutMetrics? Earlier, double? Difference, double? StandardError);

/// <summary>An operator's word that a version may serve though it does not pass its gate.</summary>
/// <param name="By">Id of the operator's key.</param>
public sealed record GateOverride(string By, DateTimeOffset At, string Reason);

/// <summary>What <c>POST /v1/models/{kind}/versions/{v}/promotion</c> may take.</summary>
public sealed record PromotionRequest
{
    /// <summary>Why the version should serve though it does not pass its gate; two operators must say so, each with a key of their own.</summary>
    public string? OverrideReason { get; init; }
}

/// <summary>A version in a list.</summary>
public sealed record ModelVersionSummary(int Version, string Algorithm, string Status, DateTimeOffset CreatedAt, HoldoutMetrics? Metrics);

/// <summary>A kind of model: what serves now, and its versions, newest first.</summary>
/// <param name="BuiltIn">What the engine decides by while no version is promoted.</param>
/// <param name="TrainedHere">Whether the server learns this kind from its journal.</param>
public sealed record ModelOfKind(string Kind, int? Serving, string BuiltIn, bool TrainedHere, IReadOnlyList<ModelVersionSummary> Versions);

/// <summary>All kinds.</summary>
public sealed record ModelList(IReadOnlyList<ModelOfKind> Models);

/// <summary>How far a training run is.</summary>
public static class TrainingStatus
{
    public const string Queued = "queued";
    public const string Running = "running";
    public const string Succeeded = "succeeded";
    public const string Failed = "failed";
}

/// <summary>A training run: asked for, under way, or done.</summary>
public sealed record TrainingRun
{
    public static string NewId() => "run_" + Guid.NewGuid().ToString("N");

    public required string Id { get; init; }

    public required string Kind { get; init; }

    public required string Algorithm { get; init; }

    public required long Seed { get; init; }

    /// <summary>Whether the version is promoted at once when it passes its gate.</summary>
    public required bool Promote { get; init; }

    /// <summary>The version that it goes on from; null when it learns anew.</summary>
    public int? From { get; init; }

    /// <summary><c>queued</c>, <c>running</c>, <c>succeeded</c> or <c>failed</c>.</summary>
    public required string Status { get; init; }

    /// <summary>0 to 1.</summary>
    public required double Progress { get; init; }

    /// <summary>What it does now, or did last.</summary>
    public string? Stage { get; init; }

    public required DateTimeOffset RequestedAt { get; init; }

    public required string RequestedBy { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>The version that it made.</summary>
    public int? Version { get; init; }

    /// <summary>Why it failed, or why the version was not promoted.</summary>
    public string? Reason { get; init; }

    /// <summary>The learner's report, once there is one.</summary>
    [JsonConverter(typeof(RawJsonConverter))]
    public string? Report { get; init; }
}

/// <summary>What <c>POST /v1/models/{kind}/training-runs</c> takes.</summary>
public sealed record TrainingRequest
{
    /// <summary>As <c>kpay learn</c> has them; for a recommender <c>ease</c> when left out, which takes seconds, while <c>auto</c> tries all and blends them, for minutes; for the sentiment <c>linear</c>, for the credit risk and the fraud <c>scorecard</c>, for the segmenter <c>kmeans</c>, for the demand <c>empirical-bayes</c>, for the uplift and the premium <c>auto</c>.</summary>
    public string? Algorithm { get; init; }

    public long? Seed { get; init; }

    /// <summary>Promote the version at once when it passes its gate.</summary>
    public bool? Promote { get; init; }

    /// <summary>Go on from the version that serves, with its algorithm and settings, instead of learning anew: a part of the time. Recommenders only.</summary>
    public bool? WarmStart { get; init; }
}

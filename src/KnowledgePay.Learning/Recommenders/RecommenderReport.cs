using System.Text.Json;
using System.Text.Json.Serialization;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Interactions;
using KnowledgePay.Learning.Ranking;
using KnowledgePay.Learning.Ratings;

namespace KnowledgePay.Learning.Recommenders;

/// <summary>One setting that was tried on the held-out part.</summary>
public sealed record Trial(string Algorithm, IReadOnlyDictionary<string, double> Settings, RankingMetrics Metrics, double Seconds);

/// <summary>How a refit compares with the model that it went on from, on the newest interactions, of which neither has seen any.</summary>
/// <param name="Since">What is later than this was new.</param>
/// <param name="NewInteractions">How many there were.</param>
/// <param name="Earlier">Figures of the earlier model; null when nothing could be held out of what was new.</param>
/// <param name="Difference">Mean difference of the people's NDCG, refit less earlier model.</param>
/// <param name="StandardError">Of that mean.</param>
public sealed record RefitComparison(DateTimeOffset Since, int NewInteractions, RankingMetrics? Earlier, double? Difference, double? StandardError)
{
    /// <summary>Whether the refit is worse by more than chance explains: two standard errors.</summary>
    public bool IsWorse => IsWorseBy(Difference, StandardError);

    /// <inheritdoc cref="IsWorse"/>
    public static bool IsWorseBy(double? difference, double? standardError) => difference < -2 * standardError;
}

/// <summary>What <c>report.json</c> says about a learned recommender.</summary>
public sealed record RecommenderReport
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly JsonSerializerOptions Compact = new(Json) { WriteIndented = false };

    public string Kind { get; init; } = RecommenderModel.Kind;

    public required string Algorithm { get; init; }

    public required ulong Seed { get; init; }

    public required InteractionQuality DataQuality { get; init; }

    /// <summary>How the held-out part was chosen: <c>latest 20 % by user, at most 5</c> or <c>random 20 % by user</c>.</summary>
    public required string Validation { get; init; }

    /// <summary>Cut of the metrics.</summary>
    public int MetricsAt { get; init; } = RecommenderLearning.ValidationCut;

    /// <summary>Figures on the held-out part of what was chosen; null when nothing could be held out.</summary>
    public RankingMetrics? Metrics { get; init; }

    /// <summary>Settings that the model was learned with, on all of the data.</summary>
    public required IReadOnlyDictionary<string, double> Chosen { get; init; }

    /// <summary>By the length of a history up to which it holds: the weight of popularity beside the model, both standardised.</summary>
    public IReadOnlyDictionary<string, double> ShortHistories { get; init; } = new Dictionary<string, double>();

    /// <summary>Of a blend, by the length of a history up to which they hold: the weights of its parts where they are not those of <see cref="Chosen"/>.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>>? ShortBlends { get; init; }

    /// <summary>By modality of what is known about items (<c>words</c>, and vectors given from outside): how much it weighs in the likeness of two items. Null where there are only words.</summary>
    public IReadOnlyDictionary<string, double>? Modalities { get; init; }

    /// <summary>Of a refit.</summary>
    public RefitComparison? Refit { get; init; }

    public IReadOnlyList<Trial> Trials { get; init; } = [];

    /// <summary>Figures on held-out ratings, where ratings are learned.</summary>
    public IReadOnlyList<RatingTrial>? RatingTrials { get; init; }

    public IReadOnlyList<string> Warnings { get; init; } = [];

    public required double Seconds { get; init; }

    public void Save(string directory) => Save(directory, this);

    /// <summary>What <c>report.json</c> holds, on one line.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Compact);

    internal static void Save<T>(string directory, T report)
    {
        string path = Path.Combine(directory, "report.json");
        try
        {
            File.WriteAllText(path, JsonSerializer.Serialize(report, Json) + "\n");
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new WorkFailedException($"{path}: cannot be written. {refused.Message}");
        }
    }
}

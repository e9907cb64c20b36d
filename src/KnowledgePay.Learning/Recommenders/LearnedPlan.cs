using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Ranking;

namespace KnowledgePay.Learning.Recommenders;

/// <summary>What validation decided to learn: one learner, or several with weights.</summary>
internal sealed class LearnedPlan
{
    private readonly (IRecommenderLearner Learner, Hyperparameters Settings)[] _parts;

    // By part what validation learned; empty where nothing could be held out, and of an earlier plan.
    private readonly IHistoryScorer[] _validated;

    // Null for one learner by itself, whose scores are taken as they are.
    private readonly float[]? _weights;

    private LearnedPlan(
        (IRecommenderLearner Learner, Hyperparameters Settings)[] parts, IHistoryScorer[] validated, float[]? weights, RankingMetrics? metrics, IReadOnlyDictionary<string, double> chosen)
    {
        (_parts, _validated, _weights, Metrics, Chosen) = (parts, validated, weights, metrics, chosen);
    }

    private ShortBlend[] OfShort { get; init; } = [];

    /// <summary>Whether the learners have weights.</summary>
    public bool IsBlend => _weights is not null;

    /// <summary>Figures on the held-out part; null when nothing could be held out.</summary>
    public RankingMetrics? Metrics { get; }

    /// <summary>Settings, and weights of a blend, by name.</summary>
    public IReadOnlyDictionary<string, double> Chosen { get; }

    /// <summary>What validation learned of the part that was not held out; null where nothing could be.</summary>
    public IHistoryScorer? Validated => _validated.Length == 0 ? null : Joined(_validated);

    public static LearnedPlan Of(Tuned chosen) =>
        new([(chosen.Learner, chosen.Settings)], chosen.Scorer is null ? [] : [chosen.Scorer], null, chosen.Metrics, chosen.Settings.Values);

    public static LearnedPlan Blend(Tuned[] parts, float[] weights, RankingMetrics metrics)
    {
        var chosen = new SortedDictionary<string, double>(StringComparer.Ordinal);
        var kept = new List<(IRecommenderLearner, Hyperparameters)>();
        for (int p = 0; p < parts.Length; p++)
        {
            string name = parts[p].Learner.Algorithm;
            chosen[$"{name}.weight"] = Math.Round(weights[p], 4);
            if (weights[p] != 0)
            {
                kept.Add((parts[p].Learner, parts[p].Settings));
                foreach ((string setting, double value) in parts[p].Settings.Values)
                {
                    chosen[$"{name}.{setting}"] = value;
                }
            }
        }

        float[] used = [.. weights.Where(weight => weight != 0)];
        return new LearnedPlan([.. kept], [.. parts.Where((_, p) => weights[p] != 0).Select(part => part.Scorer!)], used, metrics, chosen);
    }

    /// <summary>The plan by which an earlier model was learned.</summary>
    /// <param name="learners">All of which a blend may consist, in the order in which blends hold them.</param>
    /// <returns>Null where the model does not have the parts that are said of it.</returns>
    public static LearnedPlan? Of(EarlierRecommender earlier, IHistoryScorer scorer, IRecommenderLearner alone, IReadOnlyList<IRecommenderLearner> learners)
    {
        const string weight = ".weight";
        // One learner's settings have no prefix; what learns a blend by itself, as the hybrid does, is one learner too.
        if (!earlier.Chosen.Keys.Any(key => key.EndsWith(weight, StringComparison.Ordinal)))
        {
            return new LearnedPlan([(alone, Hyperparameters.None.With(earlier.Chosen))], [], null, null, earlier.Chosen);
        }

        var parts = new List<(IRecommenderLearner, Hyperparameters)>();
        foreach (IRecommenderLearner learner in learners.Where(one => earlier.Chosen.GetValueOrDefault(one.Algorithm + weight) != 0))
        {
            string prefix = learner.Algorithm + ".";
            parts.Add((learner, Hyperparameters.None.With(earlier.Chosen
                .Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal) && pair.Key != learner.Algorithm + weight)
                .ToDictionary(pair => pair.Key[prefix.Length..], pair => pair.Value))));
        }

        return scorer is BlendScorer blend && blend.Parts.Length == parts.Count ? new LearnedPlan([.. parts], [], blend.Weights, null, earlier.Chosen) { OfShort = blend.Shorter } : null;
    }

    public IHistoryScorer Fit(TrainingData data) => Joined([.. _parts.Select(part => part.Learner.Fit(data, part.Settings))]);

    /// <summary>Learns with the same settings and weights, each part from where it was if it can. What is solved exactly is solved again.</summary>
    public IHistoryScorer Refit(TrainingData data, EarlierFit earlier)
    {
        IHistoryScorer[] before = _weights is null ? [earlier.Scorer] : ((BlendScorer)earlier.Scorer).Parts;
        return Joined([.. _parts.Select((part, p) => Refit(part, data, earlier.Of(before[p])))]);
    }

    /// <summary>The same with other weights for short histories.</summary>
    public LearnedPlan With(ShortBlend[] shorter) => new(_parts, _validated, _weights, Metrics, Chosen) { OfShort = shorter };

    /// <summary>By algorithm its weight for histories of up to so many items.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>>? Shorter => OfShort.Length == 0 ? null : OfShort.ToDictionary(
        one => one.UpTo.ToString(System.Globalization.CultureInfo.InvariantCulture),
        one => (IReadOnlyDictionary<string, double>)_parts.Zip(one.Weights).ToDictionary(pair => pair.First.Learner.Algorithm, pair => Math.Round(pair.Second, 4)));

    /// <summary>What was learned of the parts, as one model.</summary>
    public IHistoryScorer Joined(IHistoryScorer[] parts) => _weights is null ? parts[0] : new BlendScorer(parts, [.. _weights], OfShort);

    private static IHistoryScorer Refit((IRecommenderLearner Learner, Hyperparameters Settings) part, TrainingData data, EarlierFit earlier) =>
        part.Learner is IRefittingLearner refitting ? refitting.Refit(data, part.Settings, earlier) : part.Learner.Fit(data, part.Settings);
}

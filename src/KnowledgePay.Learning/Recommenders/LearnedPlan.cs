using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Ranking;

namespace KnowledgePay.Learning.Recommenders;

/// <summary>What validation decided to learn: one learner, or several with weights.</summary>
internal sealed class LearnedPlan
{
    private readonly (IRecommenderLearner Learner, Hyperparameters Settings)[] _parts;

    // Null for one learner by itself, whose scores are taken as they are.
    private readonly float[]? _weights;

    private LearnedPlan(
        (IRecommenderLearner Learner, Hyperparameters Settings)[] parts, float[]? weights, RankingMetrics? metrics, IReadOnlyDictionary<string, double> chosen)
    {
        (_parts, _weights, Metrics, Chosen) = (parts, weights, metrics, chosen);
    }

    /// <summary>Figures on the held-out part; null when nothing could be held out.</summary>
    public RankingMetrics? Metrics { get; }

    /// <summary>Settings, and weights of a blend, by name.</summary>
    public IReadOnlyDictionary<string, double> Chosen { get; }

    public static LearnedPlan Of(Tuned chosen) => new([(chosen.Learner, chosen.Settings)], null, chosen.Metrics, chosen.Settings.Values);

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
        return new LearnedPlan([.. kept], used, metrics, chosen);
    }

    public IHistoryScorer Fit(TrainingData data) => _weights is null
        ? _parts[0].Learner.Fit(data, _parts[0].Settings)
        : new BlendScorer([.. _parts.Select(part => part.Learner.Fit(data, part.Settings))], [.. _weights]);
}

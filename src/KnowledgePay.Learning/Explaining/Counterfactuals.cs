using KnowledgePay.Decisions.Scoring;
using KnowledgePay.Learning.Risk;

namespace KnowledgePay.Learning.Explaining;

/// <summary>One change of a feature.</summary>
/// <param name="From">The row's value.</param>
/// <param name="To">The value that would have changed the decision.</param>
public sealed record FeatureChange(int Feature, double From, double To);

/// <summary>What would have brought the probability down to a target.</summary>
/// <param name="Reached">Whether the target is reached; else the changes are the best that were found.</param>
public sealed record Counterfactual(bool Reached, double Probability, IReadOnlyList<FeatureChange> Changes);

/// <summary>Looks for few changes, to values that training has seen, of features that a person can change.</summary>
public static class Counterfactuals
{
    /// <param name="target">The probability to come down to.</param>
    /// <param name="isFixed">Features that cannot change (age, origin, what lies in the past).</param>
    /// <param name="changesMax">Most features that may change.</param>
    public static Counterfactual Find(RiskModel model, ReadOnlySpan<double> row, double target, IReadOnlyList<bool> isFixed, int changesMax = 4)
    {
        double goal = Math.Log(target / (1 - target));
        double[] current = row.ToArray();
        double[] start = row.ToArray();
        var changed = new Dictionary<int, double>();
        double logOdds = model.Scorer.LogOdds(current);
        while (logOdds > goal && changed.Count < changesMax)
        {
            (int Feature, double Value, double LogOdds, double Cost) best = (-1, 0, logOdds, double.PositiveInfinity);
            for (int feature = 0; feature < current.Length; feature++)
            {
                if (isFixed[feature] || changed.ContainsKey(feature))
                {
                    continue;
                }

                double before = current[feature];
                foreach ((double value, double cost) in Alternatives(model, feature, start[feature]))
                {
                    current[feature] = value;
                    double now = model.Scorer.LogOdds(current);

                    // Of changes that reach the goal the smallest; of those that do not, the one that comes nearest.
                    bool better = now <= goal ? best.LogOdds > goal || cost < best.Cost : best.LogOdds > goal && now < best.LogOdds - 1e-12;
                    if (better)
                    {
                        best = (feature, value, now, cost);
                    }
                }

                current[feature] = before;
            }

            if (best.Feature < 0)
            {
                break;
            }

            changed[best.Feature] = current[best.Feature] = best.Value;
            logOdds = best.LogOdds;
        }

        logOdds = Undo(model, current, start, changed, goal, logOdds);
        return new Counterfactual(logOdds <= goal, LogOddsModel.Probability(logOdds), [.. changed.OrderBy(pair => pair.Key).Select(pair => new FeatureChange(pair.Key, start[pair.Key], pair.Value))]);
    }

    /// <summary>Takes back changes that later ones have made needless.</summary>
    private static double Undo(RiskModel model, double[] current, double[] start, Dictionary<int, double> changed, double goal, double logOdds)
    {
        foreach (int feature in changed.Keys.ToArray())
        {
            double value = current[feature];
            current[feature] = start[feature];
            double without = model.Scorer.LogOdds(current);
            if (logOdds <= goal && without <= goal)
            {
                changed.Remove(feature);
                logOdds = without;
            }
            else
            {
                current[feature] = value;
            }
        }

        return logOdds;
    }

    /// <summary>Values that training has seen; the cost is how far along the spread, 0–1, or how rare.</summary>
    private static IEnumerable<(double Value, double Cost)> Alternatives(RiskModel model, int feature, double own)
    {
        FeatureMarginal marginal = model.Marginals[feature];
        if (model.Features[feature].Levels is not null)
        {
            for (int level = 0; level < marginal.Shares.Count; level++)
            {
                if (level != own && marginal.Shares[level] >= 0.005)
                {
                    yield return (level, 0.5 + (0.5 * (1 - marginal.Shares[level])));
                }
            }

            yield break;
        }

        int count = marginal.Quantiles.Count;
        int place = double.IsNaN(own) ? count / 2 : marginal.Quantiles.Count(quantile => quantile < own);
        for (int i = 0; i < count; i++)
        {
            if (marginal.Quantiles[i] != own && (i == 0 || marginal.Quantiles[i] != marginal.Quantiles[i - 1]))
            {
                yield return (marginal.Quantiles[i], Math.Abs(i - place) / (double)count);
            }
        }
    }
}

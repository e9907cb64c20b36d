using KnowledgePay.Decisions.Scoring;
using KnowledgePay.Learning.Risk;

namespace KnowledgePay.Learning.Explaining;

/// <summary>How much a feature moves the score: mean absolute Shapley value in log-odds.</summary>
public sealed record FeatureImportance(string Feature, double MeanAbsoluteContribution);

/// <summary>The mean probability when a feature is set to a value in each row (Friedman 2001).</summary>
public sealed record PartialDependence(string Feature, IReadOnlyList<PartialDependencePoint> Points);

/// <param name="Value">A number or a level's name.</param>
public sealed record PartialDependencePoint(string Value, double MeanProbability);

/// <summary>What a model says as a whole, over a sample of rows.</summary>
public static class GlobalExplanation
{
    /// <returns>Features by importance, the most important first.</returns>
    public static IReadOnlyList<FeatureImportance> Importance(RiskModel model, RiskRows rows)
    {
        int width = model.Features.Count;
        var contributions = new double[rows.Rows][];
        Parallel.For(0, rows.Rows, row =>
        {
            contributions[row] = new double[width];
            model.Scorer.Contributions(rows.Row(row), contributions[row]);
        });
        var sums = new double[width];
        foreach (double[] own in contributions)
        {
            for (int i = 0; i < width; i++)
            {
                sums[i] += Math.Abs(own[i]) / rows.Rows;
            }
        }

        return [.. model.Features.Select((feature, i) => new FeatureImportance(feature.Name, sums[i])).OrderByDescending(feature => feature.MeanAbsoluteContribution)];
    }

    /// <summary>At a number's distinct quantiles, or at each of a category's commonest levels.</summary>
    public static PartialDependence Dependence(RiskModel model, RiskRows rows, int feature)
    {
        FeatureMarginal marginal = model.Marginals[feature];
        double[] values = model.Features[feature].Levels is null
            ? [.. marginal.Quantiles.Distinct()]
            : [.. Enumerable.Range(0, marginal.Shares.Count).OrderByDescending(level => marginal.Shares[level]).Take(20).Order().Select(level => (double)level)];
        var means = new double[values.Length];
        Parallel.For(0, values.Length, at =>
        {
            var row = new double[rows.Features.Count];
            double sum = 0;
            for (int i = 0; i < rows.Rows; i++)
            {
                rows.Row(i).CopyTo(row);
                row[feature] = values[at];
                sum += LogOddsModel.Probability(model.Scorer.LogOdds(row));
            }

            means[at] = sum / rows.Rows;
        });
        return new PartialDependence(
            model.Features[feature].Name,
            [.. values.Select((value, at) => new PartialDependencePoint(FeatureText.Of(model.Features[feature], value), means[at]))]);
    }
}

using KnowledgePay.Decisions.Scoring;
using KnowledgePay.Learning.Binning;
using KnowledgePay.Learning.Numerics;
using KnowledgePay.Learning.Trees;

namespace KnowledgePay.Learning.Risk;

/// <summary>
/// A points scorecard: optimal monotone bins, weights of evidence, a logistic regression whose coefficients keep each feature's own direction, and from there all bins' values fitted together, as far from
/// their weights of evidence as cross-validation bears out and never out of their order.
/// </summary>
internal sealed class ScorecardLearner : AdditiveLearner<BinningSettings>
{
    /// <summary>A feature that tells less is left out.</summary>
    private const double LeastInformation = 0.001;

    public override string Algorithm => "scorecard";

    protected override IReadOnlyList<PathPoint> Path { get; } = [.. from ridge in (double[])[1, 10] from tie in (double[])[10_000, 1_000, 100] select new PathPoint(ridge, tie)];

    protected override IReadOnlyList<BinningSettings> Candidates(RiskRows data) =>
        data.Rows < 5_000
            ? [new(5, 0.05, 10), new(8, 0.04, 20), new(8, 0.03, 5)]
            : [new(8, 0.03, 10), new(14, 0.01, 20)];

    protected override IEnumerable<KeyValuePair<string, double>> Describe(BinningSettings settings) =>
    [
        new("binsMax", settings.BinsMax), new("leastBinShare", settings.LeastShare), new("priorRows", settings.Prior),
    ];

    protected override IReadOnlyList<AdditiveScore> FitPath(RiskRows data, BinningSettings settings, RiskTask task, IReadOnlyList<PathPoint> path)
    {
        CodedColumns columns = FineBinning.Code(data, task.Specials, task.Seed);
        var evidence = new double[data.Features.Count][];
        var binned = new IReadOnlyList<EvidenceBin>[evidence.Length];
        var used = new List<int>();
        for (int feature = 0; feature < evidence.Length; feature++)
        {
            IReadOnlyList<EvidenceBin> bins = binned[feature] = Bins(data, columns, feature, task, settings);
            evidence[feature] = new double[columns.Codings[feature].Codes];
            foreach (EvidenceBin bin in bins)
            {
                foreach (int code in bin.Codes)
                {
                    evidence[feature][code] = bin.WeightOfEvidence;
                }
            }

            if (bins.Sum(bin => bin.InformationValue) >= LeastInformation)
            {
                used.Add(feature);
            }
        }

        var scores = new List<AdditiveScore>();
        double[]? beta = null;
        foreach (IGrouping<double, PathPoint> ridge in path.GroupBy(point => point.Ridge))
        {
            beta = Fit(data, columns, evidence, used, ridge.Key, beta);
            AdditiveScore score = Score(data, columns, evidence, used, beta);
            scores.AddRange(ridge.Select(point => CardRefinement.Refine(score, data.Outcomes, columns, binned, point.Tie!.Value)));
        }

        return scores;
    }

    /// <summary>A feature's bins, for the fit and for the card that is written.</summary>
    internal static IReadOnlyList<EvidenceBin> Bins(RiskRows data, CodedColumns columns, int feature, RiskTask task, BinningSettings settings)
    {
        FeatureCoding coding = columns.Codings[feature];
        var rows = new int[coding.Codes];
        var positives = new int[coding.Codes];
        for (int row = 0; row < data.Rows; row++)
        {
            byte code = columns.Codes[feature][row];
            rows[code]++;
            positives[code] += data.Outcomes[row];
        }

        int[] specials = coding.IsCategorical ? [] : [.. task.Specials.Select(special => (int)coding.Code(special))];
        return OptimalBinning.Merge(positives, rows, columns.Ordered[feature], specials, settings with { Trend = task.Monotone?[feature] ?? 0 });
    }

    /// <param name="start">The coefficients at another penalty, where this begins.</param>
    /// <returns>The intercept and a coefficient for each feature: zero where it would turn the feature's meaning around, as single bins may still tell what the others do not.</returns>
    private static double[] Fit(RiskRows data, CodedColumns columns, double[][] evidence, List<int> features, double penalty, double[]? start)
    {
        List<int> used = [.. Enumerable.Range(0, features.Count).Where(i => start is null || start[i + 1] > 0)];
        double[]? last = start is null ? null : [start[0], .. used.Select(i => start[i + 1])];
        while (true)
        {
            int width = used.Count;
            var x = new double[data.Rows * width];
            for (int i = 0; i < width; i++)
            {
                int feature = features[used[i]];
                byte[] codes = columns.Codes[feature];
                for (int row = 0; row < data.Rows; row++)
                {
                    x[(row * width) + i] = evidence[feature][codes[row]];
                }
            }

            double[] beta = RidgeLogistic.Fit(x, width, data.Outcomes, penalty, last);
            int[] turned = [.. Enumerable.Range(0, width).Where(i => beta[i + 1] <= 0)];
            if (turned.Length == 0)
            {
                return [beta[0], .. Enumerable.Range(0, features.Count).Select(i => used.IndexOf(i) is >= 0 and var at ? beta[at + 1] : 0)];
            }

            // The most negative first.
            int gone = turned.MinBy(i => beta[i + 1]);
            used.RemoveAt(gone);
            last = [.. beta[..(gone + 1)], .. beta[(gone + 2)..]];
        }
    }

    private static AdditiveScore Score(RiskRows data, CodedColumns columns, double[][] evidence, List<int> used, double[] beta)
    {
        var functions = new List<AdditiveFunction>();
        for (int i = 0; i < used.Count; i++)
        {
            int feature = used[i];
            double[] values = [.. evidence[feature].Select(woe => woe * beta[i + 1])];
            double mean = 0;
            foreach (byte code in columns.Codes[feature])
            {
                mean += values[code];
            }

            functions.Add(AdditiveFunction.Table(feature, columns.Codings[feature], values, mean / data.Rows));
        }

        return new AdditiveScore(beta[0], functions);
    }
}

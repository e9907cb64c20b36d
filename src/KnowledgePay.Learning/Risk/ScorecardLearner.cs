using KnowledgePay.Decisions.Scoring;
using KnowledgePay.Learning.Binning;
using KnowledgePay.Learning.Linear;
using KnowledgePay.Learning.Trees;

namespace KnowledgePay.Learning.Risk;

/// <summary>How a scorecard is made.</summary>
/// <param name="Tie">By how many rows' worth of information a bin's value is held to its weight of evidence when all values are fitted together.</param>
internal sealed record ScorecardSettings(BinningSettings Bins, double Tie);

/// <summary>
/// A points scorecard: optimal monotone bins, weights of evidence, a logistic regression whose coefficients keep each feature's own direction, and from there all bins' values fitted together, as far from
/// their weights of evidence as cross-validation bears out and never out of their order.
/// </summary>
internal sealed class ScorecardLearner : AdditiveLearner<ScorecardSettings>
{
    /// <summary>A feature that tells less is left out.</summary>
    private const double LeastInformation = 0.001;

    private static readonly double[] Ties = [10_000, 1_000, 100];

    public override string Algorithm => "scorecard";

    protected override IReadOnlyList<double> Penalties => [1, 3, 10, 30];

    protected override IReadOnlyList<ScorecardSettings> Candidates(RiskRows data)
    {
        BinningSettings[] bins = data.Rows < 5_000
            ? [new(5, 0.05, 10), new(8, 0.04, 20), new(8, 0.03, 5)]
            : [new(8, 0.03, 10), new(14, 0.01, 20)];
        return [.. from binning in bins from tie in Ties select new ScorecardSettings(binning, tie)];
    }

    protected override IEnumerable<KeyValuePair<string, double>> Describe(ScorecardSettings settings) =>
    [
        new("binsMax", settings.Bins.BinsMax), new("leastBinShare", settings.Bins.LeastShare), new("priorRows", settings.Bins.Prior), new("tieRows", settings.Tie),
    ];

    protected override IReadOnlyList<AdditiveScore> FitPath(RiskRows data, ScorecardSettings settings, RiskTask task, IReadOnlyList<double> penalties)
    {
        CodedColumns columns = FineBinning.Code(data, task.Specials, task.Seed);
        var evidence = new double[data.Features.Count][];
        var binned = new IReadOnlyList<EvidenceBin>[evidence.Length];
        var used = new List<int>();
        for (int feature = 0; feature < evidence.Length; feature++)
        {
            IReadOnlyList<EvidenceBin> bins = binned[feature] = Bins(data, columns, feature, task, settings.Bins);
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

        var path = new List<AdditiveScore>();
        double[]? start = null;
        foreach (double penalty in penalties)
        {
            AdditiveScore score = Fit(data, columns, evidence, used, penalty, ref start);
            path.Add(CardRefinement.Refine(score, data.Outcomes, columns, binned, settings.Tie));
        }

        return path;
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

    /// <returns>A score of all features that tell something: a coefficient of zero where it would turn a feature's meaning around, as single bins may still tell what the others do not.</returns>
    private static AdditiveScore Fit(RiskRows data, CodedColumns columns, double[][] evidence, List<int> informative, double penalty, ref double[]? start)
    {
        List<int> used = [.. informative];
        while (true)
        {
            int width = used.Count;
            var x = new double[data.Rows * width];
            for (int i = 0; i < width; i++)
            {
                byte[] codes = columns.Codes[used[i]];
                for (int row = 0; row < data.Rows; row++)
                {
                    x[(row * width) + i] = evidence[used[i]][codes[row]];
                }
            }

            double[] beta = RidgeLogistic.Fit(x, width, data.Outcomes, penalty, start?.Length == width + 1 ? start : null);
            int[] turned = [.. Enumerable.Range(0, width).Where(i => beta[i + 1] <= 0)];
            if (turned.Length == 0)
            {
                start = beta;
                return Score(data, columns, evidence, informative, [beta[0], .. informative.Select(feature => used.IndexOf(feature) is >= 0 and var at ? beta[at + 1] : 0)]);
            }

            // The most negative first.
            used.RemoveAt(turned.MinBy(i => beta[i + 1]));
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

using KnowledgePay.Decisions.Scoring;
using KnowledgePay.Learning.Binning;
using KnowledgePay.Learning.Linear;
using KnowledgePay.Learning.Trees;

namespace KnowledgePay.Learning.Risk;

/// <summary>A points scorecard: optimal monotone bins, weights of evidence, a logistic regression whose coefficients keep each feature's own direction.</summary>
internal sealed class ScorecardLearner : AdditiveLearner<BinningSettings>
{
    /// <summary>A feature that tells less is left out.</summary>
    private const double LeastInformation = 0.01;

    public override string Algorithm => "scorecard";

    protected override IReadOnlyList<double> Penalties => [1, 3, 10, 30];

    protected override IReadOnlyList<BinningSettings> Candidates(RiskRows data) =>
        data.Rows < 5_000
            ? [new(5, 0.05, 10), new(8, 0.04, 20), new(8, 0.03, 5)]
            : [new(8, 0.03, 10), new(14, 0.01, 20)];

    protected override IEnumerable<KeyValuePair<string, double>> Describe(BinningSettings settings) =>
    [
        new("binsMax", settings.BinsMax), new("leastBinShare", settings.LeastShare), new("priorRows", settings.Prior),
    ];

    protected override IReadOnlyList<AdditiveScore> FitPath(RiskRows data, BinningSettings settings, RiskTask task, IReadOnlyList<double> penalties)
    {
        CodedColumns columns = FineBinning.Code(data, task.Specials, task.Seed);
        var evidence = new double[data.Features.Count][];
        var used = new List<int>();
        for (int feature = 0; feature < evidence.Length; feature++)
        {
            IReadOnlyList<EvidenceBin> bins = Bins(data, columns, feature, task, settings);
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
            path.Add(Fit(data, columns, evidence, [.. used], penalty, ref start));
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

    private static AdditiveScore Fit(RiskRows data, CodedColumns columns, double[][] evidence, List<int> used, double penalty, ref double[]? start)
    {
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
                return Score(data, columns, evidence, used, beta);
            }

            // A coefficient below zero turns a feature's meaning around: it goes, the most negative first.
            used = [.. used];
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

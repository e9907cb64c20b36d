using CsCheck;
using KnowledgePay.Decisions.Scoring;
using KnowledgePay.Learning.Binning;
using KnowledgePay.Learning.Risk;
using KnowledgePay.Learning.Trees;

namespace KnowledgePay.Learning.Tests.Risk;

public sealed class CardRefinementTests
{
    private static readonly double[] Slopes = [0.8, 0.5, 0];

    [Fact]
    public void No_bin_leaves_its_place_and_the_fit_never_gets_worse() =>
        Gen.Select(Gen.Int[1, 100_000], Gen.Double[0, 3], Gen.OneOf(Gen.Const(0.0), Gen.Const(1.0), Gen.Const(100.0), Gen.Const(10_000.0))).Sample(
            (seed, shared, tie) =>
            {
                RiskRows data = Rows(seed, 600, shared);
                (AdditiveScore before, CodedColumns columns, IReadOnlyList<EvidenceBin>[] bins) = WeightsOfEvidence(data);
                AdditiveScore after = CardRefinement.Refine(before, data.Outcomes, columns, bins, tie);

                Assert.True(LogLoss(after, data) <= LogLoss(before, data) + 1e-9);
                foreach (AdditiveFunction function in after.Functions)
                {
                    double last = double.NegativeInfinity;
                    foreach (EvidenceBin bin in bins[function.Feature].OrderBy(bin => bin.WeightOfEvidence))
                    {
                        double[] values = [.. bin.Codes.Select(code => function.ByCode[code]).Distinct()];
                        Assert.True(Assert.Single(values) >= last);
                        last = values[0];
                    }
                }
            },
            iter: 60);

    [Fact]
    public void Held_tight_every_bin_stays_at_its_weight_of_evidence()
    {
        RiskRows data = Rows(7, 2000, 1);
        (AdditiveScore before, CodedColumns columns, IReadOnlyList<EvidenceBin>[] bins) = WeightsOfEvidence(data);
        AdditiveScore after = CardRefinement.Refine(before, data.Outcomes, columns, bins, 1e9);
        for (int row = 0; row < data.Rows; row++)
        {
            Assert.Equal(before.Evaluate(data.Row(row)), after.Evaluate(data.Row(row)), 1e-4);
        }
    }

    [Fact]
    public void What_another_feature_tells_already_is_not_told_twice()
    {
        // The second feature is the first, so that the sum of both weights of evidence says it twice; free, they say it once.
        RiskRows once = Rows(3, 4000, 1);
        var twice = new RiskRows(once.Features, [.. Enumerable.Range(0, once.Rows).SelectMany(row => (double[])[once.Value(row, 0), once.Value(row, 0), once.Value(row, 2)])], once.Outcomes);
        (AdditiveScore before, CodedColumns columns, IReadOnlyList<EvidenceBin>[] bins) = WeightsOfEvidence(twice);
        AdditiveScore after = CardRefinement.Refine(before, twice.Outcomes, columns, bins, 0);
        foreach (EvidenceBin bin in bins[0])
        {
            int[] rows = [.. Enumerable.Range(0, twice.Rows).Where(row => bin.Codes.Contains(columns.Codes[0][row]))];
            double said = rows.Average(row => LogOddsModel.Probability(after.Evaluate(twice.Row(row))));
            Assert.Equal((double)bin.Positives / bin.Rows, said, 0.01);
        }

        Assert.True(LogLoss(after, twice) < LogLoss(before, twice) - 0.005);
    }

    /// <summary>Three features of ten values, the first two related as far as they share something; the third tells nothing.</summary>
    private static RiskRows Rows(int seed, int rows, double shared)
    {
        var random = new Random(seed);
        var values = new double[rows * Slopes.Length];
        var outcomes = new byte[rows];
        for (int row = 0; row < rows; row++)
        {
            double common = shared * random.NextDouble(), logOdds = -1;
            for (int feature = 0; feature < Slopes.Length; feature++)
            {
                double value = Math.Floor(10 * (common + random.NextDouble()) / (1 + shared));
                values[(row * Slopes.Length) + feature] = value;
                logOdds += Slopes[feature] * (value - 4.5) / 2;
            }

            outcomes[row] = (byte)(random.NextDouble() < LogOddsModel.Probability(logOdds) ? 1 : 0);
        }

        return new RiskRows([.. Slopes.Select((_, feature) => new RiskFeature($"x{feature}", null))], values, outcomes);
    }

    private static (AdditiveScore Score, CodedColumns Columns, IReadOnlyList<EvidenceBin>[] Bins) WeightsOfEvidence(RiskRows data)
    {
        RiskTask task = RiskTask.Of(data, null, [], 1, TestContext.Current.CancellationToken);
        CodedColumns columns = FineBinning.Code(data, [], 1);
        var bins = new IReadOnlyList<EvidenceBin>[data.Features.Count];
        var functions = new List<AdditiveFunction>();
        for (int feature = 0; feature < bins.Length; feature++)
        {
            bins[feature] = ScorecardLearner.Bins(data, columns, feature, task, new BinningSettings());
            var values = new double[columns.Codings[feature].Codes];
            foreach (EvidenceBin bin in bins[feature])
            {
                foreach (int code in bin.Codes)
                {
                    values[code] = bin.WeightOfEvidence;
                }
            }

            functions.Add(AdditiveFunction.Table(feature, columns.Codings[feature], values, 0));
        }

        double rate = data.Outcomes.Average(outcome => (double)outcome);
        return (new AdditiveScore(Math.Log(rate / (1 - rate)), functions), columns, bins);
    }

    private static double LogLoss(AdditiveScore score, RiskRows data) =>
        Enumerable.Range(0, data.Rows).Average(row =>
        {
            double p = LogOddsModel.Probability(score.Evaluate(data.Row(row)));
            return -Math.Log(data.Outcomes[row] == 1 ? p : 1 - p);
        });
}

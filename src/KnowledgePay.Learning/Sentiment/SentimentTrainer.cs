using KnowledgePay.Decisions.Sentiment;
using KnowledgePay.Learning.Calibration;
using KnowledgePay.Learning.Evaluation;

namespace KnowledgePay.Learning.Sentiment;

/// <summary>One way of training that was tried, and how well it did on texts held out.</summary>
/// <param name="FrequencyCost">C of the support vector machine under inverse document frequency: how much an error counts against the size of the weights; 0 when that is left out.</param>
/// <param name="RatioCost">As above, under the log-ratio of positive and negative texts.</param>
public sealed record SentimentCandidate(int LongestGram, double FrequencyCost, double RatioCost, double Accuracy);

/// <summary>What training found.</summary>
/// <param name="Accuracy">And the others: of the chosen candidate on held-out folds; the probabilities calibrated on other folds than the one they are measured on.</param>
public sealed record SentimentTraining(
    SentimentModel Model, SentimentCandidate Chosen, IReadOnlyList<SentimentCandidate> Tried, int Folds,
    double Accuracy, double AreaUnderCurve, double Brier, double LogLoss, double CalibrationError, double LexiconAccuracy);

/// <summary>Trains a <see cref="SentimentModel"/>: chooses n-grams, weighting and cost by cross-validation, calibrates on held-out margins, then fits on all.</summary>
public static class SentimentTrainer
{
    /// <summary>Texts of each sentiment that training needs.</summary>
    public const int LeastTexts = 10;

    private const int FoldCount = 5;
    private static readonly int[] Grams = [2, 3, 4];
    private static readonly double[] Costs = [0.1, 0.25, 0.5, 1, 2, 4];

    /// <param name="texts">At least <see cref="LeastTexts"/> of each sentiment.</param>
    /// <param name="report">Told the share that is done.</param>
    public static SentimentTraining Train(IReadOnlyList<string> texts, bool[] positive, ulong seed, Action<double>? report = null, CancellationToken cancellation = default)
    {
        int[] strata = [.. positive.Select(p => p ? 1 : 0)];
        byte[] outcomes = [.. positive.Select(p => (byte)(p ? 1 : 0))];
        int[] fold = Evaluation.Folds.Stratified(strata, FoldCount, seed);
        var tried = new List<SentimentCandidate>();
        SentimentCandidate best = new(0, 0, 0, -1);
        double[] bestMargins = [];
        int total = Grams.Length * 2;
        int done = 0;
        foreach (int grams in Grams)
        {
            TextBuckets buckets = TextBuckets.Of(texts, grams);
            (double Cost, double[] Margins) frequency = Best(TextWeighting.InverseDocumentFrequency);
            (double Cost, double[] Margins) ratio = Best(TextWeighting.NaiveBayesRatio);
            Try(new SentimentCandidate(grams, frequency.Cost, ratio.Cost, 0), [.. frequency.Margins.Zip(ratio.Margins, (a, b) => (a + b) / 2)]);

            (double Cost, double[] Margins) Best(TextWeighting weighting)
            {
                double[][] margins = HeldOut(buckets, weighting, positive, fold, seed, cancellation);
                int winner = 0;
                double most = -1;
                for (int c = 0; c < Costs.Length; c++)
                {
                    bool isRatio = weighting == TextWeighting.NaiveBayesRatio;
                    double accuracy = Try(new SentimentCandidate(grams, isRatio ? 0 : Costs[c], isRatio ? Costs[c] : 0, 0), margins[c]);
                    (winner, most) = accuracy > most ? (c, accuracy) : (winner, most);
                }

                report?.Invoke(++done / (total + 1.0));
                return (Costs[winner], margins[winner]);
            }
        }

        double Try(SentimentCandidate candidate, double[] margins)
        {
            double accuracy = Accuracy(CrossCalibrated(margins, outcomes, fold), outcomes);
            tried.Add(candidate with { Accuracy = accuracy });
            if (accuracy > best.Accuracy)
            {
                (best, bestMargins) = (candidate with { Accuracy = accuracy }, margins);
            }

            return accuracy;
        }

        double[] probability = CrossCalibrated(bestMargins, outcomes, fold);
        BinaryMetrics metrics = BinaryMetrics.Of(probability, outcomes);
        SentimentModel model = FitAll(TextBuckets.Of(texts, best.LongestGram), best, positive, PlattScaling.Fit(bestMargins, outcomes), seed, cancellation);
        return new SentimentTraining(
            model, best, tried, FoldCount,
            best.Accuracy, metrics.Auc, metrics.Brier, metrics.LogLoss, metrics.CalibrationErrorByCount,
            Accuracy([.. texts.Select(text => (SentimentLexicon.Score(text) + 1.0) / 2)], outcomes));
    }

    private static double Accuracy(double[] probability, byte[] outcomes) => probability.Zip(outcomes, (p, outcome) => p >= 0.5 == (outcome == 1) ? 1.0 : 0).Average();

    /// <summary>Margin of each row from a machine that has not seen its fold, by cost.</summary>
    private static double[][] HeldOut(TextBuckets buckets, TextWeighting weighting, bool[] positive, int[] fold, ulong seed, CancellationToken cancellation)
    {
        double[][] margins = [.. Costs.Select(_ => new double[fold.Length])];
        Parallel.For(0, FoldCount, new ParallelOptions { CancellationToken = cancellation }, f =>
        {
            int[] use = Evaluation.Folds.Where(fold, other => other != f);
            SparseRows rows = buckets.Weigh(buckets.Scales(weighting, positive, use), out _);
            for (int c = 0; c < Costs.Length; c++)
            {
                float[] weights = LinearSvm.Fit(rows, positive, use, Costs[c], seed + (ulong)f, cancellation);
                for (int row = 0; row < fold.Length; row++)
                {
                    if (fold[row] == f)
                    {
                        margins[c][row] = LinearSvm.Margin(rows, weights, row);
                    }
                }
            }
        });
        return margins;
    }

    private static SentimentModel FitAll(TextBuckets buckets, SentimentCandidate chosen, bool[] positive, PlattScaling platt, ulong seed, CancellationToken cancellation)
    {
        int[] all = [.. Enumerable.Range(0, positive.Length)];
        var table = new SentimentBucket[TextBuckets.Buckets];
        float part = chosen.FrequencyCost > 0 && chosen.RatioCost > 0 ? 0.5f : 1;
        float lexicon = 0;
        float bias = 0;
        Add(TextWeighting.InverseDocumentFrequency, chosen.FrequencyCost, (bucket, weight, scale) => bucket with { FrequencyWeight = weight * scale, FrequencyScale = scale });
        Add(TextWeighting.NaiveBayesRatio, chosen.RatioCost, (bucket, weight, scale) => bucket with { RatioWeight = weight * scale, RatioScale = scale });
        return new SentimentModel(chosen.LongestGram, table, lexicon, bias, platt.Slope, platt.Intercept);

        void Add(TextWeighting weighting, double cost, Func<SentimentBucket, float, float, SentimentBucket> put)
        {
            // The scales are kept although the weighting is left out: they say which features count.
            float[] scales = buckets.Scales(weighting, positive, all);
            SparseRows rows = buckets.Weigh(scales, out int[] bucketOfColumn);
            float[] weights = cost > 0 ? LinearSvm.Fit(rows, positive, all, cost, seed, cancellation) : new float[rows.Width];
            for (int column = 0; column < bucketOfColumn.Length; column++)
            {
                int bucket = bucketOfColumn[column];
                table[bucket] = put(table[bucket], part * weights[column], scales[bucket]);
            }

            lexicon += part * weights[^2];
            bias += part * weights[^1];
        }
    }

    /// <summary>Probability of each row by a calibration that was fitted on the other folds.</summary>
    private static double[] CrossCalibrated(double[] margins, byte[] outcomes, int[] fold)
    {
        double[] probability = new double[margins.Length];
        for (int f = 0; f < FoldCount; f++)
        {
            int[] use = Evaluation.Folds.Where(fold, other => other != f);
            PlattScaling platt = PlattScaling.Fit([.. use.Select(row => margins[row])], [.. use.Select(row => outcomes[row])]);
            for (int row = 0; row < margins.Length; row++)
            {
                if (fold[row] == f)
                {
                    probability[row] = 1 / (1 + Math.Exp(-platt.LogOdds(margins[row])));
                }
            }
        }

        return probability;
    }
}

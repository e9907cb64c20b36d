using KnowledgePay.Decisions.Sentiment;
using KnowledgePay.Learning.Measures;

namespace KnowledgePay.Learning.Sentiment;

/// <summary>One way of training that was tried, and how well it did on texts held out.</summary>
/// <param name="Cost">C of the support vector machine: how much an error counts against the size of the weights.</param>
public sealed record SentimentCandidate(int LongestGram, string Weighting, double Cost, double Accuracy);

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
        int[] fold = Measures.Folds.Stratified(strata, FoldCount, seed);
        var tried = new List<SentimentCandidate>();
        SentimentCandidate best = new(0, "", 0, -1);
        double[] bestMargins = [];
        int total = Grams.Length * 2;
        int done = 0;
        foreach (int grams in Grams)
        {
            TextBuckets buckets = TextBuckets.Of(texts, grams);
            foreach (TextWeighting weighting in Enum.GetValues<TextWeighting>())
            {
                var margins = new double[Costs.Length][];
                for (int c = 0; c < Costs.Length; c++)
                {
                    margins[c] = new double[texts.Count];
                }

                Parallel.For(0, FoldCount, new ParallelOptions { CancellationToken = cancellation }, f =>
                {
                    int[] use = Measures.Folds.Where(fold, other => other != f);
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
                for (int c = 0; c < Costs.Length; c++)
                {
                    double accuracy = ProbabilityMeasures.Accuracy(CrossCalibrated(margins[c], positive, fold), positive);
                    var candidate = new SentimentCandidate(grams, weighting == TextWeighting.NaiveBayesRatio ? "naive-bayes-ratio" : "inverse-document-frequency", Costs[c], accuracy);
                    tried.Add(candidate);
                    if (accuracy > best.Accuracy)
                    {
                        (best, bestMargins) = (candidate, margins[c]);
                    }
                }

                report?.Invoke(++done / (total + 1.0));
            }
        }

        double[] probability = CrossCalibrated(bestMargins, positive, fold);
        SentimentModel model = FitAll(TextBuckets.Of(texts, best.LongestGram), best, positive, PlattScaling.Fit(bestMargins, positive), seed, cancellation);
        return new SentimentTraining(
            model, best, tried, FoldCount,
            best.Accuracy, ProbabilityMeasures.AreaUnderCurve(probability, positive), ProbabilityMeasures.Brier(probability, positive),
            ProbabilityMeasures.LogLoss(probability, positive), ProbabilityMeasures.CalibrationError(probability, positive),
            ProbabilityMeasures.Accuracy([.. texts.Select(text => (SentimentLexicon.Score(text) + 1.0) / 2)], positive));
    }

    private static SentimentModel FitAll(TextBuckets buckets, SentimentCandidate chosen, bool[] positive, PlattScaling platt, ulong seed, CancellationToken cancellation)
    {
        int[] all = [.. Enumerable.Range(0, positive.Length)];
        float[] scales = buckets.Scales(chosen.Weighting == "naive-bayes-ratio" ? TextWeighting.NaiveBayesRatio : TextWeighting.InverseDocumentFrequency, positive, all);
        SparseRows rows = buckets.Weigh(scales, out int[] bucketOfColumn);
        float[] weights = LinearSvm.Fit(rows, positive, all, chosen.Cost, seed, cancellation);
        var table = new (float Weight, float Scale)[TextBuckets.Buckets];
        for (int column = 0; column < bucketOfColumn.Length; column++)
        {
            float scale = scales[bucketOfColumn[column]];
            table[bucketOfColumn[column]] = (weights[column] * scale, scale);
        }

        return new SentimentModel(chosen.LongestGram, table, weights[^2], weights[^1], platt.Slope, platt.Offset);
    }

    /// <summary>Probability of each row by a calibration that was fitted on the other folds.</summary>
    private static double[] CrossCalibrated(double[] margins, bool[] positive, int[] fold)
    {
        double[] probability = new double[margins.Length];
        for (int f = 0; f < FoldCount; f++)
        {
            int[] use = Measures.Folds.Where(fold, other => other != f);
            PlattScaling platt = PlattScaling.Fit([.. use.Select(row => margins[row])], [.. use.Select(row => positive[row])]);
            for (int row = 0; row < margins.Length; row++)
            {
                if (fold[row] == f)
                {
                    probability[row] = platt.Probability(margins[row]);
                }
            }
        }

        return probability;
    }
}

namespace KnowledgePay.Learning.Evaluation;

/// <summary>How good probabilities of a yes-or-no outcome are.</summary>
/// <param name="Auc">Area under the ROC curve; ties count one half.</param>
/// <param name="Ks">Kolmogorov–Smirnov distance between the scores of the two outcomes.</param>
/// <param name="Brier">Mean squared error of the probability.</param>
/// <param name="LogLoss">Mean negative log-likelihood in nats, probabilities held within 1e−15.</param>
/// <param name="CalibrationError">Expected calibration error over ten bins of equal width.</param>
/// <param name="CalibrationErrorByCount">The same over ten bins of equal count.</param>
public sealed record BinaryMetrics(int Rows, int Positives, double Auc, double Ks, double Brier, double LogLoss, double CalibrationError, double CalibrationErrorByCount)
{
    /// <summary>Of probabilities against outcomes of 0 and 1.</summary>
    public static BinaryMetrics Of(ReadOnlySpan<double> probabilities, ReadOnlySpan<byte> outcomes)
    {
        int rows = outcomes.Length;
        double brier = 0;
        double loss = 0;
        int positives = 0;
        for (int row = 0; row < rows; row++)
        {
            double p = probabilities[row];
            positives += outcomes[row];
            brier += (p - outcomes[row]) * (p - outcomes[row]);
            loss -= Math.Log(Math.Max(outcomes[row] == 1 ? p : 1 - p, 1e-15));
        }

        double[] sorted = probabilities.ToArray();
        byte[] labels = outcomes.ToArray();
        Array.Sort(sorted, labels);
        (double auc, double ks) = Ranking(sorted, labels, positives);
        return new BinaryMetrics(rows, positives, auc, ks, brier / rows, loss / rows, EqualWidth(sorted, labels), EqualCount(sorted, labels));
    }

    /// <summary>Area under the ROC curve alone, of any score; NaN with one outcome only.</summary>
    public static double AucOf(ReadOnlySpan<double> scores, ReadOnlySpan<byte> outcomes)
    {
        double[] sorted = scores.ToArray();
        byte[] labels = outcomes.ToArray();
        Array.Sort(sorted, labels);
        return Ranking(sorted, labels, labels.Sum(label => label)).Auc;
    }

    private static (double Auc, double Ks) Ranking(double[] sorted, byte[] labels, int positives)
    {
        long negatives = labels.Length - positives;
        double wins = 0;
        double ks = 0;
        long seenNegatives = 0;
        long seenPositives = 0;
        for (int start = 0; start < labels.Length;)
        {
            int end = start;
            long tiedPositives = 0;
            while (end < labels.Length && sorted[end] == sorted[start])
            {
                tiedPositives += labels[end++];
            }

            long tiedNegatives = end - start - tiedPositives;
            wins += tiedPositives * (seenNegatives + (tiedNegatives / 2.0));
            seenNegatives += tiedNegatives;
            seenPositives += tiedPositives;
            ks = Math.Max(ks, Math.Abs(((double)seenNegatives / negatives) - ((double)seenPositives / positives)));
            start = end;
        }

        return (wins / ((double)positives * negatives), ks);
    }

    private static double EqualWidth(double[] sorted, byte[] labels)
    {
        double error = 0;
        int start = 0;
        for (int bin = 1; bin <= 10; bin++)
        {
            int end = start;
            while (end < sorted.Length && (bin == 10 || sorted[end] <= bin / 10.0))
            {
                end++;
            }

            error += Gap(sorted, labels, start, end);
            start = end;
        }

        return error / sorted.Length;
    }

    private static double EqualCount(double[] sorted, byte[] labels)
    {
        double error = 0;
        for (int bin = 0; bin < 10; bin++)
        {
            error += Gap(sorted, labels, (int)((long)sorted.Length * bin / 10), (int)((long)sorted.Length * (bin + 1) / 10));
        }

        return error / sorted.Length;
    }

    private static double Gap(double[] sorted, byte[] labels, int start, int end)
    {
        double gap = 0;
        for (int i = start; i < end; i++)
        {
            gap += sorted[i] - labels[i];
        }

        return Math.Abs(gap);
    }
}

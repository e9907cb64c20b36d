namespace KnowledgePay.Learning.Measures;

/// <summary>How good predicted probabilities of a binary outcome are.</summary>
internal static class ProbabilityMeasures
{
    public static double Accuracy(ReadOnlySpan<double> probability, ReadOnlySpan<bool> outcome)
    {
        int right = 0;
        for (int i = 0; i < outcome.Length; i++)
        {
            right += probability[i] >= 0.5 == outcome[i] ? 1 : 0;
        }

        return (double)right / outcome.Length;
    }

    public static double Brier(ReadOnlySpan<double> probability, ReadOnlySpan<bool> outcome)
    {
        double sum = 0;
        for (int i = 0; i < outcome.Length; i++)
        {
            double error = probability[i] - (outcome[i] ? 1 : 0);
            sum += error * error;
        }

        return sum / outcome.Length;
    }

    public static double LogLoss(ReadOnlySpan<double> probability, ReadOnlySpan<bool> outcome)
    {
        double sum = 0;
        for (int i = 0; i < outcome.Length; i++)
        {
            sum -= Math.Log(Math.Max(outcome[i] ? probability[i] : 1 - probability[i], 1e-15));
        }

        return sum / outcome.Length;
    }

    /// <summary>Probability that a positive scores above a negative, ties counting half (Mann–Whitney).</summary>
    public static double AreaUnderCurve(ReadOnlySpan<double> score, ReadOnlySpan<bool> outcome)
    {
        double[] scores = score.ToArray();
        bool[] outcomes = outcome.ToArray();
        Array.Sort(scores, outcomes);
        double rankSum = 0;
        long positives = 0;
        for (int start = 0; start < scores.Length;)
        {
            int end = start;
            long here = 0;
            while (end < scores.Length && scores[end] == scores[start])
            {
                here += outcomes[end++] ? 1 : 0;
            }

            rankSum += here * ((start + 1 + end) / 2.0);
            positives += here;
            start = end;
        }

        long negatives = scores.Length - positives;
        return positives == 0 || negatives == 0 ? double.NaN : (rankSum - (positives * (positives + 1) / 2.0)) / positives / negatives;
    }

    /// <summary>Mean distance of predicted and observed rate over ten groups of equal size by prediction (expected calibration error).</summary>
    public static double CalibrationError(ReadOnlySpan<double> probability, ReadOnlySpan<bool> outcome, int groups = 10)
    {
        double[] sorted = probability.ToArray();
        bool[] outcomes = outcome.ToArray();
        Array.Sort(sorted, outcomes);
        double error = 0;
        for (int g = 0; g < groups; g++)
        {
            int from = (int)((long)g * sorted.Length / groups);
            int to = (int)((long)(g + 1) * sorted.Length / groups);
            double predicted = 0;
            double observed = 0;
            for (int i = from; i < to; i++)
            {
                predicted += sorted[i];
                observed += outcomes[i] ? 1 : 0;
            }

            error += Math.Abs(predicted - observed);
        }

        return error / sorted.Length;
    }
}

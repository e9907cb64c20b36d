using KnowledgePay.Learning.Binning;
using KnowledgePay.Learning.Risk;
using KnowledgePay.Learning.Trees;

namespace KnowledgePay.Learning.Quality;

/// <summary>How much one column tells of another.</summary>
internal static class Association
{
    /// <summary>The area under the ROC curve of one feature alone: each half of the rows is ranked by the rates that the other half has in the feature's bins.</summary>
    public static double CrossFittedAuc(RiskRows data, CodedColumns columns, int feature, FoldPlan halves)
    {
        byte[] codes = columns.Codes[feature];
        int count = columns.Codings[feature].Codes;
        var positives = new double[2, count];
        var rows = new double[2, count];
        for (int row = 0; row < codes.Length; row++)
        {
            positives[halves[row], codes[row]] += data.Outcomes[row];
            rows[halves[row], codes[row]]++;
        }

        // Each half is measured by itself: the two halves' rates are not on one scale.
        double sum = 0;
        for (int half = 0; half < 2; half++)
        {
            var scores = new List<double>();
            var outcomes = new List<byte>();
            for (int row = 0; row < codes.Length; row++)
            {
                if (halves[row] == half)
                {
                    scores.Add((positives[1 - half, codes[row]] + data.Rate) / (rows[1 - half, codes[row]] + 1));
                    outcomes.Add(data.Outcomes[row]);
                }
            }

            sum += Evaluation.BinaryMetrics.AucOf([.. scores], [.. outcomes]);
        }

        return sum / 2;
    }

    /// <summary>Cramér's V with Bergsma's (2013) correction for chance.</summary>
    /// <param name="first">A class of each row, or −1.</param>
    public static double CramersV(ReadOnlySpan<int> first, int firstCount, ReadOnlySpan<int> second, int secondCount)
    {
        var table = new double[firstCount, secondCount];
        var rows = new double[firstCount];
        var columns = new double[secondCount];
        double n = 0;
        for (int i = 0; i < first.Length; i++)
        {
            if (first[i] >= 0 && second[i] >= 0)
            {
                table[first[i], second[i]]++;
                rows[first[i]]++;
                columns[second[i]]++;
                n++;
            }
        }

        int r = rows.Count(count => count > 0);
        int c = columns.Count(count => count > 0);
        if (n < 2 || r < 2 || c < 2)
        {
            return 0;
        }

        double chi2 = 0;
        for (int i = 0; i < firstCount; i++)
        {
            for (int j = 0; j < secondCount; j++)
            {
                double expected = rows[i] * columns[j] / n;
                chi2 += expected > 0 ? (table[i, j] - expected) * (table[i, j] - expected) / expected : 0;
            }
        }

        double phi2 = Math.Max(0, (chi2 / n) - ((r - 1.0) * (c - 1) / (n - 1)));
        double least = Math.Min(r - ((r - 1.0) * (r - 1) / (n - 1)), c - ((c - 1.0) * (c - 1) / (n - 1))) - 1;
        return least > 0 ? Math.Sqrt(Math.Min(1, phi2 / least)) : 0;
    }
}

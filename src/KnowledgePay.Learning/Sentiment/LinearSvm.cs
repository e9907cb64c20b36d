using KnowledgePay.Learning.Evaluation;
using KnowledgePay.Learning.Simulation;

namespace KnowledgePay.Learning.Sentiment;

/// <summary>L2-regularised linear classifier with squared hinge loss, by dual coordinate descent (Hsieh, Chang, Lin, Keerthi and Sundararajan, ICML 2008).</summary>
internal static class LinearSvm
{
    private const int PassesMax = 60;
    private const double Tolerance = 0.02;

    /// <summary>Minimises ½|w|² + C·Σ max(0, 1 − y·(w·x))² over the given rows. A column that is always 1 makes a bias.</summary>
    /// <returns>Weights by column.</returns>
    public static float[] Fit(SparseRows rows, ReadOnlySpan<bool> positive, ReadOnlySpan<int> use, double cost, ulong seed, CancellationToken cancellation)
    {
        float[] weights = new float[rows.Width];
        int[] order = use.ToArray();
        double[] alpha = new double[order.Length];
        double[] diagonal = new double[order.Length];
        double ridge = 0.5 / cost;
        int[] at = new int[order.Length];
        for (int k = 0; k < order.Length; k++)
        {
            at[k] = k;
            double squares = 0;
            for (int j = rows.Starts[order[k]]; j < rows.Starts[order[k] + 1]; j++)
            {
                squares += rows.Values[j] * (double)rows.Values[j];
            }

            diagonal[k] = squares + ridge;
        }

        var random = new SeededRandom(seed);
        for (int pass = 0; pass < PassesMax; pass++)
        {
            cancellation.ThrowIfCancellationRequested();
            Folds.Shuffle(at, random);
            double worst = 0;
            foreach (int k in at)
            {
                int row = order[k];
                double y = positive[row] ? 1 : -1;
                ReadOnlySpan<int> columns = rows.Columns.AsSpan(rows.Starts[row], rows.Starts[row + 1] - rows.Starts[row]);
                ReadOnlySpan<float> values = rows.Values.AsSpan(rows.Starts[row], columns.Length);
                double dot = 0;
                for (int j = 0; j < columns.Length; j++)
                {
                    dot += weights[columns[j]] * values[j];
                }

                double gradient = (y * dot) - 1 + (alpha[k] * ridge);
                double projected = alpha[k] == 0 ? Math.Min(gradient, 0) : gradient;
                if (Math.Abs(projected) < 1e-12)
                {
                    continue;
                }

                worst = Math.Max(worst, Math.Abs(projected));
                double next = Math.Max(alpha[k] - (gradient / diagonal[k]), 0);
                float step = (float)((next - alpha[k]) * y);
                alpha[k] = next;
                for (int j = 0; j < columns.Length; j++)
                {
                    weights[columns[j]] += step * values[j];
                }
            }

            if (worst < Tolerance)
            {
                break;
            }
        }

        return weights;
    }

    public static double Margin(SparseRows rows, float[] weights, int row)
    {
        double dot = 0;
        for (int j = rows.Starts[row]; j < rows.Starts[row + 1]; j++)
        {
            dot += weights[rows.Columns[j]] * rows.Values[j];
        }

        return dot;
    }
}

namespace KnowledgePay.Learning.Uplift;

/// <summary>A regression in which a column counts only as far as it stands out of chance (lasso, Tibshirani 1996, by coordinate descent on the normal equations).</summary>
/// <remarks>
/// Columns are brought to one length after the intercept is taken out, and the penalty is in standard errors of a coefficient that is zero: with a penalty of 2 a
/// column alone needs |z| above 2. The columns that stay are then fitted again by a mild ridge, so that what stands out is not shrunk with the rest.
/// </remarks>
internal static class EffectLasso
{
    private const int SweepsMax = 500;
    private const double Refit = 0.02;

    /// <param name="gram">XᵀX of intercept and columns, row after row, whole.</param>
    /// <param name="right">Xᵀy.</param>
    /// <param name="square">yᵀy.</param>
    /// <param name="rows">Rows behind the sums.</param>
    /// <returns>Intercept, then by column; 0 for columns left out.</returns>
    public static double[] Fit(double[] gram, double[] right, double square, int rows, double penalty)
    {
        int size = right.Length;
        int width = size - 1;
        double mass = gram[0];
        double[] mean = new double[width], length = new double[width], correlation = new double[width];
        for (int j = 0; j < width; j++)
        {
            mean[j] = gram[j + 1] / mass;
            length[j] = Math.Sqrt(Math.Max(0, gram[((j + 1) * size) + j + 1] - (mass * mean[j] * mean[j])));
        }

        double centre = right[0] / mass;
        double noise = Math.Sqrt(Math.Max(1e-300, (square - (mass * centre * centre)) / Math.Max(1, rows - 1)));
        bool[] usable = [.. Enumerable.Range(0, width).Select(j => length[j] > 1e-9 * Math.Sqrt(gram[((j + 1) * size) + j + 1] + 1e-300))];
        double[] square2 = new double[width * width];
        for (int j = 0; j < width; j++)
        {
            correlation[j] = usable[j] ? (right[j + 1] - (mean[j] * right[0])) / length[j] : 0;
            for (int k = 0; k < width; k++)
            {
                square2[(j * width) + k] = usable[j] && usable[k] ? (gram[((j + 1) * size) + k + 1] - (mass * mean[j] * mean[k])) / (length[j] * length[k]) : 0;
            }
        }

        double[] beta = Descend(square2, correlation, usable, penalty * noise, 0);
        bool[] kept = [.. beta.Select(b => b != 0)];
        beta = Descend(square2, correlation, kept, 0, Refit);
        double[] coefficients = new double[size];
        coefficients[0] = centre;
        for (int j = 0; j < width; j++)
        {
            if (kept[j])
            {
                coefficients[j + 1] = beta[j] / length[j];
                coefficients[0] -= coefficients[j + 1] * mean[j];
            }
        }

        return coefficients;
    }

    private static double[] Descend(double[] gram, double[] right, bool[] usable, double threshold, double ridge)
    {
        int width = right.Length;
        double[] beta = new double[width];
        double[] residual = [.. right];
        for (int sweep = 0; sweep < SweepsMax; sweep++)
        {
            double moved = 0;
            for (int j = 0; j < width; j++)
            {
                if (!usable[j])
                {
                    continue;
                }

                double own = residual[j] + beta[j];
                double next = Math.Sign(own) * Math.Max(0, Math.Abs(own) - threshold) / (1 + ridge);
                double step = next - beta[j];
                if (step == 0)
                {
                    continue;
                }

                for (int k = 0; k < width; k++)
                {
                    residual[k] -= step * gram[(j * width) + k];
                }

                beta[j] = next;
                moved = Math.Max(moved, Math.Abs(step));
            }

            if (moved < 1e-10 * (1 + Math.Abs(threshold)))
            {
                break;
            }
        }

        return beta;
    }
}

using System.Numerics.Tensors;

namespace KnowledgePay.Learning.Numerics;

/// <summary>Logistic regression with an L2 penalty, by Newton's method on dense rows.</summary>
public static class RidgeLogistic
{
    private const int StepsMax = 40;

    /// <summary>Minimises Σ log loss + ½·Σ penalty·(βⱼ − centreⱼ)²; the intercept is not penalised.</summary>
    /// <param name="x">Row after row, <paramref name="width"/> numbers each.</param>
    /// <param name="penalty">Above zero, so that the minimum is one even when outcomes separate.</param>
    /// <param name="start">Intercept and coefficients to begin from, or null.</param>
    /// <param name="centre">Towards which coefficients are drawn, or null for 0.</param>
    /// <returns>The intercept, then the coefficients.</returns>
    public static double[] Fit(double[] x, int width, ReadOnlySpan<byte> y, double penalty, double[]? start = null, double[]? centre = null)
    {
        int rows = y.Length;
        int size = width + 1;
        double[] beta = start is null ? new double[size] : [.. start];
        if (start is null)
        {
            double rate = Math.Clamp(TensorSum(y) / rows, 1e-6, 1 - 1e-6);
            beta[0] = Math.Log(rate / (1 - rate));
        }

        double loss = Loss(x, width, y, penalty, beta, centre);
        var gradient = new double[size];
        var hessian = new double[size * size];
        var scaled = new double[size];
        for (int step = 0; step < StepsMax; step++)
        {
            Array.Clear(gradient);
            Array.Clear(hessian);
            for (int row = 0; row < rows; row++)
            {
                ReadOnlySpan<double> values = x.AsSpan(row * width, width);
                double p = 1 / (1 + Math.Exp(-(beta[0] + TensorPrimitives.Dot(values, beta.AsSpan(1)))));
                double residual = p - y[row];
                double weight = p * (1 - p);
                gradient[0] += residual;
                Span<double> slopes = gradient.AsSpan(1);
                TensorPrimitives.MultiplyAdd(values, residual, slopes, slopes);
                hessian[0] += weight;
                Span<double> first = hessian.AsSpan(1, width);
                TensorPrimitives.MultiplyAdd(values, weight, first, first);
                for (int i = 0; i < width; i++)
                {
                    double factor = weight * values[i];
                    if (factor != 0)
                    {
                        Span<double> line = hessian.AsSpan(((i + 1) * size) + i + 1, width - i);
                        TensorPrimitives.MultiplyAdd(values[i..], factor, line, line);
                    }
                }
            }

            for (int i = 1; i < size; i++)
            {
                gradient[i] += penalty * (beta[i] - (centre?[i] ?? 0));
                hessian[(i * size) + i] += penalty;
            }

            hessian[0] += 1e-9;
            gradient.CopyTo(scaled, 0);
            Cholesky.SolveUpper(hessian, size, scaled);
            double decrement = TensorPrimitives.Dot<double>(gradient, scaled);
            if (decrement < 1e-12 * rows)
            {
                break;
            }

            double rate = 1;
            var next = new double[size];
            while (true)
            {
                for (int i = 0; i < size; i++)
                {
                    next[i] = beta[i] - (rate * scaled[i]);
                }

                double nextLoss = Loss(x, width, y, penalty, next, centre);
                if (nextLoss <= loss || rate < 1e-6)
                {
                    (beta, loss) = (next, nextLoss);
                    break;
                }

                rate /= 2;
            }
        }

        return beta;
    }

    private static double TensorSum(ReadOnlySpan<byte> y)
    {
        double sum = 0;
        foreach (byte value in y)
        {
            sum += value;
        }

        return sum;
    }

    private static double Loss(double[] x, int width, ReadOnlySpan<byte> y, double penalty, double[] beta, double[]? centre)
    {
        double loss = 0;
        for (int row = 0; row < y.Length; row++)
        {
            double z = beta[0] + TensorPrimitives.Dot<double>(x.AsSpan(row * width, width), beta.AsSpan(1));
            loss += Math.Max(z, 0) - (z * y[row]) + Math.Log(1 + Math.Exp(-Math.Abs(z)));
        }

        for (int i = 1; i <= width; i++)
        {
            double away = beta[i] - (centre?[i] ?? 0);
            loss += 0.5 * penalty * away * away;
        }

        return loss;
    }
}

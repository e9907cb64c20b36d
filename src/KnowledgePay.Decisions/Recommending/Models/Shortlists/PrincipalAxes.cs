using System.Numerics.Tensors;

namespace KnowledgePay.Decisions.Recommending.Models;

/// <summary>Mean, covariance and first principal axes of the items of a linear model; the bias counts as one more dimension, which a person has as 1.</summary>
internal sealed class PrincipalAxes
{
    private const int MostSweeps = 30;
    private const double Negligible = 1e-12;

    private readonly int _width;
    private readonly double[] _mean;
    private readonly double[] _covariance;
    private readonly float[] _axes;

    private PrincipalAxes(int width, double[] mean, double[] covariance, float[] axes)
    {
        (_width, _mean, _covariance, _axes) = (width, mean, covariance, axes);
    }

    /// <param name="wanted">Axes to keep; where there are fewer the rest are zero.</param>
    public static PrincipalAxes Of(int items, float[] rows, float[]? bias, int wanted)
    {
        int width = rows.Length / items, all = width + 1;
        double[] mean = new double[all];
        for (int item = 0; item < items; item++)
        {
            for (int k = 0; k < width; k++)
            {
                mean[k] += rows[(item * width) + k];
            }

            mean[width] += bias is null ? 0 : bias[item];
        }

        for (int k = 0; k < all; k++)
        {
            mean[k] /= Math.Max(1, items);
        }

        double[] covariance = new double[all * all];
        double[] one = new double[all];
        for (int item = 0; item < items; item++)
        {
            for (int k = 0; k < width; k++)
            {
                one[k] = rows[(item * width) + k] - mean[k];
            }

            one[width] = (bias is null ? 0 : bias[item]) - mean[width];
            for (int k = 0; k < all; k++)
            {
                Span<double> row = covariance.AsSpan(k * all, all);
                TensorPrimitives.MultiplyAdd(one, one[k], row, row);
            }
        }

        TensorPrimitives.Divide(covariance, Math.Max(1, items), covariance);
        return new PrincipalAxes(width, mean, covariance, Axes((double[])covariance.Clone(), all, wanted));
    }

    /// <summary>Mean and variance of all items' scores for a person.</summary>
    public (double Mean, double Variance) Of(ReadOnlySpan<float> person)
    {
        int all = _width + 1;
        Span<double> own = stackalloc double[all];
        TensorPrimitives.ConvertTruncating(person, own);
        own[_width] = 1;
        double variance = 0;
        for (int k = 0; k < all; k++)
        {
            variance += own[k] * TensorPrimitives.Dot<double>(_covariance.AsSpan(k * all, all), own);
        }

        return (TensorPrimitives.Dot<double>(_mean, own), Math.Max(0, variance));
    }

    /// <summary>Writes what a vector is on the axes; an item's less the mean.</summary>
    public void Turn(ReadOnlySpan<float> vector, float last, bool isItem, Span<float> turned)
    {
        int all = _width + 1;
        Span<float> whole = stackalloc float[all];
        vector.CopyTo(whole);
        whole[_width] = last;
        for (int k = 0; isItem && k < all; k++)
        {
            whole[k] -= (float)_mean[k];
        }

        for (int axis = 0; axis < turned.Length; axis++)
        {
            turned[axis] = TensorPrimitives.Dot<float>(_axes.AsSpan(axis * all, all), whole);
        }
    }

    /// <summary>Eigenvectors of a symmetric matrix by cyclic Jacobi rotations (Golub and Van Loan, "Matrix Computations", §8.5), those of the largest eigenvalues first.</summary>
    private static float[] Axes(double[] matrix, int n, int wanted)
    {
        double[] vectors = new double[n * n];
        double whole = 0;
        for (int k = 0; k < n; k++)
        {
            vectors[(k * n) + k] = 1;
            whole += matrix[(k * n) + k];
        }

        double enough = Negligible * whole * whole;
        for (int sweep = 0; sweep < MostSweeps && OffDiagonal(matrix, n) > enough; sweep++)
        {
            for (int p = 0; p < n - 1; p++)
            {
                for (int q = p + 1; q < n; q++)
                {
                    Rotate(matrix, vectors, n, p, q);
                }
            }
        }

        int[] order = [.. Enumerable.Range(0, n).OrderByDescending(k => matrix[(k * n) + k]).Take(wanted)];
        float[] axes = new float[wanted * n];
        for (int axis = 0; axis < order.Length; axis++)
        {
            for (int k = 0; k < n; k++)
            {
                axes[(axis * n) + k] = (float)vectors[(order[axis] * n) + k];
            }
        }

        return axes;
    }

    private static double OffDiagonal(double[] matrix, int n)
    {
        double sum = 0;
        for (int p = 0; p < n; p++)
        {
            for (int q = p + 1; q < n; q++)
            {
                sum += matrix[(p * n) + q] * matrix[(p * n) + q];
            }
        }

        return sum;
    }

    /// <summary>Turns axes p and q so that their product becomes 0; eigenvectors stand in rows.</summary>
    private static void Rotate(double[] matrix, double[] vectors, int n, int p, int q)
    {
        double between = matrix[(p * n) + q];
        if (between == 0)
        {
            return;
        }

        double theta = (matrix[(q * n) + q] - matrix[(p * n) + p]) / (2 * between);
        double t = Math.CopySign(1, theta) / (Math.Abs(theta) + Math.Sqrt((theta * theta) + 1));
        double c = 1 / Math.Sqrt((t * t) + 1), s = t * c;
        for (int k = 0; k < n; k++)
        {
            double a = matrix[(k * n) + p], b = matrix[(k * n) + q];
            matrix[(k * n) + p] = (c * a) - (s * b);
            matrix[(k * n) + q] = (s * a) + (c * b);
        }

        Mix(matrix.AsSpan(p * n, n), matrix.AsSpan(q * n, n), c, s);
        Mix(vectors.AsSpan(p * n, n), vectors.AsSpan(q * n, n), c, s);
    }

    private static void Mix(Span<double> p, Span<double> q, double c, double s)
    {
        for (int k = 0; k < p.Length; k++)
        {
            (p[k], q[k]) = ((c * p[k]) - (s * q[k]), (s * p[k]) + (c * q[k]));
        }
    }
}

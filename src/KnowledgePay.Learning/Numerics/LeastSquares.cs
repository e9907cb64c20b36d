using System.Numerics;

namespace KnowledgePay.Learning.Numerics;

/// <summary>A weighted least-squares problem with an L2 penalty, kept as XᵀWX and XᵀWy and solved by Cholesky.</summary>
internal sealed class LeastSquares(int width)
{
    private readonly double[] _matrix = new double[width * width];
    private readonly double[] _right = new double[width];

    public int Width { get; } = width;

    public void Add(ReadOnlySpan<double> row, double target, double weight)
    {
        for (int i = 0; i < Width; i++)
        {
            double scaled = weight * row[i];
            if (scaled == 0)
            {
                continue;
            }

            _right[i] += scaled * target;
            AddScaled(_matrix.AsSpan((i * Width) + i, Width - i), row[i..Width], scaled);
        }
    }

    /// <summary>Adds a row whose other columns are 0.</summary>
    public void AddSparse(ReadOnlySpan<int> columns, ReadOnlySpan<double> values, double target, double weight)
    {
        for (int a = 0; a < columns.Length; a++)
        {
            double scaled = weight * values[a];
            _right[columns[a]] += scaled * target;
            for (int b = 0; b < columns.Length; b++)
            {
                if (columns[b] >= columns[a])
                {
                    _matrix[(columns[a] * Width) + columns[b]] += scaled * values[b];
                }
            }
        }
    }

    public void Add(LeastSquares other)
    {
        AddScaled(_matrix, other._matrix, 1);
        AddScaled(_right, other._right, 1);
    }

    /// <summary>The coefficients that minimise Σ w(y − x·β)² + ridge·Σ β², the first <paramref name="free"/> of them not penalised.</summary>
    /// <remarks>A column that the others determine gets the least that the ridge needs: the matrix is made positive definite by a tiny multiple of its trace.</remarks>
    public double[] Solve(double ridge, int free)
    {
        double trace = 0;
        for (int i = 0; i < Width; i++)
        {
            trace += _matrix[(i * Width) + i];
        }

        double[] factor = new double[Width * Width];
        double jitter = 1e-12 * Math.Max(trace / Width, 1e-300);
        for (; ; jitter *= 100)
        {
            for (int i = 0; i < Width; i++)
            {
                for (int j = i; j < Width; j++)
                {
                    factor[(j * Width) + i] = _matrix[(i * Width) + j];
                }

                factor[(i * Width) + i] += jitter + (i < free ? 0 : ridge);
            }

            if (Cholesky(factor))
            {
                return Substitute(factor);
            }
        }
    }

    /// <summary>Lower factor in place; false when the matrix is not positive definite.</summary>
    private bool Cholesky(double[] a)
    {
        for (int j = 0; j < Width; j++)
        {
            Span<double> rowJ = a.AsSpan(j * Width, j + 1);
            double d = rowJ[j] - Dot(rowJ[..j], rowJ[..j]);
            if (!(d > 0))
            {
                return false;
            }

            rowJ[j] = Math.Sqrt(d);
            for (int i = j + 1; i < Width; i++)
            {
                Span<double> rowI = a.AsSpan(i * Width, j + 1);
                rowI[j] = (rowI[j] - Dot(rowI[..j], rowJ[..j])) / rowJ[j];
            }
        }

        return true;
    }

    private double[] Substitute(double[] factor)
    {
        double[] x = (double[])_right.Clone();
        for (int i = 0; i < Width; i++)
        {
            x[i] = (x[i] - Dot(factor.AsSpan(i * Width, i), x.AsSpan(0, i))) / factor[(i * Width) + i];
        }

        for (int i = Width - 1; i >= 0; i--)
        {
            for (int k = i + 1; k < Width; k++)
            {
                x[i] -= factor[(k * Width) + i] * x[k];
            }

            x[i] /= factor[(i * Width) + i];
        }

        return x;
    }

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        int i = 0;
        Vector<double> sum = Vector<double>.Zero;
        for (; i + Vector<double>.Count <= a.Length; i += Vector<double>.Count)
        {
            sum += new Vector<double>(a[i..]) * new Vector<double>(b[i..]);
        }

        double total = Vector.Sum(sum);
        for (; i < a.Length; i++)
        {
            total += a[i] * b[i];
        }

        return total;
    }

    private static void AddScaled(Span<double> to, ReadOnlySpan<double> from, double scale)
    {
        int i = 0;
        for (; i + Vector<double>.Count <= to.Length; i += Vector<double>.Count)
        {
            (new Vector<double>(to[i..]) + (new Vector<double>(from[i..]) * scale)).CopyTo(to[i..]);
        }

        for (; i < to.Length; i++)
        {
            to[i] += from[i] * scale;
        }
    }
}

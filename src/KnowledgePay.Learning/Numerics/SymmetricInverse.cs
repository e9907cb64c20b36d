using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace KnowledgePay.Learning.Numerics;

/// <summary>Inverse of a symmetric positive definite matrix, in place, by blocked Cholesky factors on all cores.</summary>
/// <remarks>
/// Everything is dot products of contiguous rows: with A = L·Lᵀ and U = L⁻ᵀ (upper, by rows), <c>L_ij = (a_ij − L_i·L_j)/L_jj</c>,
/// <c>U_ji = −(L_i·U_j)/L_ii</c>, <c>A⁻¹_ij = U_i·U_j</c>. n³/2 multiply-adds and 16 n² bytes; each block is computed by one thread in a fixed order,
/// so that the result does not depend on how many threads there are.
/// </remarks>
public static class SymmetricInverse
{
    private const int Block = 64;

    /// <param name="a">Row-major, n × n; the lower triangle is read, the whole inverse is written.</param>
    /// <exception cref="ArithmeticException">The matrix is not positive definite.</exception>
    public static void Invert(double[] a, int n)
    {
        var u = new double[(long)n * n];
        int blocks = (n + Block - 1) / Block;
        for (int j = 0; j < blocks; j++)
        {
            FactorColumn(a, n, j, blocks);
        }

        for (int i = 0; i < blocks; i++)
        {
            InvertRowBlock(a, u, n, i);
        }

        Parallel.For(0, blocks, i => MultiplyRowBlock(a, u, n, i));
        Parallel.For(0, blocks, i => Mirror(a, n, i));
    }

    /// <summary>Factors the diagonal block j and all blocks below it; columns left of it are final.</summary>
    private static void FactorColumn(double[] a, int n, int j, int blocks)
    {
        int j0 = j * Block, j1 = Math.Min(n, j0 + Block);
        SubtractProducts(a, a, a, n, j0, j1, j0, j1, 0, j0);
        for (int c = j0; c < j1; c++)
        {
            double pivot = a[((long)c * n) + c] - Dot(a, ((long)c * n) + j0, a, ((long)c * n) + j0, c - j0);
            if (!(pivot > 0))
            {
                throw new ArithmeticException("The matrix is not positive definite.");
            }

            double root = a[((long)c * n) + c] = Math.Sqrt(pivot);
            for (int r = c + 1; r < j1; r++)
            {
                ref double cell = ref a[((long)r * n) + c];
                cell = (cell - Dot(a, ((long)r * n) + j0, a, ((long)c * n) + j0, c - j0)) / root;
            }
        }

        Parallel.For(j + 1, blocks, i =>
        {
            int i0 = i * Block, i1 = Math.Min(n, i0 + Block);
            SubtractProducts(a, a, a, n, i0, i1, j0, j1, 0, j0);
            for (int r = i0; r < i1; r++)
            {
                for (int c = j0; c < j1; c++)
                {
                    ref double cell = ref a[((long)r * n) + c];
                    cell = (cell - Dot(a, ((long)r * n) + j0, a, ((long)c * n) + j0, c - j0)) / a[((long)c * n) + c];
                }
            }
        });
    }

    /// <summary>Columns of L⁻¹ at row block i, which are rows of U: <c>U_j,i = −Σ_k L_ik·U_jk / L_ii</c>.</summary>
    private static void InvertRowBlock(double[] l, double[] u, int n, int i)
    {
        int i0 = i * Block, i1 = Math.Min(n, i0 + Block);
        Parallel.For(0, i + 1, j =>
        {
            int j0 = j * Block, j1 = Math.Min(n, j0 + Block);
            if (j < i)
            {
                SubtractProducts(u, u, l, n, j0, j1, i0, i1, j0, i0);
            }

            for (int r = j0; r < j1; r++)
            {
                for (int c = Math.Max(i0, r); c < i1; c++)
                {
                    int from = Math.Max(i0, r);
                    double sum = (c == r ? 1 : u[((long)r * n) + c]) - Dot(l, ((long)c * n) + from, u, ((long)r * n) + from, c - from);
                    u[((long)r * n) + c] = sum / l[((long)c * n) + c];
                }
            }
        });
    }

    private static void MultiplyRowBlock(double[] a, double[] u, int n, int i)
    {
        int i0 = i * Block, i1 = Math.Min(n, i0 + Block);
        for (int j0 = 0; j0 <= i0; j0 += Block)
        {
            int j1 = Math.Min(n, j0 + Block);
            for (int r = i0; r < i1; r++)
            {
                ClearRow(a, ((long)r * n) + j0, j1 - j0);
            }

            SubtractProducts(a, u, u, n, i0, i1, j0, j1, i0, n);
            for (int r = i0; r < i1; r++)
            {
                for (int c = j0; c < j1; c++)
                {
                    a[((long)r * n) + c] = -a[((long)r * n) + c];
                }
            }
        }
    }

    private static void ClearRow(double[] a, long at, int count)
    {
        for (int k = 0; k < count; k++)
        {
            a[at + k] = 0;
        }
    }

    private static void Mirror(double[] a, int n, int i)
    {
        for (int r = i * Block; r < Math.Min(n, (i + 1) * Block); r++)
        {
            for (int c = r + 1; c < n; c++)
            {
                a[((long)r * n) + c] = a[((long)c * n) + r];
            }
        }
    }

    /// <summary><c>C[r,c] −= Σ_k A[r,k]·B[c,k]</c> over rectangles of matrices with n columns, three rows by four columns at a time.</summary>
    private static void SubtractProducts(double[] target, double[] a, double[] b, int n, int r0, int r1, int c0, int c1, int k0, int k1)
    {
        int length = k1 - k0;
        if (length <= 0)
        {
            return;
        }

        ref double left = ref MemoryMarshal.GetArrayDataReference(a);
        ref double right = ref MemoryMarshal.GetArrayDataReference(b);
        int r = r0;
        for (; r + 3 <= r1; r += 3)
        {
            int c = c0;
            for (; c + 4 <= c1; c += 4)
            {
                Tile(ref Unsafe.Add(ref left, (nint)(((long)r * n) + k0)), ref Unsafe.Add(ref right, (nint)(((long)c * n) + k0)), n, length, target, ((long)r * n) + c);
            }

            for (; c < c1; c++)
            {
                for (int q = r; q < r + 3; q++)
                {
                    target[((long)q * n) + c] -= Dot(a, ((long)q * n) + k0, b, ((long)c * n) + k0, length);
                }
            }
        }

        for (; r < r1; r++)
        {
            for (int c = c0; c < c1; c++)
            {
                target[((long)r * n) + c] -= Dot(a, ((long)r * n) + k0, b, ((long)c * n) + k0, length);
            }
        }
    }

    private static void Tile(ref double a, ref double b, int n, int length, double[] target, long at)
    {
        ref double a1 = ref Unsafe.Add(ref a, n);
        ref double a2 = ref Unsafe.Add(ref a, 2 * (nint)n);
        ref double b1 = ref Unsafe.Add(ref b, n);
        ref double b2 = ref Unsafe.Add(ref b, 2 * (nint)n);
        ref double b3 = ref Unsafe.Add(ref b, 3 * (nint)n);
        Vector<double> s00 = default, s01 = default, s02 = default, s03 = default;
        Vector<double> s10 = default, s11 = default, s12 = default, s13 = default;
        Vector<double> s20 = default, s21 = default, s22 = default, s23 = default;
        nint k = 0;
        for (; k <= length - Vector<double>.Count; k += Vector<double>.Count)
        {
            Vector<double> y0 = Vector.LoadUnsafe(ref b, (nuint)k), y1 = Vector.LoadUnsafe(ref b1, (nuint)k);
            Vector<double> y2 = Vector.LoadUnsafe(ref b2, (nuint)k), y3 = Vector.LoadUnsafe(ref b3, (nuint)k);
            Vector<double> x = Vector.LoadUnsafe(ref a, (nuint)k);
            s00 = Vector.FusedMultiplyAdd(x, y0, s00);
            s01 = Vector.FusedMultiplyAdd(x, y1, s01);
            s02 = Vector.FusedMultiplyAdd(x, y2, s02);
            s03 = Vector.FusedMultiplyAdd(x, y3, s03);
            x = Vector.LoadUnsafe(ref a1, (nuint)k);
            s10 = Vector.FusedMultiplyAdd(x, y0, s10);
            s11 = Vector.FusedMultiplyAdd(x, y1, s11);
            s12 = Vector.FusedMultiplyAdd(x, y2, s12);
            s13 = Vector.FusedMultiplyAdd(x, y3, s13);
            x = Vector.LoadUnsafe(ref a2, (nuint)k);
            s20 = Vector.FusedMultiplyAdd(x, y0, s20);
            s21 = Vector.FusedMultiplyAdd(x, y1, s21);
            s22 = Vector.FusedMultiplyAdd(x, y2, s22);
            s23 = Vector.FusedMultiplyAdd(x, y3, s23);
        }

        Span<double> sums =
        [
            Vector.Sum(s00), Vector.Sum(s01), Vector.Sum(s02), Vector.Sum(s03),
            Vector.Sum(s10), Vector.Sum(s11), Vector.Sum(s12), Vector.Sum(s13),
            Vector.Sum(s20), Vector.Sum(s21), Vector.Sum(s22), Vector.Sum(s23),
        ];
        for (int r = 0; r < 3; r++)
        {
            for (int c = 0; c < 4; c++)
            {
                double sum = sums[(r * 4) + c];
                for (nint rest = k; rest < length; rest++)
                {
                    sum += Unsafe.Add(ref a, (r * (nint)n) + rest) * Unsafe.Add(ref b, (c * (nint)n) + rest);
                }

                target[at + ((long)r * n) + c] -= sum;
            }
        }
    }

    private static double Dot(double[] a, long at, double[] b, long bt, int length)
    {
        ref double x = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(a), (nint)at);
        ref double y = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(b), (nint)bt);
        Vector<double> sums = default;
        int k = 0;
        for (; k <= length - Vector<double>.Count; k += Vector<double>.Count)
        {
            sums = Vector.FusedMultiplyAdd(Vector.LoadUnsafe(ref x, (nuint)k), Vector.LoadUnsafe(ref y, (nuint)k), sums);
        }

        double sum = Vector.Sum(sums);
        for (; k < length; k++)
        {
            sum += Unsafe.Add(ref x, k) * Unsafe.Add(ref y, k);
        }

        return sum;
    }
}

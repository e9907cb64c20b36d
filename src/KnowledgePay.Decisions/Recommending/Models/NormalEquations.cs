using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace KnowledgePay.Decisions.Recommending.Models;

/// <summary>Small symmetric systems in single precision, as alternating least squares solves one for each person and item.</summary>
public static class NormalEquations
{
    /// <summary>Dimensions come in multiples of this, so that rows are whole vectors.</summary>
    public const int DimensionStep = 16;

    /// <summary>Adds <c>Σ_r y_r·y_rᵀ</c> to the lower triangle of a (and to what completes its blocks).</summary>
    /// <param name="a">Row-major, d × d.</param>
    /// <param name="rows">Vectors of length d, one after the other.</param>
    /// <param name="d">A multiple of <see cref="DimensionStep"/>.</param>
    public static void AddOuterProducts(Span<float> a, ReadOnlySpan<float> rows, int d)
    {
        int count = rows.Length / d;
        ref float y = ref MemoryMarshal.GetReference(rows);
        int width = Vector<float>.Count;
        for (int i = 0; i < d; i += 4)
        {
            for (int j = 0; j < i + 4; j += 2 * width)
            {
                Vector<float> s00 = default, s01 = default, s10 = default, s11 = default, s20 = default, s21 = default, s30 = default, s31 = default;
                ref float row = ref y;
                for (int r = 0; r < count; r++, row = ref Unsafe.Add(ref row, d))
                {
                    Vector<float> left = Vector.LoadUnsafe(ref row, (nuint)j);
                    Vector<float> right = Vector.LoadUnsafe(ref row, (nuint)(j + width));
                    var x0 = new Vector<float>(Unsafe.Add(ref row, i));
                    var x1 = new Vector<float>(Unsafe.Add(ref row, i + 1));
                    var x2 = new Vector<float>(Unsafe.Add(ref row, i + 2));
                    var x3 = new Vector<float>(Unsafe.Add(ref row, i + 3));
                    s00 = Vector.FusedMultiplyAdd(x0, left, s00);
                    s01 = Vector.FusedMultiplyAdd(x0, right, s01);
                    s10 = Vector.FusedMultiplyAdd(x1, left, s10);
                    s11 = Vector.FusedMultiplyAdd(x1, right, s11);
                    s20 = Vector.FusedMultiplyAdd(x2, left, s20);
                    s21 = Vector.FusedMultiplyAdd(x2, right, s21);
                    s30 = Vector.FusedMultiplyAdd(x3, left, s30);
                    s31 = Vector.FusedMultiplyAdd(x3, right, s31);
                }

                Accumulate(a, (i * d) + j, s00, s01);
                Accumulate(a, ((i + 1) * d) + j, s10, s11);
                Accumulate(a, ((i + 2) * d) + j, s20, s21);
                Accumulate(a, ((i + 3) * d) + j, s30, s31);
            }
        }
    }

    /// <summary>Solves <c>a·x = b</c> by Cholesky factors of the lower triangle, in place: a holds the factor and b the solution afterwards.</summary>
    /// <returns>False when a is not positive definite; b is then undefined.</returns>
    public static bool Solve(Span<float> a, Span<float> b)
    {
        int d = b.Length;
        for (int j = 0; j < d; j++)
        {
            ReadOnlySpan<float> pivotRow = a.Slice(j * d, j);
            float pivot = a[(j * d) + j] - Dot(pivotRow, pivotRow);
            if (!(pivot > 0))
            {
                return false;
            }

            float root = a[(j * d) + j] = MathF.Sqrt(pivot);
            for (int i = j + 1; i < d; i++)
            {
                ref float cell = ref a[(i * d) + j];
                cell = (cell - Dot(a.Slice(i * d, j), pivotRow)) / root;
            }

            b[j] = (b[j] - Dot(pivotRow, b[..j])) / root;
        }

        for (int i = d - 1; i >= 0; i--)
        {
            float sum = b[i];
            for (int k = i + 1; k < d; k++)
            {
                sum -= a[(k * d) + i] * b[k];
            }

            b[i] = sum / a[(i * d) + i];
        }

        return true;
    }

    private static float Dot(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        Vector<float> sums = default;
        int k = 0;
        ref float left = ref MemoryMarshal.GetReference(x);
        ref float right = ref MemoryMarshal.GetReference(y);
        for (; k <= x.Length - Vector<float>.Count; k += Vector<float>.Count)
        {
            sums = Vector.FusedMultiplyAdd(Vector.LoadUnsafe(ref left, (nuint)k), Vector.LoadUnsafe(ref right, (nuint)k), sums);
        }

        float sum = Vector.Sum(sums);
        for (; k < x.Length; k++)
        {
            sum += x[k] * y[k];
        }

        return sum;
    }

    private static void Accumulate(Span<float> a, int at, Vector<float> left, Vector<float> right)
    {
        ref float cell = ref MemoryMarshal.GetReference(a);
        (Vector.LoadUnsafe(ref cell, (nuint)at) + left).StoreUnsafe(ref cell, (nuint)at);
        (Vector.LoadUnsafe(ref cell, (nuint)(at + Vector<float>.Count)) + right).StoreUnsafe(ref cell, (nuint)(at + Vector<float>.Count));
    }
}

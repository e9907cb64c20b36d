using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace KnowledgePay.Decisions.Recommending.Models;

/// <summary>Small symmetric systems in single precision, as alternating least squares solves one for each person and item.</summary>
public static class NormalEquations
{
    /// <summary>Dimensions come in multiples of this, so that rows are whole vectors.</summary>
    public const int DimensionStep = 16;

    /// <summary>Columns that are factorised together: a vector of them.</summary>
    private const int Panel = 8;

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

    /// <summary>Solves <c>a·x = b</c> by Cholesky factors of the lower triangle, in place: b holds the solution afterwards, a the factor and, above its diagonal, anything.</summary>
    /// <param name="a">Row-major, d × d; what is above the diagonal is not read.</param>
    /// <param name="b">d numbers, a multiple of <see cref="DimensionStep"/>.</param>
    /// <returns>False when a is not positive definite; b is then undefined.</returns>
    public static bool Solve(Span<float> a, Span<float> b)
    {
        int d = b.Length;
        ArgumentOutOfRangeException.ThrowIfNotEqual(d % DimensionStep, 0);
        ArgumentOutOfRangeException.ThrowIfLessThan(a.Length, d * d);
        Span<float> turned = stackalloc float[Panel * d];
        for (int from = 0; from < d; from += Panel)
        {
            if (!Factorise(a, d, from, turned))
            {
                return false;
            }

            for (int row = from + Panel; row < d; row++)
            {
                TakeOff(a, d, from, row, turned);
            }
        }

        for (int i = 0; i < d; i++)
        {
            ReadOnlySpan<float> row = a.Slice(i * d, i);
            b[i] = (b[i] - TensorPrimitives.Dot(row, b[..i])) / a[(i * d) + i];
        }

        for (int i = d - 1; i >= 0; i--)
        {
            b[i] /= a[(i * d) + i];
            TensorPrimitives.MultiplyAdd(a.Slice(i * d, i), -b[i], b[..i], b[..i]);
        }

        return true;
    }

    /// <summary>Factorises the next columns, from the diagonal down, whose earlier columns are taken off already, and writes them as rows too.</summary>
    /// <param name="turned">Row q holds column <c>from + q</c>, from the row <c>from</c> on at 0.</param>
    private static bool Factorise(Span<float> a, int d, int from, Span<float> turned)
    {
        for (int j = 0; j < Panel; j++)
        {
            Span<float> pivotRow = a.Slice(((from + j) * d) + from, Panel);
            float pivot = pivotRow[j];
            for (int k = 0; k < j; k++)
            {
                pivot -= pivotRow[k] * pivotRow[k];
            }

            if (!(pivot > 0))
            {
                return false;
            }

            float root = pivotRow[j] = MathF.Sqrt(pivot);
            for (int i = j + 1; i < Panel; i++)
            {
                Span<float> row = a.Slice(((from + i) * d) + from, Panel);
                float sum = row[j];
                for (int k = 0; k < j; k++)
                {
                    sum -= row[k] * pivotRow[k];
                }

                row[j] = sum / root;
            }
        }

        // A row below is its numbers times the inverse of the block's transpose: one product instead of a chain of divisions.
        Span<float> inverse = stackalloc float[Panel * Panel];
        InvertBlock(a, d, from, inverse);
        int stride = d - from;
        ref float first = ref MemoryMarshal.GetReference(inverse);
        for (int i = from + Panel; i < d; i++)
        {
            Span<float> row = a.Slice((i * d) + from, Panel);
            Vector256<float> sum = row[0] * Vector256.LoadUnsafe(ref first);
            for (int q = 1; q < Panel; q++)
            {
                sum = Vector256.FusedMultiplyAdd(Vector256.Create(row[q]), Vector256.LoadUnsafe(ref first, (nuint)(q * Panel)), sum);
            }

            sum.CopyTo(row);
            for (int q = 0; q < Panel; q++)
            {
                turned[(q * stride) + i - from] = row[q];
            }
        }

        return true;
    }

    /// <summary>Writes the transpose of the inverse of a factorised block on the diagonal.</summary>
    private static void InvertBlock(ReadOnlySpan<float> a, int d, int from, Span<float> inverse)
    {
        inverse.Clear();
        for (int column = 0; column < Panel; column++)
        {
            for (int i = column; i < Panel; i++)
            {
                ReadOnlySpan<float> row = a.Slice(((from + i) * d) + from, Panel);
                float sum = i == column ? 1 : 0;
                for (int k = column; k < i; k++)
                {
                    sum -= row[k] * inverse[(column * Panel) + k];
                }

                inverse[(column * Panel) + i] = sum / row[i];
            }
        }
    }

    /// <summary>Takes the factorised columns off a row's later ones, up to the diagonal (and to what completes its vector).</summary>
    private static void TakeOff(Span<float> a, int d, int from, int row, ReadOnlySpan<float> turned)
    {
        int stride = d - from;
        ref float cell = ref a[(row * d) + from];
        ref float column = ref MemoryMarshal.GetReference(turned);
        Vector256<float> x0 = Vector256.Create(-cell), x1 = Vector256.Create(-Unsafe.Add(ref cell, 1)), x2 = Vector256.Create(-Unsafe.Add(ref cell, 2)), x3 = Vector256.Create(-Unsafe.Add(ref cell, 3));
        Vector256<float> x4 = Vector256.Create(-Unsafe.Add(ref cell, 4)), x5 = Vector256.Create(-Unsafe.Add(ref cell, 5)), x6 = Vector256.Create(-Unsafe.Add(ref cell, 6)), x7 = Vector256.Create(-Unsafe.Add(ref cell, 7));
        for (int at = Panel; at <= row - from; at += Panel)
        {
            ref float here = ref Unsafe.Add(ref column, at);
            Vector256<float> even = Vector256.LoadUnsafe(ref cell, (nuint)at), odd = x1 * Vector256.LoadUnsafe(ref here, (nuint)stride);
            even = Vector256.FusedMultiplyAdd(x0, Vector256.LoadUnsafe(ref here), even);
            even = Vector256.FusedMultiplyAdd(x2, Vector256.LoadUnsafe(ref here, (nuint)(2 * stride)), even);
            odd = Vector256.FusedMultiplyAdd(x3, Vector256.LoadUnsafe(ref here, (nuint)(3 * stride)), odd);
            even = Vector256.FusedMultiplyAdd(x4, Vector256.LoadUnsafe(ref here, (nuint)(4 * stride)), even);
            odd = Vector256.FusedMultiplyAdd(x5, Vector256.LoadUnsafe(ref here, (nuint)(5 * stride)), odd);
            even = Vector256.FusedMultiplyAdd(x6, Vector256.LoadUnsafe(ref here, (nuint)(6 * stride)), even);
            odd = Vector256.FusedMultiplyAdd(x7, Vector256.LoadUnsafe(ref here, (nuint)(7 * stride)), odd);
            (even + odd).StoreUnsafe(ref cell, (nuint)at);
        }
    }

    private static void Accumulate(Span<float> a, int at, Vector<float> left, Vector<float> right)
    {
        ref float cell = ref MemoryMarshal.GetReference(a);
        (Vector.LoadUnsafe(ref cell, (nuint)at) + left).StoreUnsafe(ref cell, (nuint)at);
        (Vector.LoadUnsafe(ref cell, (nuint)(at + Vector<float>.Count)) + right).StoreUnsafe(ref cell, (nuint)(at + Vector<float>.Count));
    }
}

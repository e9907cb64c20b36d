using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace KnowledgePay.Decisions.Recommending.Models;

/// <summary>Products of one vector with every row of a matrix: the score of each item for one person.</summary>
public static class RowProducts
{
    private const int Together = 4;

    /// <summary><c>products_i += rows_i·vector</c>; each row is summed by itself in the same order, however many there are.</summary>
    /// <param name="rows">Row-major, as wide as the vector.</param>
    /// <exception cref="ArgumentException">There are not as many rows as products.</exception>
    public static void Add(ReadOnlySpan<float> rows, ReadOnlySpan<float> vector, Span<float> products)
    {
        int d = vector.Length;
        if (rows.Length < (long)d * products.Length)
        {
            throw new ArgumentException("As many rows as products are expected.", nameof(rows));
        }

        int i = 0;
        if (d % Vector256<float>.Count == 0)
        {
            ref float v = ref MemoryMarshal.GetReference(vector);
            ref float row = ref MemoryMarshal.GetReference(rows);
            for (; i + Together <= products.Length; i += Together, row = ref Unsafe.Add(ref row, Together * d))
            {
                ref float row1 = ref Unsafe.Add(ref row, d), row2 = ref Unsafe.Add(ref row, 2 * d), row3 = ref Unsafe.Add(ref row, 3 * d);
                Vector256<float> s0 = default, s1 = default, s2 = default, s3 = default;
                for (nuint k = 0; k < (nuint)d; k += (nuint)Vector256<float>.Count)
                {
                    var x = Vector256.LoadUnsafe(ref v, k);
                    s0 = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref row, k), x, s0);
                    s1 = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref row1, k), x, s1);
                    s2 = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref row2, k), x, s2);
                    s3 = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref row3, k), x, s3);
                }

                products[i] += Vector256.Sum(s0);
                products[i + 1] += Vector256.Sum(s1);
                products[i + 2] += Vector256.Sum(s2);
                products[i + 3] += Vector256.Sum(s3);
            }

            for (; i < products.Length; i++, row = ref Unsafe.Add(ref row, d))
            {
                Vector256<float> sum = default;
                for (nuint k = 0; k < (nuint)d; k += (nuint)Vector256<float>.Count)
                {
                    sum = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref row, k), Vector256.LoadUnsafe(ref v, k), sum);
                }

                products[i] += Vector256.Sum(sum);
            }
        }

        for (; i < products.Length; i++)
        {
            products[i] += TensorPrimitives.Dot(rows.Slice(i * d, d), vector);
        }
    }
}

using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace KnowledgePay.Decisions.Recommending.Models;

/// <summary>Products of one vector with rows of a matrix: the score of each item for one person. Each row is summed by itself in the same order, whatever rows it is asked with.</summary>
public static class RowProducts
{
    private const int Together = 4;

    /// <summary><c>products_i += rows_i·vector</c>.</summary>
    /// <param name="rows">Row-major, as wide as the vector.</param>
    /// <exception cref="ArgumentException">There are not as many rows as products.</exception>
    public static void Add(ReadOnlySpan<float> rows, ReadOnlySpan<float> vector, Span<float> products)
    {
        int d = vector.Length;
        if (rows.Length < (long)d * products.Length)
        {
            throw new ArgumentException("As many rows as products are expected.", nameof(rows));
        }

        ref float v = ref MemoryMarshal.GetReference(vector);
        ref float row = ref MemoryMarshal.GetReference(rows);
        int i = 0;
        for (; i + Together <= products.Length; i += Together, row = ref Unsafe.Add(ref row, Together * d))
        {
            Vector128<float> four = Four(ref row, ref Unsafe.Add(ref row, d), ref Unsafe.Add(ref row, 2 * d), ref Unsafe.Add(ref row, 3 * d), ref v, d);
            (Vector128.LoadUnsafe(ref products[i]) + four).StoreUnsafe(ref products[i]);
        }

        for (; i < products.Length; i++, row = ref Unsafe.Add(ref row, d))
        {
            products[i] += One(ref row, ref v, d);
        }
    }

    /// <summary><c>products_i = rows_{items_i}·vector</c>: rows far apart are waited for together.</summary>
    /// <param name="items">Ordinals of rows.</param>
    /// <exception cref="ArgumentException">There are not as many products as items.</exception>
    public static void Of(ReadOnlySpan<float> rows, ReadOnlySpan<int> items, ReadOnlySpan<float> vector, Span<float> products)
    {
        int d = vector.Length;
        if (products.Length != items.Length)
        {
            throw new ArgumentException("As many products as items are expected.", nameof(products));
        }

        ref float v = ref MemoryMarshal.GetReference(vector);
        int i = 0;
        for (; i + Together <= items.Length; i += Together)
        {
            Four(ref RowOf(rows, items[i], d), ref RowOf(rows, items[i + 1], d), ref RowOf(rows, items[i + 2], d), ref RowOf(rows, items[i + 3], d), ref v, d)
                .StoreUnsafe(ref products[i]);
        }

        for (; i < items.Length; i++)
        {
            products[i] = One(ref RowOf(rows, items[i], d), ref v, d);
        }
    }

    private static ref float RowOf(ReadOnlySpan<float> rows, int item, int d) => ref MemoryMarshal.GetReference(rows.Slice(item * d, d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Four(ref float row0, ref float row1, ref float row2, ref float row3, ref float v, int d)
    {
        if (d % Vector256<float>.Count != 0)
        {
            return Vector128.Create(One(ref row0, ref v, d), One(ref row1, ref v, d), One(ref row2, ref v, d), One(ref row3, ref v, d));
        }

        Vector256<float> s0 = default, s1 = default, s2 = default, s3 = default;
        for (nuint k = 0; k < (nuint)d; k += (nuint)Vector256<float>.Count)
        {
            var x = Vector256.LoadUnsafe(ref v, k);
            s0 = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref row0, k), x, s0);
            s1 = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref row1, k), x, s1);
            s2 = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref row2, k), x, s2);
            s3 = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref row3, k), x, s3);
        }

        return Vector128.Create(Vector256.Sum(s0), Vector256.Sum(s1), Vector256.Sum(s2), Vector256.Sum(s3));
    }

    private static float One(ref float row, ref float v, int d)
    {
        if (d % Vector256<float>.Count != 0)
        {
            return TensorPrimitives.Dot(MemoryMarshal.CreateReadOnlySpan(ref row, d), MemoryMarshal.CreateReadOnlySpan(ref v, d));
        }

        Vector256<float> sum = default;
        for (nuint k = 0; k < (nuint)d; k += (nuint)Vector256<float>.Count)
        {
            sum = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref row, k), Vector256.LoadUnsafe(ref v, k), sum);
        }

        return Vector256.Sum(sum);
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace KnowledgePay.Decisions.Recommending.Models;

/// <summary>Products of dense single-precision matrices that are small enough for a cache or nearly so, on one thread.</summary>
/// <remarks>Four rows by sixteen columns, or thirty-two, are held in registers over the whole inner dimension, so that the result depends neither on threads nor on how rows are grouped into calls nor on the width of the processor's vectors.</remarks>
public static class MatrixProduct
{
    private const int TileRows = 4;
    private const int TileColumns = 16;

    /// <summary>Where the processor has vectors of sixteen numbers.</summary>
    private const int WideColumns = 32;

    /// <summary><c>C[i,j] = Σ_k A[i,k]·B[k,j]</c>, or added to what is in C; B and C are row-major without gaps.</summary>
    /// <param name="a">A, m × k: element (i, k) at <c>i·rowStride + k·columnStride</c>, so that a transposed matrix needs no copy.</param>
    /// <param name="b">k × n.</param>
    /// <param name="c">m × n.</param>
    /// <param name="add">Adds to C instead of overwriting it.</param>
    /// <exception cref="ArgumentException">A span is too short for the shape.</exception>
    public static void Multiply(ReadOnlySpan<float> a, int rowStride, int columnStride, ReadOnlySpan<float> b, Span<float> c, int m, int k, int n, bool add = false)
    {
        if (!add)
        {
            c[..(m * n)].Clear();
        }

        AddTo(a, rowStride, columnStride, b, n, c, n, m, k, n);
    }

    /// <summary><c>C[i,j] += Σ_k A[i,k]·B[k,j]</c> for matrices that are columns of wider ones.</summary>
    /// <param name="widthOfB">From a row of B to the next.</param>
    /// <param name="widthOfC">From a row of C to the next.</param>
    /// <inheritdoc cref="Multiply"/>
    public static void AddTo(ReadOnlySpan<float> a, int rowStride, int columnStride, ReadOnlySpan<float> b, int widthOfB, Span<float> c, int widthOfC, int m, int k, int n)
    {
        if (m == 0 || n == 0 || k == 0)
        {
            return;
        }

        long lastOfA = ((long)(m - 1) * rowStride) + ((long)(k - 1) * columnStride);
        if (n > widthOfB || n > widthOfC || b.Length < ((long)(k - 1) * widthOfB) + n || c.Length < ((long)(m - 1) * widthOfC) + n || a.Length <= lastOfA)
        {
            throw new ArgumentException("The matrices are shorter than their shapes say.", nameof(c));
        }

        ref float a0 = ref MemoryMarshal.GetReference(a);
        ref float c0 = ref MemoryMarshal.GetReference(c);
        float[] rented = System.Buffers.ArrayPool<float>.Shared.Rent(k * WideColumns);
        ref float panel = ref MemoryMarshal.GetArrayDataReference(rented);
        int j = 0;
        for (int tile = Vector512.IsHardwareAccelerated ? WideColumns : TileColumns; tile >= TileColumns; tile /= 2)
        {
            for (; j + tile <= n; j += tile)
            {
                // Side by side a tile's columns stay in the first cache, whatever n is.
                for (int q = 0; q < k; q++)
                {
                    b.Slice((q * widthOfB) + j, tile).CopyTo(rented.AsSpan(q * tile));
                }

                int i = 0;
                for (; i + TileRows <= m; i += TileRows)
                {
                    ref float from = ref Unsafe.Add(ref a0, (nint)i * rowStride);
                    ref float to = ref Unsafe.Add(ref c0, ((nint)i * widthOfC) + j);
                    if (tile == WideColumns)
                    {
                        FourWideRows(ref from, rowStride, columnStride, ref panel, ref to, widthOfC, k);
                    }
                    else
                    {
                        FourRows(ref from, rowStride, columnStride, ref panel, ref to, widthOfC, k);
                    }
                }

                for (; i < m; i++)
                {
                    for (int half = 0; half < tile; half += TileColumns)
                    {
                        OneRow(ref Unsafe.Add(ref a0, (nint)i * rowStride), columnStride, ref Unsafe.Add(ref panel, half), tile, ref Unsafe.Add(ref c0, ((nint)i * widthOfC) + j + half), k);
                    }
                }
            }
        }

        System.Buffers.ArrayPool<float>.Shared.Return(rented);
        for (int i = 0; i < m && j < n; i++)
        {
            for (int column = j; column < n; column++)
            {
                float sum = c[(i * widthOfC) + column];
                for (int q = 0; q < k; q++)
                {
                    sum = MathF.FusedMultiplyAdd(a[(i * rowStride) + (q * columnStride)], b[(q * widthOfB) + column], sum);
                }

                c[(i * widthOfC) + column] = sum;
            }
        }
    }

    /// <summary>Writes Bᵀ.</summary>
    /// <param name="b">rows × columns.</param>
    public static void Transpose(ReadOnlySpan<float> b, int rows, int columns, Span<float> transposed)
    {
        const int Block = 16;
        for (int i0 = 0; i0 < rows; i0 += Block)
        {
            int i1 = Math.Min(rows, i0 + Block);
            for (int j = 0; j < columns; j++)
            {
                for (int i = i0; i < i1; i++)
                {
                    transposed[(j * rows) + i] = b[(i * columns) + j];
                }
            }
        }
    }

    private static void FourRows(ref float a, int rowStride, int columnStride, ref float panel, ref float c, int n, int k)
    {
        ref float a1 = ref Unsafe.Add(ref a, (nint)rowStride);
        ref float a2 = ref Unsafe.Add(ref a, 2 * (nint)rowStride);
        ref float a3 = ref Unsafe.Add(ref a, 3 * (nint)rowStride);
        ref float c1 = ref Unsafe.Add(ref c, n);
        ref float c2 = ref Unsafe.Add(ref c, 2 * (nint)n);
        ref float c3 = ref Unsafe.Add(ref c, 3 * (nint)n);
        Vector256<float> s00 = Vector256.LoadUnsafe(ref c), s01 = Vector256.LoadUnsafe(ref c, 8);
        Vector256<float> s10 = Vector256.LoadUnsafe(ref c1), s11 = Vector256.LoadUnsafe(ref c1, 8);
        Vector256<float> s20 = Vector256.LoadUnsafe(ref c2), s21 = Vector256.LoadUnsafe(ref c2, 8);
        Vector256<float> s30 = Vector256.LoadUnsafe(ref c3), s31 = Vector256.LoadUnsafe(ref c3, 8);
        nint at = 0;
        for (nint q = 0; q < k; q++, at += columnStride)
        {
            ref float row = ref Unsafe.Add(ref panel, q * TileColumns);
            Vector256<float> b0 = Vector256.LoadUnsafe(ref row), b1 = Vector256.LoadUnsafe(ref row, 8);
            Vector256<float> x = Vector256.Create(Unsafe.Add(ref a, at));
            s00 = Vector256.FusedMultiplyAdd(x, b0, s00);
            s01 = Vector256.FusedMultiplyAdd(x, b1, s01);
            x = Vector256.Create(Unsafe.Add(ref a1, at));
            s10 = Vector256.FusedMultiplyAdd(x, b0, s10);
            s11 = Vector256.FusedMultiplyAdd(x, b1, s11);
            x = Vector256.Create(Unsafe.Add(ref a2, at));
            s20 = Vector256.FusedMultiplyAdd(x, b0, s20);
            s21 = Vector256.FusedMultiplyAdd(x, b1, s21);
            x = Vector256.Create(Unsafe.Add(ref a3, at));
            s30 = Vector256.FusedMultiplyAdd(x, b0, s30);
            s31 = Vector256.FusedMultiplyAdd(x, b1, s31);
        }

        s00.StoreUnsafe(ref c);
        s01.StoreUnsafe(ref c, 8);
        s10.StoreUnsafe(ref c1);
        s11.StoreUnsafe(ref c1, 8);
        s20.StoreUnsafe(ref c2);
        s21.StoreUnsafe(ref c2, 8);
        s30.StoreUnsafe(ref c3);
        s31.StoreUnsafe(ref c3, 8);
    }

    private static void FourWideRows(ref float a, int rowStride, int columnStride, ref float panel, ref float c, int n, int k)
    {
        ref float a1 = ref Unsafe.Add(ref a, (nint)rowStride);
        ref float a2 = ref Unsafe.Add(ref a, 2 * (nint)rowStride);
        ref float a3 = ref Unsafe.Add(ref a, 3 * (nint)rowStride);
        ref float c1 = ref Unsafe.Add(ref c, n);
        ref float c2 = ref Unsafe.Add(ref c, 2 * (nint)n);
        ref float c3 = ref Unsafe.Add(ref c, 3 * (nint)n);
        Vector512<float> s00 = Vector512.LoadUnsafe(ref c), s01 = Vector512.LoadUnsafe(ref c, 16);
        Vector512<float> s10 = Vector512.LoadUnsafe(ref c1), s11 = Vector512.LoadUnsafe(ref c1, 16);
        Vector512<float> s20 = Vector512.LoadUnsafe(ref c2), s21 = Vector512.LoadUnsafe(ref c2, 16);
        Vector512<float> s30 = Vector512.LoadUnsafe(ref c3), s31 = Vector512.LoadUnsafe(ref c3, 16);
        nint at = 0;
        for (nint q = 0; q < k; q++, at += columnStride)
        {
            ref float row = ref Unsafe.Add(ref panel, q * WideColumns);
            Vector512<float> b0 = Vector512.LoadUnsafe(ref row), b1 = Vector512.LoadUnsafe(ref row, 16);
            Vector512<float> x = Vector512.Create(Unsafe.Add(ref a, at));
            s00 = Vector512.FusedMultiplyAdd(x, b0, s00);
            s01 = Vector512.FusedMultiplyAdd(x, b1, s01);
            x = Vector512.Create(Unsafe.Add(ref a1, at));
            s10 = Vector512.FusedMultiplyAdd(x, b0, s10);
            s11 = Vector512.FusedMultiplyAdd(x, b1, s11);
            x = Vector512.Create(Unsafe.Add(ref a2, at));
            s20 = Vector512.FusedMultiplyAdd(x, b0, s20);
            s21 = Vector512.FusedMultiplyAdd(x, b1, s21);
            x = Vector512.Create(Unsafe.Add(ref a3, at));
            s30 = Vector512.FusedMultiplyAdd(x, b0, s30);
            s31 = Vector512.FusedMultiplyAdd(x, b1, s31);
        }

        s00.StoreUnsafe(ref c);
        s01.StoreUnsafe(ref c, 16);
        s10.StoreUnsafe(ref c1);
        s11.StoreUnsafe(ref c1, 16);
        s20.StoreUnsafe(ref c2);
        s21.StoreUnsafe(ref c2, 16);
        s30.StoreUnsafe(ref c3);
        s31.StoreUnsafe(ref c3, 16);
    }

    private static void OneRow(ref float a, int columnStride, ref float panel, int panelWidth, ref float c, int k)
    {
        Vector256<float> s0 = Vector256.LoadUnsafe(ref c), s1 = Vector256.LoadUnsafe(ref c, 8);
        nint at = 0;
        for (nint q = 0; q < k; q++, at += columnStride)
        {
            ref float row = ref Unsafe.Add(ref panel, q * panelWidth);
            Vector256<float> x = Vector256.Create(Unsafe.Add(ref a, at));
            s0 = Vector256.FusedMultiplyAdd(x, Vector256.LoadUnsafe(ref row), s0);
            s1 = Vector256.FusedMultiplyAdd(x, Vector256.LoadUnsafe(ref row, 8), s1);
        }

        s0.StoreUnsafe(ref c);
        s1.StoreUnsafe(ref c, 8);
    }
}

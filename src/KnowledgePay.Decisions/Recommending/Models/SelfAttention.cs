using System.Buffers;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace KnowledgePay.Decisions.Recommending.Models;

/// <summary>The forward steps of a causal self-attention network (Vaswani et al. 2017; for items Kang and McAuley 2018) over the rows of one history after another.</summary>
/// <remarks>Learning uses the same steps and keeps what they wrote. All matrices are row-major, a row an item of a history.</remarks>
public static class SelfAttention
{
    private const float LeastVariance = 1e-5f;

    /// <summary>Brings each row to mean 0 and deviation 1, then to the gain and bias of each column.</summary>
    /// <param name="standard">The rows before gain and bias; may be the same memory as <paramref name="y"/> where that is not needed.</param>
    /// <param name="inverse">One over the deviation of each row.</param>
    public static void Normalise(ReadOnlySpan<float> x, ReadOnlySpan<float> gain, ReadOnlySpan<float> bias, Span<float> standard, Span<float> inverse, Span<float> y)
    {
        int d = gain.Length;
        for (int row = 0, at = 0; at < x.Length; row++, at += d)
        {
            ReadOnlySpan<float> from = x.Slice(at, d);
            Span<float> to = standard.Slice(at, d);
            TensorPrimitives.Subtract(from, TensorPrimitives.Sum(from) / d, to);
            inverse[row] = 1 / MathF.Sqrt((TensorPrimitives.SumOfSquares<float>(to) / d) + LeastVariance);
            TensorPrimitives.Multiply(to, inverse[row], to);
            TensorPrimitives.MultiplyAdd(to, gain, bias, y.Slice(at, d));
        }
    }

    /// <summary><c>Y = X·W + b</c>.</summary>
    /// <param name="weights">Width of x × width of y.</param>
    public static void Dense(ReadOnlySpan<float> x, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, Span<float> y, int rows)
    {
        int n = bias.Length;
        for (int row = 0; row < rows; row++)
        {
            bias.CopyTo(y.Slice(row * n, n));
        }

        int k = weights.Length / n;
        MatrixProduct.Multiply(x, k, 1, weights, y, rows, k, n, add: true);
    }

    /// <summary>Some columns of <see cref="Dense"/>, written where the whole would have them.</summary>
    public static void DenseColumns(ReadOnlySpan<float> x, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, Span<float> y, int rows, int from, int count)
    {
        int n = bias.Length, k = weights.Length / n;
        for (int row = 0; row < rows; row++)
        {
            bias.Slice(from, count).CopyTo(y.Slice((row * n) + from, count));
        }

        if (rows > 0)
        {
            MatrixProduct.AddTo(x, k, 1, weights[from..], n, y[from..], n, rows, k, count);
        }
    }

    /// <summary>What each item of one history takes from itself and those before it: <c>o_i = Σ_{j≤i} softmax_j(q_i·k_j/√w)·v_j</c>, for each head by itself.</summary>
    /// <param name="projected">Queries, keys and values side by side: rows × 3d.</param>
    /// <param name="shares">rows × rows for each head; what is right of the diagonal is left as it was.</param>
    /// <param name="output">rows × d.</param>
    /// <param name="from">First row that is asked for; those before it are cleared.</param>
    public static void Attend(ReadOnlySpan<float> projected, int rows, int d, int heads, Span<float> shares, Span<float> output, int from = 0)
    {
        int width = d / heads, lanes = Vector<float>.Count, padded = (rows + lanes - 1) / lanes * lanes;
        float scale = 1 / MathF.Sqrt(width);
        output[..(rows * d)].Clear();

        // Keys side by side, so that one query meets a vector of keys at a time; and room for a row of what it makes of them.
        float[] rented = ArrayPool<float>.Shared.Rent((width + 1) * padded);
        Span<float> keys = rented.AsSpan(0, width * padded), logits = rented.AsSpan(width * padded, padded);
        keys.Clear();
        for (int head = 0; head < heads; head++)
        {
            for (int j = 0; j < rows; j++)
            {
                ReadOnlySpan<float> key = projected.Slice((j * 3 * d) + d + (head * width), width);
                for (int c = 0; c < width; c++)
                {
                    keys[(c * padded) + j] = key[c];
                }
            }

            for (int i = from; i < rows; i++)
            {
                ReadOnlySpan<float> query = projected.Slice((i * 3 * d) + (head * width), width);
                Logits(query, keys, padded, i + 1, scale, logits);
                Span<float> share = shares.Slice(((head * rows) + i) * rows, i + 1);
                TensorPrimitives.SoftMax(logits[..(i + 1)], share);
                Blend(share, projected[((2 * d) + (head * width))..], 3 * d, output.Slice((i * d) + (head * width), width));
            }
        }

        ArrayPool<float>.Shared.Return(rented);
    }

    /// <summary>A query's products with the first keys, and with some beyond up to a whole vector.</summary>
    private static void Logits(ReadOnlySpan<float> query, ReadOnlySpan<float> keys, int padded, int count, float scale, Span<float> logits)
    {
        ref float key = ref MemoryMarshal.GetReference(keys);
        for (int j = 0; j < count; j += Vector<float>.Count)
        {
            Vector<float> sum = Vector<float>.Zero;
            for (int c = 0; c < query.Length; c++)
            {
                sum = Vector.FusedMultiplyAdd(new Vector<float>(query[c]), Vector.LoadUnsafe(ref key, (nuint)((c * padded) + j)), sum);
            }

            (sum * scale).CopyTo(logits[j..]);
        }
    }

    /// <summary><c>own += Σ_j share_j·v_j</c>, a vector's width of columns at a time.</summary>
    private static void Blend(ReadOnlySpan<float> share, ReadOnlySpan<float> values, int stride, Span<float> own)
    {
        int c = 0;
        ref float value = ref MemoryMarshal.GetReference(values);
        for (; c + Vector<float>.Count <= own.Length; c += Vector<float>.Count)
        {
            Vector<float> sum = new(own[c..]);
            for (int j = 0; j < share.Length; j++)
            {
                sum = Vector.FusedMultiplyAdd(new Vector<float>(share[j]), Vector.LoadUnsafe(ref value, (nuint)((j * stride) + c)), sum);
            }

            sum.CopyTo(own[c..]);
        }

        for (; c < own.Length; c++)
        {
            for (int j = 0; j < share.Length; j++)
            {
                own[c] = MathF.FusedMultiplyAdd(share[j], values[(j * stride) + c], own[c]);
            }
        }
    }
}

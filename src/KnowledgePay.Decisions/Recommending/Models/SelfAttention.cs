using System.Numerics.Tensors;

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

    /// <summary>What each item of one history takes from itself and those before it: <c>o_i = Σ_{j≤i} softmax_j(q_i·k_j/√w)·v_j</c>, for each head by itself.</summary>
    /// <param name="projected">Queries, keys and values side by side: rows × 3d.</param>
    /// <param name="shares">rows × rows for each head; what is right of the diagonal is left as it was.</param>
    /// <param name="output">rows × d.</param>
    /// <param name="from">First row that is asked for; those before it are cleared.</param>
    public static void Attend(ReadOnlySpan<float> projected, int rows, int d, int heads, Span<float> shares, Span<float> output, int from = 0)
    {
        int width = d / heads;
        float scale = 1 / MathF.Sqrt(width);
        output[..(rows * d)].Clear();
        for (int head = 0; head < heads; head++)
        {
            for (int i = from; i < rows; i++)
            {
                ReadOnlySpan<float> query = projected.Slice((i * 3 * d) + (head * width), width);
                Span<float> share = shares.Slice((((head * rows) + i) * rows), i + 1);
                for (int j = 0; j <= i; j++)
                {
                    share[j] = scale * TensorPrimitives.Dot(query, projected.Slice((j * 3 * d) + d + (head * width), width));
                }

                TensorPrimitives.SoftMax<float>(share, share);
                Span<float> own = output.Slice((i * d) + (head * width), width);
                for (int j = 0; j <= i; j++)
                {
                    TensorPrimitives.MultiplyAdd(projected.Slice((j * 3 * d) + (2 * d) + (head * width), width), share[j], own, own);
                }
            }
        }
    }
}

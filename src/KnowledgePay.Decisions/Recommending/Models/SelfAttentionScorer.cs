using System.Buffers;
using System.Numerics.Tensors;

namespace KnowledgePay.Decisions.Recommending.Models;

/// <summary>What comes next after the latest items of a history, by a self-attention network: <c>s_j = h·v_j + b_j</c>, h what the network makes of the newest item and those before it.</summary>
/// <remarks>A window of w items costs about 10·w·d² multiply-adds a block, and items·d for the ranking.</remarks>
public sealed class SelfAttentionScorer : IHistoryScorer
{
    /// <exception cref="ArgumentException">The shapes do not fit each other.</exception>
    public SelfAttentionScorer(SelfAttentionWeights weights)
    {
        weights.Check();
        Weights = weights;
    }

    public int Items => Weights.Items;

    public SelfAttentionWeights Weights { get; }

    public void Score(ReadOnlySpan<HistoryEntry> history, Span<float> scores)
    {
        Span<float> person = stackalloc float[Weights.Dimensions];
        FoldIn(history, person);
        Weights.ItemBias.CopyTo(scores);
        if (!history.IsEmpty)
        {
            RowProducts.Add(Weights.Vectors, person, scores);
        }
    }

    /// <summary>Writes the vector of whoever has this history; zeros for none.</summary>
    public void FoldIn(ReadOnlySpan<HistoryEntry> history, Span<float> person)
    {
        SelfAttentionWeights w = Weights;
        person.Clear();
        if (history.IsEmpty)
        {
            return;
        }

        int d = w.Dimensions, rows = Math.Min(w.Window, history.Length);
        float[] rented = ArrayPool<float>.Shared.Rent((rows * ((7 * d) + w.Inner + 1)) + (w.Heads * rows * rows));
        Span<float> x = rented.AsSpan(0, rows * d);
        ReadOnlySpan<HistoryEntry> latest = history[^rows..];
        for (int row = 0; row < rows; row++)
        {
            TensorPrimitives.MultiplyAdd(w.Vectors.AsSpan(latest[row].Item * d, d), w.VectorScale, w.Places.AsSpan(row * d, d), x.Slice(row * d, d));
        }

        Person(x, rented.AsSpan(rows * d), rows);
        x[^d..].CopyTo(person);
        ArrayPool<float>.Shared.Return(rented);
    }

    private void Person(Span<float> x, Span<float> scratch, int rows)
    {
        SelfAttentionWeights w = Weights;
        int d = w.Dimensions, size = rows * d;
        Span<float> normal = scratch[..size], added = scratch.Slice(size, size), projected = scratch.Slice(2 * size, 3 * size);
        Span<float> inner = scratch.Slice(5 * size, rows * w.Inner), inverse = scratch.Slice((5 * size) + (rows * w.Inner), rows);
        Span<float> shares = scratch.Slice((5 * size) + (rows * w.Inner) + rows, w.Heads * rows * rows);
        foreach (SelfAttentionBlock block in w.Blocks)
        {
            SelfAttention.Normalise(x, block.AttentionGain, block.AttentionBias, normal, inverse, normal);

            // Behind the last block only the newest row is read: it alone asks, and goes on from its attention.
            int going = ReferenceEquals(block, w.Blocks[^1]) ? 1 : rows, asking = (rows - going) * d;
            SelfAttention.DenseColumns(normal, block.Projection, block.ProjectionBias, projected, rows, d, 2 * d);
            SelfAttention.DenseColumns(normal[asking..], block.Projection, block.ProjectionBias, projected[(3 * asking)..], going, 0, d);
            SelfAttention.Attend(projected, rows, d, w.Heads, shares, normal, rows - going);
            Span<float> rest = x[^(going * d)..], own = normal[^(going * d)..], sum = added[..(going * d)], wide = inner[..(going * w.Inner)];
            SelfAttention.Dense(own, block.Joining, block.JoiningBias, sum, going);
            TensorPrimitives.Add<float>(rest, sum, rest);
            SelfAttention.Normalise(rest, block.InnerGain, block.InnerBias, own, inverse, own);
            SelfAttention.Dense(own, block.Widening, block.WideningBias, wide, going);
            TensorPrimitives.Max(wide, 0f, wide);
            SelfAttention.Dense(wide, block.Narrowing, block.NarrowingBias, sum, going);
            TensorPrimitives.Add<float>(rest, sum, rest);
        }

        Span<float> newest = x[^d..];
        SelfAttention.Normalise(newest, w.FinalGain, w.FinalBias, newest, inverse, newest);
    }
}

using System.Numerics.Tensors;

namespace KnowledgePay.Decisions.Recommending.Models;

/// <summary>A dense item-to-item linear model, as EASE (Steck 2019) learns one: an item's score is the sum of the weights that lead to it from the items of the history,
/// those of older items the less the further back they are where order counts.</summary>
/// <remarks>A history of h items among n costs h·n multiply-adds.</remarks>
public sealed class ItemWeightScorer : IHistoryScorer
{
    private const float NegligibleWeight = 1e-4f;

    private readonly int[] _rowOf;
    private readonly float[] _weights;

    /// <param name="items">Items that are ranked.</param>
    /// <param name="covered">The items that have weights, ascending.</param>
    /// <param name="weights">Row by source, column by target, both in the order of <paramref name="covered"/>.</param>
    /// <param name="decay">What the item before says of what the item after it says, 0–1; 1 for a history without order.</param>
    /// <exception cref="ArgumentException">The shapes do not fit each other.</exception>
    public ItemWeightScorer(int items, int[] covered, float[] weights, float decay = 1)
    {
        if ((long)covered.Length * covered.Length != weights.Length)
        {
            throw new ArgumentException("A square of weights is expected.", nameof(weights));
        }

        Items = items;
        Decay = decay;
        Covered = covered;
        _weights = weights;
        _rowOf = new int[items];
        Array.Fill(_rowOf, -1);
        for (int row = 0; row < covered.Length; row++)
        {
            _rowOf[covered[row]] = row;
        }
    }

    public int Items { get; }

    public int[] Covered { get; }

    public float Decay { get; }

    public float[] Weights => _weights;

    /// <summary>The weights that lead from an item, by target in the order of <see cref="Covered"/>; empty for one that has none.</summary>
    public ReadOnlySpan<float> Row(int item) =>
        (uint)item < (uint)_rowOf.Length && _rowOf[item] >= 0 ? _weights.AsSpan(_rowOf[item] * Covered.Length, Covered.Length) : default;

    public void Score(ReadOnlySpan<HistoryEntry> history, Span<float> scores)
    {
        Span<float> sums = scores[..Covered.Length];
        scores.Clear();
        float weight = 1;
        for (int l = history.Length - 1; l >= 0 && weight > NegligibleWeight; l--, weight *= Decay)
        {
            ReadOnlySpan<float> row = Row(history[l].Item);
            if (!row.IsEmpty)
            {
                TensorPrimitives.MultiplyAdd(row, weight, sums, sums);
            }
        }

        if (Covered.Length < Items)
        {
            // From the back, so that no sum is overwritten before it has moved to its item.
            for (int row = Covered.Length - 1, item = Items - 1; item >= 0; item--)
            {
                scores[item] = row >= 0 && Covered[row] == item ? scores[row--] : 0f;
            }
        }
    }
}

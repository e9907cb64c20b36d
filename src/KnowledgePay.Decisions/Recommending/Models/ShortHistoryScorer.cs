using System.Buffers;
using System.Numerics.Tensors;

namespace KnowledgePay.Decisions.Recommending.Models;

/// <summary>A model that leans on what many took as long as a history is short: one course says little of a person, and what most people take says more.</summary>
/// <remarks><c>s = standardised(model) + w·standardised(popularity)</c> up to the longest of the lengths, w by the length; beyond, the model's own scores.</remarks>
public sealed class ShortHistoryScorer : IHistoryScorer
{
    /// <param name="lengths">Ascending; a weight is for histories up to its length.</param>
    /// <exception cref="ArgumentException">The shapes do not fit each other.</exception>
    public ShortHistoryScorer(IHistoryScorer inner, float[] popularity, int[] lengths, float[] weights)
    {
        if (popularity.Length != inner.Items || lengths.Length != weights.Length)
        {
            throw new ArgumentException("A figure for each item, and a weight for each length, are expected.", nameof(weights));
        }

        (Inner, Popularity, Lengths, Weights) = (inner, popularity, lengths, weights);
    }

    public int Items => Inner.Items;

    public IHistoryScorer Inner { get; }

    public float[] Popularity { get; }

    public int[] Lengths { get; }

    public float[] Weights { get; }

    public void Score(ReadOnlySpan<HistoryEntry> history, Span<float> scores)
    {
        Inner.Score(history, scores);
        if (WeightFor(history.Length) is > 0 and var weight)
        {
            Lean(history, scores, Popularity, weight);
        }
    }

    /// <summary>What popularity weighs for a history of that length; 0 for none.</summary>
    public float WeightFor(int length)
    {
        int at = 0;
        while (at < Lengths.Length && Lengths[at] < length)
        {
            at++;
        }

        return at < Lengths.Length ? Weights[at] : 0;
    }

    /// <summary>Standardises the scores and adds the popularity's.</summary>
    public static void Lean(ReadOnlySpan<HistoryEntry> history, Span<float> scores, ReadOnlySpan<float> popularity, float weight)
    {
        float[] rented = ArrayPool<float>.Shared.Rent(scores.Length);
        Span<float> own = rented.AsSpan(0, scores.Length);
        popularity.CopyTo(own);
        BlendScorer.Standardise(history, own);
        BlendScorer.Standardise(history, scores);
        TensorPrimitives.MultiplyAdd(own, weight, scores, scores);
        ArrayPool<float>.Shared.Return(rented);
    }
}

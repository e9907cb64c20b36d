using System.Buffers;
using System.Numerics.Tensors;

namespace KnowledgePay.Decisions.Recommending.Models;

/// <summary>What the parts of a blend weigh while a history is short.</summary>
/// <param name="UpTo">Items of the longest such history.</param>
public readonly record struct ShortBlend(int UpTo, float[] Weights);

/// <summary>A weighted sum of models, each standardised for the person: mean 0 and deviation 1 over the items that the history does not hold.</summary>
public sealed class BlendScorer : IHistoryScorer
{
    /// <param name="shorter">Other weights for short histories, by length ascending; null for the same for all.</param>
    /// <exception cref="ArgumentException">There is no part, parts rank different items, or there is not a weight for each.</exception>
    public BlendScorer(IHistoryScorer[] parts, float[] weights, ShortBlend[]? shorter = null)
    {
        if (parts.Length == 0 || parts.Length != weights.Length || parts.Any(part => part.Items != parts[0].Items))
        {
            throw new ArgumentException("Parts that rank the same items are expected, and a weight for each.", nameof(parts));
        }

        for (int at = 0; at < (shorter?.Length ?? 0); at++)
        {
            if (shorter![at].Weights.Length != parts.Length || (at > 0 && shorter[at].UpTo <= shorter[at - 1].UpTo))
            {
                throw new ArgumentException("A weight for each part is expected, and lengths ascending.", nameof(shorter));
            }
        }

        (Parts, Weights, Shorter) = (parts, weights, shorter ?? []);
    }

    public int Items => Parts[0].Items;

    public IHistoryScorer[] Parts { get; }

    public float[] Weights { get; }

    /// <summary>Other weights for short histories, by length ascending.</summary>
    public ShortBlend[] Shorter { get; }

    public void Score(ReadOnlySpan<HistoryEntry> history, Span<float> scores)
    {
        float[] part = ArrayPool<float>.Shared.Rent(Items), weights = WeightsFor(history.Length);
        Span<float> own = part.AsSpan(0, Items);
        scores.Clear();
        for (int p = 0; p < Parts.Length; p++)
        {
            if (weights[p] == 0)
            {
                continue;
            }

            Parts[p].Score(history, own);
            Standardise(history, own);
            TensorPrimitives.MultiplyAdd(own, weights[p], scores, scores);
        }

        ArrayPool<float>.Shared.Return(part);
    }

    /// <summary>The weights for a history of that length.</summary>
    public float[] WeightsFor(int length)
    {
        foreach (ShortBlend one in Shorter)
        {
            if (length <= one.UpTo)
            {
                return one.Weights;
            }
        }

        return Weights;
    }

    /// <summary>What to add to scores, and then to multiply them by, for a mean of 0 and a deviation of 1; a factor of 0 where they are all the same.</summary>
    internal static (float Shift, float Scale) Standard(double sum, double squares, int count)
    {
        count = Math.Max(1, count);
        double mean = sum / count, variance = (squares / count) - (mean * mean);
        return variance > 1e-12 * ((mean * mean) + 1e-12) ? ((float)-mean, (float)(1 / Math.Sqrt(variance))) : (0f, 0f);
    }

    /// <summary>Brings scores to mean 0 and deviation 1 over the items that the history does not hold; scores that are all the same become 0.</summary>
    public static void Standardise(ReadOnlySpan<HistoryEntry> history, Span<float> scores)
    {
        double sum = 0, squares = 0;
        foreach (float score in scores)
        {
            sum += score;
            squares += (double)score * score;
        }

        foreach (HistoryEntry entry in history)
        {
            sum -= scores[entry.Item];
            squares -= (double)scores[entry.Item] * scores[entry.Item];
        }

        (float shift, float scale) = Standard(sum, squares, scores.Length - history.Length);
        if (scale == 0)
        {
            scores.Clear();
            return;
        }

        TensorPrimitives.Add(scores, shift, scores);
        TensorPrimitives.Multiply(scores, scale, scores);
    }
}

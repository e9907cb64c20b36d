using System.Numerics.Tensors;

namespace KnowledgePay.Decisions.Recommending.Models;

/// <summary>How much an item was taken around the time of a history's newest item.</summary>
public sealed class TrendScorer : IHistoryScorer
{
    /// <param name="times">Milliseconds since 1970 UTC for which there are weights, ascending.</param>
    /// <param name="weights">A row of one figure for each item, at least 0, for each of <paramref name="times"/>.</param>
    /// <exception cref="ArgumentException">The shapes do not fit each other.</exception>
    public TrendScorer(long[] times, float[] weights)
    {
        if (times.Length == 0 || weights.Length % times.Length != 0)
        {
            throw new ArgumentException("At least one time, and as many weights for each, are expected.", nameof(weights));
        }

        (Times, Weights) = (times, weights);
    }

    public int Items => Weights.Length / Times.Length;

    public long[] Times { get; }

    public float[] Weights { get; }

    /// <summary>The weights between the two nearest times; of a history without a time, those of the last.</summary>
    public void Score(ReadOnlySpan<HistoryEntry> history, Span<float> scores)
    {
        long at = history.IsEmpty || history[^1].Time == HistoryEntry.NoTime ? Times[^1] : Math.Clamp(history[^1].Time, Times[0], Times[^1]);
        int next = Array.BinarySearch(Times, at);
        next = next < 0 ? ~next : next;
        Weights.AsSpan(next * Items, Items).CopyTo(scores);
        if (Times[next] != at)
        {
            float share = (float)(at - Times[next - 1]) / (Times[next] - Times[next - 1]);
            TensorPrimitives.Multiply(scores, share, scores);
            TensorPrimitives.MultiplyAdd(Weights.AsSpan((next - 1) * Items, Items), 1 - share, scores, scores);
        }
    }
}

namespace KnowledgePay.Decisions.Recommending.Models;

/// <summary>How many people took an item, the same for everybody.</summary>
/// <param name="weights">A figure for each item, at least 0.</param>
public sealed class PopularityScorer(float[] weights) : IHistoryScorer
{
    public int Items => weights.Length;

    public float[] Weights => weights;

    public void Score(ReadOnlySpan<HistoryEntry> history, Span<float> scores) => weights.CopyTo(scores);
}

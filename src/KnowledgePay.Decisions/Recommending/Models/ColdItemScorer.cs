namespace KnowledgePay.Decisions.Recommending.Models;

/// <summary>Gives an item that nobody took the scores of the items that are most like it by content, weighed by how alike they are.</summary>
/// <param name="inner">Scores the items that people took.</param>
/// <param name="cold">Ordinals of the others.</param>
/// <param name="starts">Where each cold item's neighbours begin in the two arrays, with one more for the end.</param>
/// <param name="neighbours">Items that people took.</param>
/// <param name="cosines">How alike each is, greater than 0.</param>
public sealed class ColdItemScorer(IHistoryScorer inner, int[] cold, int[] starts, int[] neighbours, float[] cosines) : IHistoryScorer
{
    public int Items => inner.Items;

    public IHistoryScorer Inner => inner;

    public int[] Cold => cold;

    public int[] Starts => starts;

    public int[] Neighbours => neighbours;

    public float[] Cosines => cosines;

    public void Score(ReadOnlySpan<HistoryEntry> history, Span<float> scores)
    {
        inner.Score(history, scores);
        float least = 0;
        foreach (float score in scores)
        {
            least = Math.Min(least, score);
        }

        for (int c = 0; c < cold.Length; c++)
        {
            double sum = 0, weight = 0;
            for (int k = starts[c]; k < starts[c + 1]; k++)
            {
                sum += (double)cosines[k] * scores[neighbours[k]];
                weight += cosines[k];
            }

            scores[cold[c]] = weight > 0 ? (float)(sum / weight) : least;
        }
    }
}

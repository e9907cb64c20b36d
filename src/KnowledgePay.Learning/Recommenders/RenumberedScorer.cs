using System.Runtime.InteropServices;
using KnowledgePay.Decisions.Recommending.Models;

namespace KnowledgePay.Learning.Recommenders;

/// <summary>A model over items that have other numbers than it gave them; what it does not know comes last.</summary>
/// <param name="itemOf">By item: its number in the model, −1 where it has none.</param>
public sealed class RenumberedScorer(RecommenderModel model, int[] itemOf) : IHistoryScorer
{
    public int Items => itemOf.Length;

    public void Score(ReadOnlySpan<HistoryEntry> history, Span<float> scores)
    {
        var known = new List<HistoryEntry>(history.Length);
        foreach (HistoryEntry entry in history)
        {
            if (itemOf[entry.Item] >= 0)
            {
                known.Add(entry with { Item = itemOf[entry.Item] });
            }
        }

        var own = new float[model.Items.Count];
        model.Score(CollectionsMarshal.AsSpan(known), own);
        for (int item = 0; item < scores.Length; item++)
        {
            scores[item] = itemOf[item] >= 0 ? own[itemOf[item]] : float.NegativeInfinity;
        }
    }
}

namespace KnowledgePay.Decisions.Recommending.Models;

/// <summary>Which item follows which: what the latest items of a history lead to, the newer the more.</summary>
/// <remarks><c>s_j = Σ_l decay^l · T[i_l, j]</c>, l = 0 for the newest item; T is learned from pairs in order, weighed by how near they were.</remarks>
/// <param name="starts">Where each item's followers begin in the two arrays, with one more for the end.</param>
/// <param name="decay">0–1.</param>
public sealed class TransitionScorer(int[] starts, int[] followers, float[] weights, float decay) : IHistoryScorer
{
    internal const float NegligibleWeight = 1e-4f;

    public int Items => starts.Length - 1;

    public int[] Starts => starts;

    public int[] Followers => followers;

    public float[] Weights => weights;

    public float Decay => decay;

    public void Score(ReadOnlySpan<HistoryEntry> history, Span<float> scores)
    {
        scores.Clear();
        float weight = 1;
        for (int l = history.Length - 1; l >= 0 && weight > NegligibleWeight; l--, weight *= decay)
        {
            int item = history[l].Item;
            for (int k = starts[item]; k < starts[item + 1]; k++)
            {
                scores[followers[k]] += weight * weights[k];
            }
        }
    }
}

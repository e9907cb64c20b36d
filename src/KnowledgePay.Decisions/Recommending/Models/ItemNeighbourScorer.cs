using System.Numerics.Tensors;

namespace KnowledgePay.Decisions.Recommending.Models;

/// <summary>Item-based collaborative filtering: the sum of the neighbour weights that lead to an item from the history, damped by what flows into it from everywhere.</summary>
/// <remarks>
/// <c>s_j = Σ_i w_ij · C_j^(−g·h/(h+8))</c> with h the length of the history and C_j = Σ_i w_ij over all items, the formula by which the engine ranks
/// candidates; with g = 0 it is the plain sum.
/// </remarks>
public sealed class ItemNeighbourScorer : IHistoryScorer
{
    private const int WidestVector = 16;

    private readonly float[] _logInflow;

    /// <param name="starts">Where each item's neighbours begin in the two arrays, with one more for the end.</param>
    /// <param name="neighbours">Ordinals of neighbours.</param>
    /// <param name="weights">Weight of each, greater than 0.</param>
    /// <param name="inflowExponent">g.</param>
    public ItemNeighbourScorer(int[] starts, int[] neighbours, float[] weights, float inflowExponent)
    {
        (Starts, Neighbours, Weights, InflowExponent) = (starts, neighbours, weights, inflowExponent);
        var inflow = new double[Items];
        for (int k = 0; k < neighbours.Length; k++)
        {
            inflow[neighbours[k]] += weights[k];
        }

        _logInflow = Array.ConvertAll(inflow, sum => sum > 0 ? (float)Math.Log(sum) : 0f);
    }

    public int Items => Starts.Length - 1;

    public int[] Starts { get; }

    public int[] Neighbours { get; }

    public float[] Weights { get; }

    public float InflowExponent { get; }

    public void Score(ReadOnlySpan<HistoryEntry> history, Span<float> scores)
    {
        scores.Clear();
        foreach (HistoryEntry entry in history)
        {
            for (int k = Starts[entry.Item]; k < Starts[entry.Item + 1]; k++)
            {
                scores[Neighbours[k]] += Weights[k];
            }
        }

        float exponent = ExponentFor(history.Length);
        if (exponent > 0)
        {
            for (int j = 0; j < scores.Length; j++)
            {
                if (scores[j] > 0)
                {
                    scores[j] *= MathF.Exp(-exponent * _logInflow[j]);
                }
            }
        }
    }

    /// <summary>Writes C_j^(−g·h/(h+8)) of some items; the same of an item to the last bit, whatever it is asked with.</summary>
    internal void Damping(ReadOnlySpan<int> items, int length, Span<float> factors)
    {
        if (items.Length < WidestVector)
        {
            // What does not fill a vector would be computed in another way.
            Span<int> padded = stackalloc int[WidestVector];
            Span<float> all = stackalloc float[WidestVector];
            padded.Clear();
            items.CopyTo(padded);
            Damping(padded, length, all);
            all[..items.Length].CopyTo(factors);
            return;
        }

        float exponent = ExponentFor(length);
        for (int i = 0; i < items.Length; i++)
        {
            factors[i] = -exponent * _logInflow[items[i]];
        }

        TensorPrimitives.Exp(factors, factors);
    }

    private float ExponentFor(int length) => InflowExponent * length / (length + 8f);
}

namespace KnowledgePay.Decisions.Profiles;

/// <summary>The strongest terms and their decayed weights, bounded: a weaker one gives way.</summary>
[GenerateSerializer, Alias("kp.TermAffinities")]
public sealed class TermAffinities
{
    /// <summary>Categories kept for a person.</summary>
    public const int CategoryCapacity = 16;

    /// <summary>Concepts kept for a person.</summary>
    public const int ConceptCapacity = 24;

    [Id(0)] public int[] Terms { get; set; } = [];
    [Id(1)] public float[] Weights { get; set; } = [];
    [Id(2)] public long Ticks { get; set; }

    /// <summary>The weight of a term at <paramref name="nowTicks"/>, 0 for one that is not kept.</summary>
    public double WeightOf(int term, long nowTicks) =>
        Array.IndexOf(Terms, term) is var at and >= 0 ? Weights[at] * Decay.Factor(nowTicks - Ticks, Decay.AffinityHalfLife) : 0;

    /// <summary>Brings the weights to <paramref name="ticks"/> when that is later than they are.</summary>
    /// <returns>What a signal of that time weighs beside them: 1, or less for one that comes late.</returns>
    internal float Settle(long ticks)
    {
        if (ticks <= Ticks)
        {
            return (float)Decay.Factor(Ticks - ticks, Decay.AffinityHalfLife);
        }

        if (Weights.Length > 0)
        {
            float factor = (float)Decay.Factor(ticks - Ticks, Decay.AffinityHalfLife);
            foreach (ref float weight in Weights.AsSpan())
            {
                weight *= factor;
            }
        }

        Ticks = ticks;
        return 1;
    }

    /// <summary>Adds a settled weight to a term; what falls to nothing is forgotten.</summary>
    /// <remarks>A newcomer to a full list takes the weakest's place when it is stronger, and wears it down by its own weight when it is not, so that a lasting new interest gets in (after Misra and Gries 1982).</remarks>
    internal void Add(int term, float weight, int capacity)
    {
        int at = Array.IndexOf(Terms, term);
        if (at >= 0)
        {
            Weights[at] += weight;
            if (Weights[at] <= 0)
            {
                Remove(at);
            }
        }
        else if (weight > 0 && Terms.Length < capacity)
        {
            Terms = [.. Terms, term];
            Weights = [.. Weights, weight];
        }
        else if (weight > 0)
        {
            int weakest = 0;
            for (int i = 1; i < Weights.Length; i++)
            {
                weakest = Weights[i] < Weights[weakest] ? i : weakest;
            }

            if (weight > Weights[weakest])
            {
                (Terms[weakest], Weights[weakest]) = (term, weight);
            }
            else
            {
                Weights[weakest] -= weight;
            }
        }
    }

    private void Remove(int at)
    {
        Terms = [.. Terms.AsSpan(0, at), .. Terms.AsSpan(at + 1)];
        Weights = [.. Weights.AsSpan(0, at), .. Weights.AsSpan(at + 1)];
    }
}

using System.Buffers;

namespace KnowledgePay.Decisions.Recommending.Models;

/// <summary>User-based collaborative filtering: what the people with the most alike histories took, weighed by how alike they are.</summary>
/// <remarks>
/// Similarity is <c>Σ_{i in both} d_i^(−p) / √(h_u·h_v)</c>, raised to a power; d_i how many people took the item, so that a shared rare item says more than a shared common one.
/// </remarks>
public sealed class PersonNeighbourScorer : IHistoryScorer
{
    private readonly int[] _peopleStarts;
    private readonly int[] _people;
    private readonly float[] _itemWeights;

    /// <param name="starts">Where each person's items begin, with one more for the end.</param>
    /// <param name="taken">Items, by person.</param>
    /// <param name="neighbours">People that count.</param>
    /// <param name="rarity">p.</param>
    /// <param name="power">Power of the similarity.</param>
    public PersonNeighbourScorer(int items, int[] starts, int[] taken, int neighbours, float rarity, float power)
    {
        (Items, Starts, Taken, Neighbours, Rarity, Power) = (items, starts, taken, neighbours, rarity, power);
        _peopleStarts = new int[items + 1];
        foreach (int item in taken)
        {
            _peopleStarts[item + 1]++;
        }

        _itemWeights = new float[items];
        for (int i = 0; i < items; i++)
        {
            _itemWeights[i] = MathF.Pow(Math.Max(1, _peopleStarts[i + 1]), -rarity);
            _peopleStarts[i + 1] += _peopleStarts[i];
        }

        _people = new int[taken.Length];
        int[] next = _peopleStarts[..^1];
        for (int person = 0; person < starts.Length - 1; person++)
        {
            for (int k = starts[person]; k < starts[person + 1]; k++)
            {
                _people[next[taken[k]]++] = person;
            }
        }
    }

    public int Items { get; }

    public int[] Starts { get; }

    public int[] Taken { get; }

    public int Neighbours { get; }

    public float Rarity { get; }

    public float Power { get; }

    public void Score(ReadOnlySpan<HistoryEntry> history, Span<float> scores)
    {
        scores.Clear();
        int people = Starts.Length - 1;
        float[] overlap = ArrayPool<float>.Shared.Rent(people);
        ulong[] keys = ArrayPool<ulong>.Shared.Rent(people);
        Array.Clear(overlap, 0, people);
        foreach (HistoryEntry entry in history)
        {
            for (int k = _peopleStarts[entry.Item]; k < _peopleStarts[entry.Item + 1]; k++)
            {
                overlap[_people[k]] += _itemWeights[entry.Item];
            }
        }

        int count = 0;
        for (int person = 0; person < people; person++)
        {
            int length = Starts[person + 1] - Starts[person];

            // Whoever has just this history adds nothing that could be recommended.
            if (overlap[person] > 0)
            {
                keys[count++] = Selection.Key(overlap[person] / MathF.Sqrt((float)length * history.Length), person);
            }
        }

        int kept = Selection.SortLargestFirst(keys.AsSpan(0, count), Neighbours);
        for (int n = 0; n < kept; n++)
        {
            int person = Selection.IdOf(keys[n]);
            float weight = MathF.Pow(Selection.ScoreOf(keys[n]), Power);
            for (int k = Starts[person]; k < Starts[person + 1]; k++)
            {
                scores[Taken[k]] += weight;
            }
        }

        ArrayPool<float>.Shared.Return(overlap);
        ArrayPool<ulong>.Shared.Return(keys);
    }
}

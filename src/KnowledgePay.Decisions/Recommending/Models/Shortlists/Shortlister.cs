namespace KnowledgePay.Decisions.Recommending.Models;

/// <summary>Finds what a learned model ranks highest, and what it scores any item, without scoring all of them: made once a model, for many threads.</summary>
/// <remarks>
/// Scores are those of <see cref="IHistoryScorer.Score"/> up to rounding. What is found is nearly always the best: what may be missed is an item that only many parts together, or a
/// direction that the search has cut off, would bring up. A part of a kind that is not known here is scored whole, which is right and slow.
/// </remarks>
internal abstract class Shortlister
{
    /// <summary>With fewer items than this the whole is scored in less time than a search takes.</summary>
    public const int FewestItems = 4_096;

    public static Shortlister Of(IHistoryScorer scorer) => scorer switch
    {
        FactorScorer factors => new LinearShortlister(factors.Items, factors.Factors, null, factors.FoldIn),
        TwoTowerScorer towers => new LinearShortlister(towers.Items, towers.Outputs, towers.OutputBias, towers.FoldIn),
        SelfAttentionScorer attention => new LinearShortlister(attention.Items, attention.Weights.Vectors, attention.Weights.ItemBias, attention.FoldIn),
        ItemNeighbourScorer neighbours => SparseShortlister.Of(neighbours),
        TransitionScorer transitions => SparseShortlister.Of(transitions),
        // Decisions' histories have no times: the newest row is the one that speaks.
        TrendScorer trend => new StandingShortlister(trend.Weights[^trend.Items..]),
        PopularityScorer popularity => new StandingShortlister(popularity.Weights),
        BlendScorer blend => new BlendShortlister(blend.Items, [.. blend.Parts.Select(Of)], blend.WeightsFor),
        ShortHistoryScorer shorter => new BlendShortlister(shorter.Items, [Of(shorter.Inner), new StandingShortlister(shorter.Popularity)], length => shorter.WeightFor(length) is > 0 and var weight ? [1, weight] : null),
        ColdItemScorer cold => new ColdShortlister(Of(cold.Inner), cold),
        _ => new WholeShortlister(scorer),
    };

    /// <summary>What one thread at a time asks.</summary>
    public abstract Shortlist NewList();
}

/// <summary>What a model says for one history.</summary>
internal abstract class Shortlist
{
    /// <summary>Takes in a history; what follows is about it.</summary>
    public abstract void Read(ReadOnlySpan<HistoryEntry> history);

    /// <summary>Numbers by which <see cref="Restore"/> takes in the same history again for less; 0 where it would not be less.</summary>
    public virtual int StateSize => 0;

    /// <summary>Writes what was made of the history that was read last.</summary>
    /// <param name="state"><see cref="StateSize"/> numbers.</param>
    public virtual void Save(Span<float> state)
    {
    }

    /// <summary>As <see cref="Read"/> of the history that the state was saved of.</summary>
    public virtual void Restore(ReadOnlySpan<float> state, ReadOnlySpan<HistoryEntry> history) => Read(history);

    /// <summary>Adds the items that score highest, at least about so many, in any order, some perhaps twice.</summary>
    public abstract void Collect(int most, ref ItemBuffer into);

    public abstract float Score(int item);

    /// <summary>The same of many, where together they cost less.</summary>
    public virtual void Score(ReadOnlySpan<int> items, Span<float> scores)
    {
        for (int i = 0; i < items.Length; i++)
        {
            scores[i] = Score(items[i]);
        }
    }

    /// <summary>Sum and sum of squares of all items' scores, those of the history included.</summary>
    public abstract ScoreMoments Moments();

    /// <summary>The sum alone, where it costs less.</summary>
    public virtual double Sum() => Moments().Sum;
}

internal readonly record struct ScoreMoments(double Sum, double Squares);

/// <summary>Items in an array that grows and is used again.</summary>
internal struct ItemBuffer
{
    private int[] _items;

    public int Count { get; private set; }

    public readonly ReadOnlySpan<int> Items => _items is null ? [] : _items.AsSpan(0, Count);

    public void Clear() => Count = 0;

    public void Add(int item)
    {
        if (_items is null || Count == _items.Length)
        {
            Array.Resize(ref _items, Math.Max(512, 2 * Count));
        }

        _items[Count++] = item;
    }
}

namespace KnowledgePay.Decisions.Recommending;

/// <summary>The neighbours of one source course, strongest first; never changed once made.</summary>
public sealed class NeighbourRow
{
    public static readonly NeighbourRow Empty = new([], []);

    internal NeighbourRow(int[] items, float[] weights)
    {
        Items = items;
        Weights = weights;
    }

    /// <summary>Course ordinals, at most <see cref="ItemSimilarity.NeighboursKept"/>.</summary>
    public int[] Items { get; }

    /// <summary>Weight of each neighbour, greater than 0; with a source-normalised kernel a row sums to 1.</summary>
    public float[] Weights { get; }

    public int Count => Items.Length;
}

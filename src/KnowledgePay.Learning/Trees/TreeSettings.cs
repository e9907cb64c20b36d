namespace KnowledgePay.Learning.Trees;

/// <summary>How a tree grows.</summary>
public sealed record TreeSettings
{
    /// <summary>Splits on the longest path.</summary>
    public int Depth { get; init; } = 4;

    /// <summary>Least second-order weight of a leaf: Σ p(1−p) in boosting, rows in a forest.</summary>
    public double LeastWeight { get; init; } = 1;

    /// <summary>L2 penalty on leaf values.</summary>
    public double Ridge { get; init; } = 1;

    /// <summary>Extra penalty on leaves of a split by category, and what smooths the order of categories.</summary>
    public double CategoryRidge { get; init; }

    /// <summary>Least gain of a split.</summary>
    public double LeastGain { get; init; } = 1e-7;

    /// <summary>Features that are tried at each split, or 0 for all.</summary>
    public int FeaturesPerSplit { get; init; }

    /// <summary>By feature: +1 when more of it must not lower the value, −1 when it must not raise it, else 0. Null for none.</summary>
    public IReadOnlyList<int>? Monotone { get; init; }
}

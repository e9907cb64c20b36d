namespace KnowledgePay.Learning.BoostedTrees;

/// <summary>How trees are boosted.</summary>
internal sealed record BoostingSettings
{
    public int Rounds { get; init; } = 300;

    /// <summary>Splits on the longest path.</summary>
    public int Depth { get; init; } = 5;

    public double LearningRate { get; init; } = 0.1;

    /// <summary>Least sum of second derivatives in a leaf.</summary>
    public double LeastWeight { get; init; } = 10;

    /// <summary>L2 penalty on leaf values.</summary>
    public double Ridge { get; init; } = 10;

    /// <summary>Share of rows that each tree learns from.</summary>
    public double RowShare { get; init; } = 0.7;

    /// <summary>Share of features that each tree may use.</summary>
    public double FeatureShare { get; init; } = 0.8;

    /// <summary>Rounds without a better validation loss after which boosting stops.</summary>
    public int Patience { get; init; } = 30;

    public ulong Seed { get; init; } = 1;
}

using System.Collections.Immutable;

namespace KnowledgePay.Contracts.Partners;

/// <summary>How a partner's products are doing over a span of days. A figure about fewer than <c>minimumGroup</c> people is null.</summary>
[GenerateSerializer, Immutable, Alias("kp.Dashboard")]
public sealed record Dashboard
{
    [Id(0)] public required string PartnerId { get; init; }
    [Id(1)] public required DateOnly From { get; init; }
    [Id(2)] public required DateOnly To { get; init; }
    [Id(3)] public required int MinimumGroup { get; init; }
    [Id(4)] public required ImmutableArray<ProductFigures> Products { get; init; }
}

/// <summary>One product's figures. Null stands for 1 to k−1 people; a count of nobody is 0.</summary>
[GenerateSerializer, Immutable, Alias("kp.ProductFigures")]
public sealed record ProductFigures
{
    [Id(0)] public required string ProductId { get; init; }
    [Id(1)] public required string Name { get; init; }
    [Id(2)] public required ProductKind Kind { get; init; }
    /// <summary>Offer decisions in which the person was eligible.</summary>
    [Id(3)] public long? Eligible { get; init; }
    [Id(4)] public long? Shown { get; init; }
    [Id(5)] public long? Accepted { get; init; }
    [Id(6)] public long? Declined { get; init; }
    /// <summary>Accepted ÷ shown, 0–1.</summary>
    [Id(7)] public double? Conversion { get; init; }
    [Id(8)] public ImmutableArray<Money>? Revenue { get; init; }
    /// <summary>Shown by risk band (<c>low</c>, <c>medium</c>, <c>high</c>).</summary>
    [Id(9)] public required ImmutableSortedDictionary<string, long?> RiskMix { get; init; }
    /// <summary>Shown by segment.</summary>
    [Id(10)] public required ImmutableSortedDictionary<string, long?> SegmentMix { get; init; }
}

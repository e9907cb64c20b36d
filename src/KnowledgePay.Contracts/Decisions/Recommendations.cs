using System.Collections.Immutable;

namespace KnowledgePay.Contracts.Decisions;

[GenerateSerializer, Immutable, Alias("kp.RecommendationRequest")]
public sealed record RecommendationRequest
{
    public const int LargestCount = 100;

    /// <summary>1–100.</summary>
    [Id(0)] public int Count { get; init; } = 10;
    /// <summary>The course whose page asks; its neighbours are favoured and it is never in the answer.</summary>
    [Id(1)] public string? CourseId { get; init; }
    [Id(2)] public string? Surface { get; init; }
}

[GenerateSerializer, Immutable, Alias("kp.RecommendationAnswer")]
public sealed record RecommendationAnswer
{
    [Id(0)] public required string DecisionId { get; init; }
    [Id(1)] public required ImmutableArray<RecommendedItem> Items { get; init; }
    [Id(2)] public required ImmutableArray<Reason> Reasons { get; init; }
    [Id(3)] public required ModelVersions ModelVersions { get; init; }
}

[GenerateSerializer, Immutable, Alias("kp.RecommendedItem")]
public sealed record RecommendedItem
{
    [Id(0)] public required string CourseId { get; init; }
    [Id(1)] public required double Score { get; init; }
    [Id(2)] public required ImmutableArray<Reason> Reasons { get; init; }
}

/// <summary>Which version of each model, rule set and catalogue a decision used, by kind.</summary>
[GenerateSerializer, Immutable, Alias("kp.ModelVersions")]
public sealed record ModelVersions([property: Id(0)] ImmutableSortedDictionary<string, string> ByKind);

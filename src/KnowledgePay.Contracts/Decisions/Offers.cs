using System.Collections.Immutable;
using System.Text.Json.Serialization;
using KnowledgePay.Contracts.Partners;

namespace KnowledgePay.Contracts.Decisions;

[GenerateSerializer, Immutable, Alias("kp.OffersRequest")]
public sealed record OffersRequest
{
    [Id(0)] public required string UserId { get; init; }
    [Id(1)] public required string Surface { get; init; }
    [Id(2)] public string? CourseId { get; init; }
    /// <summary>1–10.</summary>
    [Id(3)] public int Count { get; init; } = 3;
}

[GenerateSerializer, Immutable, Alias("kp.OffersAnswer")]
public sealed record OffersAnswer
{
    [Id(0)] public required string DecisionId { get; init; }
    [Id(1)] public required ImmutableArray<OfferedProduct> Offers { get; init; }
    [Id(2)] public required ImmutableArray<Reason> Reasons { get; init; }
    [Id(3)] public required ModelVersions ModelVersions { get; init; }
}

[GenerateSerializer, Immutable, Alias("kp.OfferedProduct")]
public sealed record OfferedProduct
{
    [Id(0)] public required string PartnerId { get; init; }
    [Id(1)] public required string ProductId { get; init; }
    [Id(2)] public required ProductKind Kind { get; init; }
    [Id(3)] public required string Name { get; init; }
    [Id(4), JsonConverter(typeof(RawJsonConverter))] public required string Terms { get; init; }
    [Id(5)] public required double Score { get; init; }
    [Id(6)] public required ImmutableArray<Reason> Reasons { get; init; }
}

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
    /// <summary>Of an insurance whose terms ask for a premium by expected claims, for who consents to personal pricing; null where the terms' price stands.</summary>
    [Id(7), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public OfferedPremium? Premium { get; init; }
}

/// <summary>A premium made for one person from the claims that are expected: never above the list price.</summary>
[GenerateSerializer, Immutable, Alias("kp.OfferedPremium")]
public sealed record OfferedPremium
{
    /// <summary>For the whole cover: the sum of the four parts, held between the least that the partner asks and the list price.</summary>
    [Id(0)] public required Money Price { get; init; }
    /// <summary>What the terms say everybody else pays.</summary>
    [Id(1)] public required Money ListPrice { get; init; }
    /// <summary>1–60.</summary>
    [Id(2)] public required int CoverMonths { get; init; }
    /// <summary>Expected claims.</summary>
    [Id(3)] public required Money Pure { get; init; }
    /// <summary>Held against chance.</summary>
    [Id(4)] public required Money Safety { get; init; }
    [Id(5)] public required Money Expenses { get; init; }
    [Id(6)] public required Money Profit { get; init; }
    /// <summary>Always true: the price was made for this person.</summary>
    public bool IsPersonal => true;
}

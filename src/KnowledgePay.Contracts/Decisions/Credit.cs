using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace KnowledgePay.Contracts.Decisions;

[JsonConverter(typeof(JsonStringEnumConverter<CreditOutcome>))]
public enum CreditOutcome : byte
{
    [JsonStringEnumMemberName("approved")] Approved = 0,
    [JsonStringEnumMemberName("review")] Review = 1,
    [JsonStringEnumMemberName("declined")] Declined = 2,
}

[GenerateSerializer, Immutable, Alias("kp.CreditRequest")]
public sealed record CreditRequest
{
    [Id(0)] public required string UserId { get; init; }
    [Id(1)] public required Money Amount { get; init; }
    /// <summary>1–60.</summary>
    [Id(2)] public required int TermMonths { get; init; }
    [Id(3)] public string? ProductId { get; init; }
    [Id(4)] public string? CourseId { get; init; }
    /// <summary>Needed only where two partners use the same product id.</summary>
    [Id(5)] public string? PartnerId { get; init; }
}

[GenerateSerializer, Immutable, Alias("kp.CreditAnswer")]
public sealed record CreditAnswer
{
    [Id(0)] public required string DecisionId { get; init; }
    [Id(1)] public required CreditOutcome Outcome { get; init; }
    /// <summary>Scorecard points; higher is safer.</summary>
    [Id(2)] public required int Score { get; init; }
    /// <summary>0–1.</summary>
    [Id(3)] public required double ProbabilityOfDefault { get; init; }
    [Id(4)] public Money? Limit { get; init; }
    /// <summary>Annual percentage rate, as a fraction: 0.18 is 18 %.</summary>
    [Id(5)] public decimal? Apr { get; init; }
    [Id(6)] public ImmutableArray<Installment>? Installments { get; init; }
    /// <summary>For a decline its principal reasons, at most four, the weightiest first.</summary>
    [Id(7)] public required ImmutableArray<Reason> Reasons { get; init; }
    [Id(8)] public required ModelVersions ModelVersions { get; init; }
    /// <summary>How to reach a person who can look at it again: a POST there asks for that, a GET tells how it stands. Set for review and decline.</summary>
    [Id(9)] public string? Appeal { get; init; }
    [Id(10)] public DateTimeOffset? ExpiresAt { get; init; }
    /// <summary>The case in the review queue; set for review.</summary>
    [Id(11)] public string? ReviewId { get; init; }
}

/// <summary>One payment of a plan. Principal and interest add up to the amount, and the plan's principals to the loan, to the cent.</summary>
[GenerateSerializer, Immutable, Alias("kp.Installment")]
public sealed record Installment
{
    /// <summary>1 for the first.</summary>
    [Id(0)] public required int Number { get; init; }
    [Id(1)] public required DateOnly DueOn { get; init; }
    [Id(2)] public required Money Amount { get; init; }
    [Id(3)] public required Money Principal { get; init; }
    [Id(4)] public required Money Interest { get; init; }
}

/// <summary>A credit case that waits for, or was answered by, a person.</summary>
[GenerateSerializer, Immutable, Alias("kp.ReviewCase")]
public sealed record ReviewCase
{
    [Id(0)] public required string ReviewId { get; init; }
    [Id(1)] public required string DecisionId { get; init; }
    [Id(2)] public required string UserId { get; init; }
    [Id(3)] public required Money Amount { get; init; }
    [Id(4)] public required int TermMonths { get; init; }
    [Id(5)] public required int Score { get; init; }
    [Id(6)] public required ImmutableArray<Reason> Reasons { get; init; }
    [Id(7)] public required DateTimeOffset OpenedAt { get; init; }
    /// <summary><c>open</c>, <c>approved</c> or <c>declined</c>.</summary>
    [Id(8)] public required string Status { get; init; }
    [Id(9)] public string? AnsweredBy { get; init; }
    [Id(10)] public string? Note { get; init; }
    [Id(11)] public DateTimeOffset? AnsweredAt { get; init; }
    /// <summary>What was said on the person's behalf when a decline was put before a person.</summary>
    [Id(12)] public string? Statement { get; init; }
    /// <summary>What a checkout may draw on; set once the case is approved, at most the amount.</summary>
    [Id(13)] public Money? Limit { get; init; }
    /// <summary>Annual percentage rate of an approval, as a fraction.</summary>
    [Id(14)] public decimal? Apr { get; init; }
}

/// <summary>An operator's answer to a review.</summary>
[GenerateSerializer, Immutable, Alias("kp.ReviewAnswer")]
public sealed record ReviewAnswer
{
    [Id(0)] public required CreditOutcome Outcome { get; init; }
    /// <summary>Why, 1–2,000 characters.</summary>
    [Id(1)] public required string Note { get; init; }
    /// <summary>For an approval: how much of the amount; all of it when left out.</summary>
    [Id(2)] public Money? Limit { get; init; }
    /// <summary>For an approval: annual percentage rate as a fraction, up to the legal rate; what the engine would have asked when left out.</summary>
    [Id(3)] public decimal? Apr { get; init; }
}

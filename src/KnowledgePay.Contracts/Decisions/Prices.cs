using System.Collections.Immutable;

namespace KnowledgePay.Contracts.Decisions;

[GenerateSerializer, Immutable, Alias("kp.PriceRequest")]
public sealed record PriceRequest
{
    [Id(0)] public required string UserId { get; init; }
    [Id(1)] public required string CourseId { get; init; }
}

[GenerateSerializer, Immutable, Alias("kp.PriceAnswer")]
public sealed record PriceAnswer
{
    [Id(0)] public required string DecisionId { get; init; }
    [Id(1)] public required string QuoteId { get; init; }
    [Id(2)] public required Money Price { get; init; }
    [Id(3)] public required Money ListPrice { get; init; }
    /// <summary>List price less price; never negative.</summary>
    [Id(4)] public required Money Discount { get; init; }
    /// <summary>True when the price was made for this person; it is then never above the list price.</summary>
    [Id(5)] public required bool Personalised { get; init; }
    [Id(6)] public required DateTimeOffset ExpiresAt { get; init; }
    [Id(7)] public required string QuoteToken { get; init; }
    [Id(8)] public required ImmutableArray<Reason> Reasons { get; init; }
    [Id(9)] public required ModelVersions ModelVersions { get; init; }
}

[GenerateSerializer, Immutable, Alias("kp.CheckoutRequest")]
public sealed record CheckoutRequest
{
    [Id(0)] public required string QuoteToken { get; init; }
    [Id(1)] public required string PaymentId { get; init; }
    [Id(2)] public required string Method { get; init; }
    [Id(3)] public string? CreditDecisionId { get; init; }
    [Id(4)] public ImmutableArray<AcceptedOffer> AcceptedOffers { get; init; } = [];
    /// <summary>Who checks out, where the caller wants the engine to check that the quote is this person's.</summary>
    [Id(5)] public string? UserId { get; init; }
}

[GenerateSerializer, Immutable, Alias("kp.AcceptedOffer")]
public sealed record AcceptedOffer
{
    [Id(0)] public required string PartnerId { get; init; }
    [Id(1)] public required string ProductId { get; init; }
    [Id(2)] public string? DecisionId { get; init; }
}

[GenerateSerializer, Immutable, Alias("kp.CheckoutAnswer")]
public sealed record CheckoutAnswer
{
    [Id(0)] public required string OrderId { get; init; }
    [Id(1)] public required string DecisionId { get; init; }
    [Id(2)] public required string QuoteId { get; init; }
    [Id(3)] public required string UserId { get; init; }
    [Id(4)] public required string CourseId { get; init; }
    [Id(5)] public required Money Charged { get; init; }
    [Id(6)] public string? LoanId { get; init; }
    [Id(7)] public ImmutableArray<Installment> Installments { get; init; } = [];
    [Id(8)] public ImmutableArray<AcceptedOffer> AcceptedOffers { get; init; } = [];
    [Id(9)] public required DateTimeOffset PlacedAt { get; init; }
    [Id(10)] public required ImmutableArray<Reason> Reasons { get; init; }
    [Id(11)] public required ModelVersions ModelVersions { get; init; }
}

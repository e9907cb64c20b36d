using System.Collections.Immutable;
using KnowledgePay.Contracts.People;

namespace KnowledgePay.Contracts.Events;

/// <summary>A person's consent changed. Written by the engine when consent is put; the history of consent is the stream's.</summary>
[GenerateSerializer, Immutable, Alias("x.consent")]
public sealed record ConsentChanged : EventData
{
    [Id(0)] public required Consent Consent { get; init; }
}

/// <summary>A price was quoted: the first quote of a person and a course on a day. It pins that day's price and teaches the demand model.</summary>
[GenerateSerializer, Immutable, Alias("x.quote")]
public sealed record PriceQuoted : CourseEvent
{
    [Id(0)] public required string DecisionId { get; init; }
    [Id(1)] public required Money Price { get; init; }
    [Id(2)] public required Money ListPrice { get; init; }
    /// <summary>Rung of the price ladder, 0 for the list price.</summary>
    [Id(3)] public required int Rung { get; init; }
    /// <summary>Days since 0001-01-01 (<see cref="DateOnly.DayNumber"/>) in UTC.</summary>
    [Id(4)] public required int Day { get; init; }
    [Id(5)] public required bool Personal { get; init; }
}

/// <summary>A credit decision that a person can act on, so that a later checkout can draw on it.</summary>
[GenerateSerializer, Immutable, Alias("x.credit")]
public sealed record CreditDecided : EventData
{
    [Id(0)] public required string DecisionId { get; init; }
    [Id(1)] public required Decisions.CreditOutcome Outcome { get; init; }
    [Id(2)] public required Money Amount { get; init; }
    [Id(3)] public required int TermMonths { get; init; }
    [Id(4)] public string? PartnerId { get; init; }
    [Id(5)] public string? ProductId { get; init; }
    [Id(6)] public string? CourseId { get; init; }
    [Id(7)] public required DateTimeOffset ExpiresAt { get; init; }
    /// <summary>Annual percentage rate in basis points.</summary>
    [Id(8)] public int AprBasisPoints { get; init; }
    /// <summary>True when an operator answered a review rather than the scorecard.</summary>
    [Id(9)] public bool ByPerson { get; init; }
}

/// <summary>Partner offers were decided on while some are held out by lot, so that what showing them does can be measured.</summary>
[GenerateSerializer, Immutable, Alias("x.offers")]
public sealed record OffersDecided : EventData
{
    [Id(0)] public required string DecisionId { get; init; }
    [Id(1)] public required ImmutableArray<ProductReference> Offered { get; init; }
    /// <summary>Would have been offered, and were not.</summary>
    [Id(2)] public required ImmutableArray<ProductReference> HeldOut { get; init; }
}

/// <summary>A checkout redeemed a quote. It makes the course the person's, opens the loan and accepts the offers that came with it.</summary>
[GenerateSerializer, Immutable, Alias("x.order")]
public sealed record OrderPlaced : CourseEvent
{
    [Id(0)] public required string OrderId { get; init; }
    [Id(1)] public required string QuoteId { get; init; }
    [Id(2)] public required string PaymentId { get; init; }
    [Id(3)] public required string Method { get; init; }
    [Id(4)] public required Money Charged { get; init; }
    [Id(5)] public required Money ListPrice { get; init; }
    [Id(6)] public required int Rung { get; init; }
    /// <summary>The loan that pays for the order; absent when it is paid at once.</summary>
    [Id(7)] public LoanOpened? Loan { get; init; }
    [Id(8)] public ImmutableArray<ProductReference> AcceptedOffers { get; init; } = [];
    [Id(9)] public required bool Personal { get; init; }
}

/// <summary>A loan that an order opened. The loan id is what later loan events carry.</summary>
[GenerateSerializer, Immutable, Alias("x.loan")]
public sealed record LoanOpened
{
    [Id(0)] public required string LoanId { get; init; }
    [Id(1)] public required string DecisionId { get; init; }
    [Id(2)] public required Money Principal { get; init; }
    [Id(3)] public required int TermMonths { get; init; }
    [Id(4)] public required int AprBasisPoints { get; init; }
    [Id(5)] public string? PartnerId { get; init; }
    [Id(6)] public string? ProductId { get; init; }
}

/// <summary>One partner's product, and the decision that offered it.</summary>
[GenerateSerializer, Immutable, Alias("x.product")]
public sealed record ProductReference
{
    [Id(0)] public required string PartnerId { get; init; }
    [Id(1)] public required string ProductId { get; init; }
    [Id(2)] public string? DecisionId { get; init; }
    /// <summary>What the partner earns by it, as the product's terms state; absent when they do not.</summary>
    [Id(3)] public Money? Revenue { get; init; }
}

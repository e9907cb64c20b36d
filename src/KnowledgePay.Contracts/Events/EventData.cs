using System.Collections.Immutable;

namespace KnowledgePay.Contracts.Events;

/// <summary>What an event says. One sealed record for each type of the contract, and a few that the engine writes itself.</summary>
[GenerateSerializer, Immutable, Alias("e")]
public abstract record EventData;

/// <summary>An event about one course.</summary>
[GenerateSerializer, Immutable, Alias("ec")]
public abstract record CourseEvent : EventData
{
    [Id(0)] public required string CourseId { get; init; }
}

/// <summary><c>user.profiled</c>: what a person says about themselves; a field that is absent leaves what is known.</summary>
[GenerateSerializer, Immutable, Alias("e.up")]
public sealed record UserProfiled : EventData
{
    [Id(0)] public int? BirthYear { get; init; }
    [Id(1)] public string? Gender { get; init; }
    [Id(2)] public string? Occupation { get; init; }
    [Id(3)] public string? Region { get; init; }
    [Id(4)] public string? Education { get; init; }
    [Id(5)] public string? IncomeBand { get; init; }
    [Id(6)] public ImmutableArray<string> Interests { get; init; } = [];
    [Id(7)] public ImmutableDictionary<string, string> Answers { get; init; } = ImmutableDictionary<string, string>.Empty;
}

/// <summary><c>user.socialLinked</c>.</summary>
[GenerateSerializer, Immutable, Alias("e.us")]
public sealed record UserSocialLinked : EventData
{
    [Id(0)] public required string Network { get; init; }
    [Id(1)] public ImmutableArray<string> Interests { get; init; } = [];
    [Id(2)] public long? Followers { get; init; }
}

/// <summary><c>course.viewed</c>.</summary>
[GenerateSerializer, Immutable, Alias("e.cv")]
public sealed record CourseViewed : CourseEvent
{
    /// <summary>Seconds on the page, 0–86,400; absent when not measured.</summary>
    [Id(0)] public double? Seconds { get; init; }
    [Id(1)] public string? Surface { get; init; }
    [Id(2)] public string? DecisionId { get; init; }
}

/// <summary><c>course.enrolled</c>.</summary>
[GenerateSerializer, Immutable, Alias("e.ce")]
public sealed record CourseEnrolled : CourseEvent
{
    [Id(0)] public Money? Price { get; init; }
    [Id(1)] public string? DecisionId { get; init; }
}

/// <summary><c>course.progressed</c>: <see cref="Fraction"/> from 0 to 1.</summary>
[GenerateSerializer, Immutable, Alias("e.cp")]
public sealed record CourseProgressed : CourseEvent
{
    [Id(0)] public double? Fraction { get; init; }
}

/// <summary><c>course.completed</c>: <see cref="Fraction"/> from 0 to 1, 1 when absent.</summary>
[GenerateSerializer, Immutable, Alias("e.cc")]
public sealed record CourseCompleted : CourseEvent
{
    [Id(0)] public double? Fraction { get; init; }
}

/// <summary><c>course.rated</c>: 0.5 to 5 stars.</summary>
[GenerateSerializer, Immutable, Alias("e.cr")]
public sealed record CourseRated : CourseEvent
{
    [Id(0)] public required double Stars { get; init; }
}

/// <summary><c>course.commented</c>.</summary>
[GenerateSerializer, Immutable, Alias("e.cm")]
public sealed record CourseCommented : CourseEvent
{
    [Id(0)] public required string Text { get; init; }
    [Id(1)] public string? Language { get; init; }
}

public enum PaymentOutcome : byte
{
    Succeeded = 0,
    Failed = 1,
    Abandoned = 2,
}

/// <summary><c>payment.attempted</c>.</summary>
[GenerateSerializer, Immutable, Alias("e.pa")]
public sealed record PaymentAttempted : EventData
{
    [Id(0)] public required string PaymentId { get; init; }
    [Id(1)] public required Money Amount { get; init; }
    [Id(2)] public required string Method { get; init; }
    [Id(3)] public string? DeviceId { get; init; }
    [Id(4)] public string? Network { get; init; }
    [Id(5)] public required PaymentOutcome Outcome { get; init; }
}

/// <summary><c>payment.refunded</c>.</summary>
[GenerateSerializer, Immutable, Alias("e.pr")]
public sealed record PaymentRefunded : EventData
{
    [Id(0)] public required string PaymentId { get; init; }
    [Id(1)] public required Money Amount { get; init; }
    [Id(2)] public string? Reason { get; init; }
}

/// <summary><c>payment.chargedBack</c>.</summary>
[GenerateSerializer, Immutable, Alias("e.pc")]
public sealed record PaymentChargedBack : EventData
{
    [Id(0)] public required string PaymentId { get; init; }
    [Id(1)] public required Money Amount { get; init; }
    [Id(2)] public string? Reason { get; init; }
}

/// <summary>An event of one loan.</summary>
[GenerateSerializer, Immutable, Alias("el")]
public abstract record LoanEvent : EventData
{
    [Id(0)] public required string LoanId { get; init; }
    [Id(1)] public required Money Amount { get; init; }
    [Id(2)] public int? DaysLate { get; init; }
}

/// <summary><c>loan.installmentPaid</c>.</summary>
[GenerateSerializer, Immutable, Alias("e.lp")]
public sealed record LoanInstallmentPaid : LoanEvent;

/// <summary><c>loan.installmentMissed</c>.</summary>
[GenerateSerializer, Immutable, Alias("e.lm")]
public sealed record LoanInstallmentMissed : LoanEvent;

/// <summary><c>loan.defaulted</c>.</summary>
[GenerateSerializer, Immutable, Alias("e.ld")]
public sealed record LoanDefaulted : LoanEvent;

/// <summary><c>policy.claimed</c>.</summary>
[GenerateSerializer, Immutable, Alias("e.pl")]
public sealed record PolicyClaimed : EventData
{
    [Id(0)] public required string PolicyId { get; init; }
    [Id(1)] public required Money Amount { get; init; }
}

/// <summary>An event about one offer. <see cref="DecisionId"/> names the offers decision; <see cref="PartnerId"/> is needed only where two partners use the same product id.</summary>
[GenerateSerializer, Immutable, Alias("eo")]
public abstract record OfferEvent : EventData
{
    [Id(0)] public required string DecisionId { get; init; }
    [Id(1)] public required string ProductId { get; init; }
    [Id(2)] public string? PartnerId { get; init; }
}

/// <summary><c>offer.shown</c>.</summary>
[GenerateSerializer, Immutable, Alias("e.os")]
public sealed record OfferShown : OfferEvent;

/// <summary><c>offer.accepted</c>.</summary>
[GenerateSerializer, Immutable, Alias("e.oa")]
public sealed record OfferAccepted : OfferEvent;

/// <summary><c>offer.declined</c>.</summary>
[GenerateSerializer, Immutable, Alias("e.od")]
public sealed record OfferDeclined : OfferEvent;

/// <summary><c>market.priceObserved</c>: the event's subject is the course id, kept in <see cref="CourseEvent.CourseId"/>.</summary>
[GenerateSerializer, Immutable, Alias("e.mp")]
public sealed record MarketPriceObserved : CourseEvent
{
    [Id(0)] public required string Competitor { get; init; }
    [Id(1)] public required Money Price { get; init; }
}

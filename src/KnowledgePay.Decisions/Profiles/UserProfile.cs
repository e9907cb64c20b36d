using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.People;
using KnowledgePay.Decisions.Catalogue;

namespace KnowledgePay.Decisions.Profiles;

/// <summary>What the engine knows of a person: the fold of their events. Budget: 1.8 KB for a hundred courses.</summary>
/// <remarks>
/// Only <c>ProfileFold</c> changes it, one event at a time and in O(1); decisions read it. Times are UTC ticks, 0 for never.
/// Arrays are null until first needed. Sums and decayed values are as of the ticks beside them.
/// </remarks>
[GenerateSerializer, Alias("kp.UserProfile")]
public sealed class UserProfile
{
    /// <summary>Version of this format, in each snapshot.</summary>
    public const int FormatVersion = 1;

    [Id(0)] public long Sequence { get; set; }
    [Id(1)] public long FirstSeenTicks { get; set; }
    [Id(2)] public long LastSeenTicks { get; set; }
    [Id(3)] public Consent Consent { get; set; } = Consent.Default;

    // What the person says.
    [Id(4)] public short BirthYear { get; set; }
    [Id(5)] public string? Gender { get; set; }
    [Id(6)] public string? Occupation { get; set; }
    [Id(7)] public string? Region { get; set; }
    [Id(8)] public string? Education { get; set; }
    [Id(9)] public string? IncomeBand { get; set; }
    [Id(10)] public string[]? Interests { get; set; }
    [Id(11)] public int SocialNetworks { get; set; }
    [Id(12)] public long Followers { get; set; }

    // Activity.
    /// <summary>Decayed event weight at half-lives of an hour, a day, a week and a month, as of <see cref="LastSeenTicks"/>.</summary>
    [Id(13)] public ActivityLevels Activity { get; set; }
    [Id(14)] public int Views { get; set; }
    [Id(15)] public int Enrolments { get; set; }
    [Id(16)] public int Completions { get; set; }
    [Id(17)] public int Refunds { get; set; }
    [Id(18)] public int Chargebacks { get; set; }
    [Id(19)] public int PaymentsSucceeded { get; set; }
    [Id(20)] public int PaymentsFailed { get; set; }
    [Id(21)] public int PaymentsAbandoned { get; set; }
    [Id(22)] public RunningMoments ViewSeconds { get; set; }
    [Id(23)] public RunningMoments Stars { get; set; }
    [Id(24)] public RunningMoments Sentiment { get; set; }
    /// <summary>Of the natural logarithm of the amount in minor units + 1.</summary>
    [Id(25)] public RunningMoments LogPaymentAmount { get; set; }
    /// <summary>Values that an event could have carried and did not; values outside the robust bounds.</summary>
    [Id(26)] public int MissingValues { get; set; }
    [Id(27)] public int OutlierValues { get; set; }

    // Courses.
    [Id(28)] public CourseShelf Shelf { get; set; } = new();
    /// <summary>Courses seen lately and not taken, newest first, at most 16 ordinals.</summary>
    [Id(29)] public int[]? RecentViews { get; set; }
    [Id(30)] public TermAffinities Categories { get; set; } = new();
    [Id(31)] public TermAffinities Concepts { get; set; } = new();
    /// <summary>Taste: <see cref="CourseVectors.Dimensions"/> floats, the decayed sum of the vectors of what the person did, or null.</summary>
    [Id(32)] public float[]? Taste { get; set; }
    [Id(33)] public long TasteTicks { get; set; }

    // Money.
    /// <summary>Lifetime spend by currency.</summary>
    [Id(34)] public Money[]? Spent { get; set; }
    [Id(35)] public long LastPurchaseTicks { get; set; }
    [Id(36)] public int Purchases { get; set; }
    [Id(37)] public PriceResponse PriceResponse { get; set; }
    /// <summary>Today's and recent quotes, newest last, at most 32.</summary>
    [Id(38)] public QuoteMemory[]? Quotes { get; set; }
    /// <summary>Rolling payment risk, 0 to 1, as of <see cref="RiskTicks"/>.</summary>
    [Id(39)] public float RiskScore { get; set; }
    [Id(40)] public long RiskTicks { get; set; }
    /// <summary>Hashes of devices that paid, at most 4, newest last.</summary>
    [Id(41)] public ulong[]? Devices { get; set; }
    /// <summary>Hashes of payment ids that were counted as purchases (of orders placed here, or reported as succeeded), at most 8, newest last: none is counted twice.</summary>
    [Id(42)] public ulong[]? OrderPayments { get; set; }

    // Contracts.
    [Id(43)] public LoanState[]? Loans { get; set; }
    [Id(44)] public CreditStanding[]? Credit { get; set; }
    [Id(45)] public int Claims { get; set; }
    [Id(46)] public OfferMemory[]? Offers { get; set; }
    /// <summary>Orders, newest last, at most 16: what a repeated checkout answers.</summary>
    [Id(47)] public OrderMemory[]? Orders { get; set; }

    /// <summary>Payment attempts decayed with a half-life of an hour, as of <see cref="PaymentVelocityTicks"/>.</summary>
    [Id(48)] public float PaymentVelocity { get; set; }
    [Id(49)] public long PaymentVelocityTicks { get; set; }
    /// <summary>Quotes of days before this one (<see cref="DateOnly.DayNumber"/>) that were not bought are counted as let go.</summary>
    [Id(50)] public int QuotesSettledBefore { get; set; }
    /// <summary>Over all loans ever, whether or not they are still among <see cref="Loans"/>.</summary>
    [Id(51)] public int InstallmentsPaid { get; set; }
    [Id(52)] public int InstallmentsMissed { get; set; }
    [Id(53)] public int LoansDefaulted { get; set; }
}

/// <summary>Decayed activity at four half-lives.</summary>
[GenerateSerializer, Immutable, Alias("kp.ActivityLevels")]
public readonly record struct ActivityLevels(
    [property: Id(0)] float Hour,
    [property: Id(1)] float Day,
    [property: Id(2)] float Week,
    [property: Id(3)] float Month);

/// <summary>How a person answered prices: discounts (0–1 of list) that were bought at or let go, decayed with a half-life of 90 days as of <c>Ticks</c>.</summary>
/// <remarks>A quote is <c>Seen</c> once its answer is known: when it is bought, or on the person's first activity of a later day, when it counts as let go. What was let go is <c>Seen</c> less <c>Bought</c>.</remarks>
[GenerateSerializer, Immutable, Alias("kp.PriceResponse")]
public readonly record struct PriceResponse(
    [property: Id(0)] float Seen,
    [property: Id(1)] float Bought,
    [property: Id(2)] float DiscountSeenSum,
    [property: Id(3)] float DiscountBoughtSum,
    [property: Id(4)] float FullPriceBought,
    [property: Id(5)] long Ticks);

/// <summary>A quote that binds the rest of its day.</summary>
[GenerateSerializer, Immutable, Alias("kp.QuoteMemory")]
public readonly record struct QuoteMemory(
    [property: Id(0)] int Course,
    [property: Id(1)] int Day,
    [property: Id(2)] short Rung,
    [property: Id(3)] Money Price,
    [property: Id(4)] Money ListPrice,
    [property: Id(5)] bool Bought,
    [property: Id(6)] bool Personal);

/// <summary>A loan and how it is being paid.</summary>
[GenerateSerializer, Immutable, Alias("kp.LoanState")]
public sealed record LoanState
{
    [Id(0)] public required string LoanId { get; init; }
    [Id(1)] public required Money Principal { get; init; }
    [Id(2)] public required int TermMonths { get; init; }
    [Id(3)] public required int AprBasisPoints { get; init; }
    [Id(4)] public required long OpenedTicks { get; init; }
    [Id(5)] public int Paid { get; init; }
    [Id(6)] public int Missed { get; init; }
    [Id(7)] public int WorstDaysLate { get; init; }
    [Id(8)] public bool Defaulted { get; init; }
    [Id(9)] public long PaidMinorUnits { get; init; }
    [Id(10)] public string? PartnerId { get; init; }
    [Id(11)] public string? ProductId { get; init; }
}

/// <summary>A credit decision that a checkout may draw on until it expires.</summary>
[GenerateSerializer, Immutable, Alias("kp.CreditStanding")]
public sealed record CreditStanding
{
    [Id(0)] public required string DecisionId { get; init; }
    [Id(1)] public required CreditOutcome Outcome { get; init; }
    [Id(2)] public required Money Amount { get; init; }
    [Id(3)] public required int TermMonths { get; init; }
    [Id(4)] public required int AprBasisPoints { get; init; }
    [Id(5)] public required long ExpiresTicks { get; init; }
    [Id(6)] public string? PartnerId { get; init; }
    [Id(7)] public string? ProductId { get; init; }
    [Id(8)] public string? CourseId { get; init; }
    [Id(9)] public bool Used { get; init; }
}

/// <summary>What a person did with one partner product; decides contact limits and offer fatigue.</summary>
/// <remarks><c>LastAnswerHash</c> is of the decision that was answered last, so that an order and an <c>offer.accepted</c> that tell of the same acceptance count once.</remarks>
[GenerateSerializer, Immutable, Alias("kp.OfferMemory")]
public readonly record struct OfferMemory(
    [property: Id(0)] int Product,
    [property: Id(1)] short Shown,
    [property: Id(2)] short Accepted,
    [property: Id(3)] short Declined,
    [property: Id(4)] long LastShownTicks,
    [property: Id(5)] long LastAnswerTicks,
    [property: Id(6)] ulong LastAnswerHash = 0);

/// <summary>An order that was placed: a checkout that is sent again finds it.</summary>
[GenerateSerializer, Immutable, Alias("kp.OrderMemory")]
public sealed record OrderMemory
{
    [Id(0)] public required string OrderId { get; init; }
    [Id(1)] public required string QuoteId { get; init; }
    [Id(2)] public required string PaymentId { get; init; }
    [Id(3)] public required string CourseId { get; init; }
    [Id(4)] public required Money Charged { get; init; }
    [Id(5)] public required long PlacedTicks { get; init; }
    [Id(6)] public string? LoanId { get; init; }
}

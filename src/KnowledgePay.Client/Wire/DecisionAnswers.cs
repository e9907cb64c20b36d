using System.Text.Json;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Partners;

namespace KnowledgePay.Client.Wire;

/// <summary>A reason as a person reads it.</summary>
/// <param name="Code">Stable kebab-case code.</param>
/// <param name="Text">The sentence in the language that was asked for.</param>
public sealed record SpokenReason(string Code, string Text);

/// <summary>What every decision carries.</summary>
public abstract record DecisionAnswer
{
    public required string DecisionId { get; init; }

    public IReadOnlyList<SpokenReason> Reasons { get; init => field = value ?? []; } = [];

    /// <summary>Version used, by kind of model, rule set or catalogue.</summary>
    public IReadOnlyDictionary<string, string> ModelVersions { get; init => field = value ?? EmptyVersions; } = EmptyVersions;

    private static readonly IReadOnlyDictionary<string, string> EmptyVersions = new Dictionary<string, string>();
}

/// <summary>Courses for a person, best first.</summary>
public sealed record RecommendationList : DecisionAnswer
{
    public IReadOnlyList<RankedCourse> Items { get; init => field = value ?? []; } = [];
}

/// <summary>Courses for everybody (related, trending), best first; <see cref="DecisionId"/> is absent where the list is nobody's decision.</summary>
public sealed record CourseList
{
    public string? DecisionId { get; init; }

    public IReadOnlyList<RankedCourse> Items { get; init => field = value ?? []; } = [];
}

public sealed record RankedCourse
{
    public required string CourseId { get; init; }

    public double Score { get; init; }

    public IReadOnlyList<SpokenReason> Reasons { get; init => field = value ?? []; } = [];
}

/// <summary>A price for one person and course, good until <see cref="ExpiresAt"/>.</summary>
public sealed record PriceQuote : DecisionAnswer
{
    public required string QuoteId { get; init; }
    public required Money Price { get; init; }
    public required Money ListPrice { get; init; }
    public required Money Discount { get; init; }
    public bool Personalised { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
    /// <summary>What checkout redeems, once.</summary>
    public required string QuoteToken { get; init; }
}

/// <summary>See <see cref="CreditAnswer"/> for the ranges.</summary>
public sealed record CreditDecision : DecisionAnswer
{
    public required CreditOutcome Outcome { get; init; }
    public int Score { get; init; }
    public double ProbabilityOfDefault { get; init; }
    public Money? Limit { get; init; }
    /// <summary>Annual percentage rate, as a fraction.</summary>
    public decimal? Apr { get; init; }
    public IReadOnlyList<Installment> Installments { get; init => field = value ?? []; } = [];
    public string? Appeal { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }
    public string? ReviewId { get; init; }
}

public sealed record OfferList : DecisionAnswer
{
    public IReadOnlyList<Offer> Offers { get; init => field = value ?? []; } = [];
}

public sealed record Offer
{
    public required string PartnerId { get; init; }
    public required string ProductId { get; init; }
    public required ProductKind Kind { get; init; }
    public string? Name { get; init; }
    /// <summary>The product's terms, as the partner put them.</summary>
    public JsonElement Terms { get; init; }
    public double Score { get; init; }
    public IReadOnlyList<SpokenReason> Reasons { get; init => field = value ?? []; } = [];
    /// <summary>Of an insurance, made for this person; null where the terms' price stands.</summary>
    public OfferedPremium? Premium { get; init; }
}

/// <summary>What a checkout did.</summary>
public sealed record CheckoutReceipt
{
    public required string OrderId { get; init; }
    public string? DecisionId { get; init; }
    public string? QuoteId { get; init; }
    public string? UserId { get; init; }
    public string? CourseId { get; init; }
    public required Money Charged { get; init; }
    public string? LoanId { get; init; }
    public IReadOnlyList<Installment> Installments { get; init => field = value ?? []; } = [];
    public IReadOnlyList<AcceptedOffer> AcceptedOffers { get; init => field = value ?? []; } = [];
    public DateTimeOffset? PlacedAt { get; init; }
}

/// <summary>A credit case in the review queue.</summary>
public sealed record CreditReview
{
    public required string ReviewId { get; init; }
    public required string DecisionId { get; init; }
    public required string UserId { get; init; }
    public required Money Amount { get; init; }
    public int TermMonths { get; init; }
    public int Score { get; init; }
    public IReadOnlyList<SpokenReason> Reasons { get; init => field = value ?? []; } = [];
    public DateTimeOffset OpenedAt { get; init; }
    /// <summary><c>open</c>, <c>approved</c> or <c>declined</c>.</summary>
    public required string Status { get; init; }
    public string? AnsweredBy { get; init; }
    public string? Note { get; init; }
    public DateTimeOffset? AnsweredAt { get; init; }
    /// <summary>What was said on the person's behalf.</summary>
    public string? Statement { get; init; }
    /// <summary>What an approval lets a checkout draw on.</summary>
    public Money? Limit { get; init; }
    /// <summary>Annual percentage rate of an approval, as a fraction.</summary>
    public decimal? Apr { get; init; }
}

using System.Collections.Immutable;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Decisions.Recording;

namespace KnowledgePay.Decisions.Pricing;

/// <summary>A price that was decided, and everything by which its answer, token, event and record are made.</summary>
public sealed class PriceDecision : IRecordedDecision
{
    internal PriceDecision(PriceWorkings workings) => Workings = workings;

    public required string DecisionId { get; init; }

    public required string UserId { get; init; }

    public required string CourseId { get; init; }

    public required Money Price { get; init; }

    public required Money ListPrice { get; init; }

    /// <summary>Rung of the ladder, 0 for list.</summary>
    public required int Rung { get; init; }

    /// <summary>True when the price was made for this person, which it is only with their consent.</summary>
    public required bool Personalised { get; init; }

    public required DateTimeOffset IssuedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public required ImmutableArray<Reason> Reasons { get; init; }

    public required ModelVersions ModelVersions { get; init; }

    /// <summary>To be made durable before the answer leaves; null when the day's quote is given again and nothing is new.</summary>
    public required PriceQuoted? Quoted { get; init; }

    /// <summary>True when an earlier quote of the day bound this one.</summary>
    public bool IsKept => Workings.Pinned is not null;

    internal PriceWorkings Workings { get; }

    /// <summary>What the token of this quote says.</summary>
    /// <param name="quoteId">128 random bits.</param>
    public QuoteClaims ToClaims(UInt128 quoteId) => new()
    {
        QuoteId = quoteId,
        UserId = UserId,
        CourseId = CourseId,
        DecisionId = DecisionId,
        Price = Price,
        ListPrice = ListPrice,
        Rung = Rung,
        Personal = Personalised,
        IssuedAt = IssuedAt,
        ExpiresAt = ExpiresAt,
    };

    public PriceAnswer ToAnswer(in QuoteClaims claims, string quoteToken) => new()
    {
        DecisionId = DecisionId,
        QuoteId = claims.QuoteText,
        Price = Price,
        ListPrice = ListPrice,
        Discount = ListPrice - Price,
        Personalised = Personalised,
        ExpiresAt = ExpiresAt,
        QuoteToken = quoteToken,
        Reasons = Reasons,
        ModelVersions = ModelVersions,
    };

    public DecisionKind Kind => DecisionKind.Price;

    /// <summary>The record of the decision, with the values that it saw. Made only when asked for; it holds no reference to the profile.</summary>
    public DecisionRecord ToRecord() => DecisionRecordBuilder.Of(this);

    public void WriteTo<TWriter>(ref TWriter writer)
        where TWriter : IDecisionRecordWriter, allows ref struct => PriceRecord.Write(this, ref writer);
}

/// <summary>Values that a price decision saw and made, kept for its record.</summary>
internal readonly struct PriceWorkings
{
    public required long UserSequence { get; init; }
    public required PriceLadder Ladder { get; init; }
    public required bool PersonalisationConsent { get; init; }
    public required bool PersonalPricingConsent { get; init; }
    /// <summary>Whether a price was chosen by demand; what follows is zero when not.</summary>
    public required bool IsChosen { get; init; }
    public PersonalPriceSignals Signals { get; init; }
    public MarketReference Market { get; init; }
    public DemandEstimate Demand { get; init; }
    public RungChoice Choice { get; init; }
    /// <summary>The rung for somebody of whom nothing is known.</summary>
    public int NeutralRung { get; init; }
    /// <summary>The quote of the day that was found, or null.</summary>
    public Money? Pinned { get; init; }
    public double DisinterestPart { get; init; }
    public double StandingPart { get; init; }
}

using KnowledgePay.Contracts;

namespace KnowledgePay.Decisions.Projections;

public enum EffectKind : byte
{
    /// <summary>Counts for the watermark only.</summary>
    None = 0,
    CourseViewed,
    /// <summary>A course came onto a person's shelf for the first time (enrolled, studied, rated or ordered).</summary>
    CourseTaken,
    CourseEnrolled,
    CourseProgressed,
    CourseCompleted,
    CourseRated,
    CourseCommented,
    PriceQuoted,
    OrderPlaced,
    MarketPriceObserved,
    /// <summary>From a decision record: the person was eligible for the product.</summary>
    OfferEligible,
    OfferShown,
    OfferAccepted,
    OfferDeclined,
    PaymentSucceeded,
    PaymentRefunded,
    PolicyClaimed,
    LoanInstallmentPaid,
    LoanInstallmentMissed,
    LoanDefaulted,
}

/// <summary>What one event, once folded into its person, means for everything that many people share.</summary>
/// <remarks>Commutes: applying effects in another order gives the same aggregates (up to rounding of decayed sums), so that each is applied exactly once and no more is needed.</remarks>
public readonly struct ProjectionEffect
{
    public required EffectKind Kind { get; init; }
    /// <summary>Ordinal, −1 for none.</summary>
    public int Course { get; init; } = -1;
    /// <summary>Ordinal, −1 for none.</summary>
    public int Product { get; init; } = -1;
    /// <summary>For <see cref="EffectKind.CourseTaken"/>: the first <see cref="ShelfCount"/> ordinals are what was on the shelf before; null when the person's shelf is not to be learned from. Not to be written to.</summary>
    public int[]? Shelf { get; init; }
    /// <summary>For <see cref="EffectKind.CourseTaken"/>: how many courses the person had before, whether or not <see cref="Shelf"/> names them.</summary>
    public int ShelfCount { get; init; }
    /// <summary>What was on the shelf before; empty when it is not to be learned from.</summary>
    public ReadOnlySpan<int> ShelfBefore => Shelf is null ? [] : Shelf.AsSpan(0, ShelfCount);
    public Money? Amount { get; init; }
    public Money? ListPrice { get; init; }
    /// <summary>Stars, sentiment, fraction or rung, as the kind says.</summary>
    public float Value { get; init; }
    /// <summary>For <see cref="EffectKind.CourseRated"/>: the same person's earlier stars for the course, which these replace; 0 for none.</summary>
    public float Previous { get; init; }
    public long TimeTicks { get; init; }
    public byte Segment { get; init; }
    public byte RiskBand { get; init; }
    /// <summary>For <see cref="EffectKind.CourseTaken"/>: the number of the region that the person declared, where it may be counted; 0 for none.</summary>
    public byte Region { get; init; }
    /// <summary>Stream number of the person; nobody's name.</summary>
    public long Person { get; init; }
    public string? Competitor { get; init; }

    public ProjectionEffect()
    {
    }
}

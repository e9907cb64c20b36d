using KnowledgePay.Contracts.Partners;
using KnowledgePay.Decisions.Credit;

namespace KnowledgePay.Decisions.Offers;

/// <summary>All constants of the offer decision. Amounts are fen (hundredths of a yuan) on the scale of <see cref="CurrencyScale"/>.</summary>
public sealed record OfferSettings
{
    public static readonly OfferSettings Default = new();

    public string Version { get; init; } = "thompson-1";
    public CurrencyScale Scale { get; init; } = CurrencyScale.Default;

    // Contact limits. The profile keeps for each product when it was last shown, so that "a day's showings" of one product are bounded by the pause between two.
    /// <summary>Pause between two showings of one product to one person: 4 h is at most 6 a day.</summary>
    public TimeSpan PauseBetweenShows { get; init; } = TimeSpan.FromHours(4);
    /// <summary>Different products that one person is shown within 24 h, at most.</summary>
    public int ProductsPerDay { get; init; } = 12;
    /// <summary>Different products that one person is shown within 7 days, at most.</summary>
    public int ProductsPerWeek { get; init; } = 30;
    /// <summary>After so many showings without an answer a product rests for <see cref="CoolDown"/>.</summary>
    public int LargestUnansweredShows { get; init; } = 20;
    /// <summary>How long a product rests after a decline.</summary>
    public TimeSpan CoolDown { get; init; } = TimeSpan.FromDays(30);
    /// <summary>How long a membership is unsuitable after a decline.</summary>
    public TimeSpan MembershipPause { get; init; } = TimeSpan.FromDays(90);

    // Propensity: failures that a product starts with, so that its mean is 1/(1 + prior).
    public double MembershipPrior { get; init; } = 12;
    public double LoanPrior { get; init; } = 15;
    public double InsurancePrior { get; init; } = 10;

    // Worth of one acceptance where the terms name none.
    public long MembershipValueFen { get; init; } = 3_000;
    public long LoanValueFen { get; init; } = 5_000;
    public long InsuranceValueFen { get; init; } = 2_000;

    // Levers.
    /// <summary>From this list price a payment is worth spreading, whoever pays (CNY 500).</summary>
    public long HighPriceFen { get; init; } = 50_000;
    /// <summary>A price of so many times the person's typical payment is worth spreading.</summary>
    public double HighPriceMultiple { get; init; } = 2;
    /// <summary>From this list price a purchase is worth protecting (CNY 300).</summary>
    public long ProtectedPriceFen { get; init; } = 30_000;
    /// <summary>A learner with so many courses, or <see cref="FrequentActivity"/>, is a frequent one.</summary>
    public int FrequentCourses { get; init; } = 5;
    /// <summary>Event weight at a half-life of a month.</summary>
    public double FrequentActivity { get; init; } = 20;
    /// <summary>Showings in a segment from which its answers are spoken of.</summary>
    public int PopularFromShows { get; init; } = 50;

    public double PriorOf(ProductKind kind) => kind switch
    {
        ProductKind.Membership => MembershipPrior,
        ProductKind.Loan => LoanPrior,
        _ => InsurancePrior,
    };

    public long ValueFenOf(ProductKind kind) => kind switch
    {
        ProductKind.Membership => MembershipValueFen,
        ProductKind.Loan => LoanValueFen,
        _ => InsuranceValueFen,
    };
}

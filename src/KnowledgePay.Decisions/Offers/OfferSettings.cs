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

    // Hold-out, by which uplift is measured.
    /// <summary>Share of the people from whom a product is held out, each time for <see cref="HoldOutPeriod"/>, 0 (nobody) to 0.5. Only of those who let their data be used for offers.</summary>
    public double HoldOutShare { get; init; }
    /// <summary>After which lots are drawn anew, one day to a year.</summary>
    public TimeSpan HoldOutPeriod { get; init; } = TimeSpan.FromDays(90);
    /// <summary>What one more purchase that an offer brings about is worth to the platform, beside the acceptance itself, in fen.</summary>
    public long PurchaseValueFen { get; init; } = 3_000;

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

    /// <summary>What is out of range, a line each.</summary>
    public IEnumerable<string> Faults()
    {
        if (!(HoldOutShare is >= 0 and <= 0.5))
        {
            yield return $"{nameof(HoldOutShare)} is {HoldOutShare}; expected 0 to 0.5.";
        }

        if (HoldOutPeriod < TimeSpan.FromDays(1) || HoldOutPeriod > TimeSpan.FromDays(366))
        {
            yield return $"{nameof(HoldOutPeriod)} is {HoldOutPeriod}; expected one day to 366 days.";
        }

        foreach ((string name, double prior) in ((string, double)[])[(nameof(MembershipPrior), MembershipPrior), (nameof(LoanPrior), LoanPrior), (nameof(InsurancePrior), InsurancePrior)])
        {
            if (!(prior is > 0 and <= 1e6))
            {
                yield return $"{name} is {prior}; expected more than 0 and at most 1000000.";
            }
        }

        foreach ((string name, long value) in ((string, long)[])[
            (nameof(MembershipValueFen), MembershipValueFen), (nameof(LoanValueFen), LoanValueFen), (nameof(InsuranceValueFen), InsuranceValueFen),
            (nameof(HighPriceFen), HighPriceFen), (nameof(ProtectedPriceFen), ProtectedPriceFen)])
        {
            if (value is < 0 or > 100_000_000)
            {
                yield return $"{name} is {value}; expected 0 to 100000000.";
            }
        }

        foreach ((string name, int count) in ((string, int)[])[
            (nameof(ProductsPerDay), ProductsPerDay), (nameof(ProductsPerWeek), ProductsPerWeek), (nameof(LargestUnansweredShows), LargestUnansweredShows),
            (nameof(FrequentCourses), FrequentCourses), (nameof(PopularFromShows), PopularFromShows)])
        {
            if (count is < 0 or > 100_000)
            {
                yield return $"{name} is {count}; expected 0 to 100000.";
            }
        }

        foreach ((string name, TimeSpan time) in ((string, TimeSpan)[])[(nameof(PauseBetweenShows), PauseBetweenShows), (nameof(CoolDown), CoolDown), (nameof(MembershipPause), MembershipPause)])
        {
            if (time < TimeSpan.Zero || time > TimeSpan.FromDays(3650))
            {
                yield return $"{name} is {time}; expected 0 to ten years.";
            }
        }

        foreach ((string name, double value) in ((string, double)[])[(nameof(HighPriceMultiple), HighPriceMultiple), (nameof(FrequentActivity), FrequentActivity)])
        {
            if (!(value is >= 0 and <= 1e6))
            {
                yield return $"{name} is {value}; expected 0 to 1000000.";
            }
        }

        if (PurchaseValueFen is < 0 or > 100_000_000)
        {
            yield return $"{nameof(PurchaseValueFen)} is {PurchaseValueFen}; expected 0 to 100000000.";
        }
    }

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

namespace KnowledgePay.Decisions.Pricing;

/// <summary>What an operator decides about prices. Immutable; <see cref="Faults"/> says what is wrong with it.</summary>
public sealed record PricingSettings
{
    public static readonly PricingSettings Default = new();

    /// <summary>Largest discount off list in basis points, 0 to 9,000.</summary>
    public int LargestDiscountBasisPoints { get; init; } = 4_000;

    /// <summary>What a price must exceed the marginal cost by, in basis points of the marginal cost, 0 to 100,000.</summary>
    public int MinimumMarginBasisPoints { get; init; } = 1_000;

    /// <summary>How long a quote can be redeemed, one minute to a day.</summary>
    public TimeSpan QuoteLifetime { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How old an observed market price may be, one hour to a year.</summary>
    public TimeSpan MarketWindow { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How much steeper the demand of a fully price-sensitive person is, as a share of the course's slope, 0 to 2.</summary>
    public double SensitivityWeight { get; init; } = 0.3;

    /// <summary>Log-odds that a person loses who names interests of which the course has none, 0 to 2.</summary>
    public double DisinterestWeight { get; init; } = 0.15;

    /// <summary>Log-odds by which good payment standing is credited to the buyer, 0 to 2. It can only lower a price.</summary>
    public double StandingWeight { get; init; } = 0.1;

    /// <summary>How boldly prices are tried out while a course's demand is uncertain, in standard deviations of it, 0 (never) to 1 (Thompson sampling).</summary>
    public double ExperimentScale { get; init; } = 0.5;

    /// <summary>What is out of range, one sentence a fault; empty when all is well.</summary>
    public IEnumerable<string> Faults()
    {
        if (LargestDiscountBasisPoints is < 0 or > 9_000)
        {
            yield return $"{nameof(LargestDiscountBasisPoints)} is {LargestDiscountBasisPoints}; expected 0 to 9000.";
        }

        if (MinimumMarginBasisPoints is < 0 or > 100_000)
        {
            yield return $"{nameof(MinimumMarginBasisPoints)} is {MinimumMarginBasisPoints}; expected 0 to 100000.";
        }

        if (QuoteLifetime < TimeSpan.FromMinutes(1) || QuoteLifetime > TimeSpan.FromDays(1))
        {
            yield return $"{nameof(QuoteLifetime)} is {QuoteLifetime}; expected one minute to one day.";
        }

        if (MarketWindow < TimeSpan.FromHours(1) || MarketWindow > TimeSpan.FromDays(366))
        {
            yield return $"{nameof(MarketWindow)} is {MarketWindow}; expected one hour to 366 days.";
        }

        if (!(ExperimentScale is >= 0 and <= 1))
        {
            yield return $"{nameof(ExperimentScale)} is {ExperimentScale}; expected 0 to 1.";
        }

        foreach ((string name, double weight) in new[]
        {
            (nameof(SensitivityWeight), SensitivityWeight), (nameof(DisinterestWeight), DisinterestWeight), (nameof(StandingWeight), StandingWeight),
        })
        {
            if (!(weight is >= 0 and <= 2))
            {
                yield return $"{name} is {weight}; expected 0 to 2.";
            }
        }
    }
}

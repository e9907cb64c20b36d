using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Partners;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Credit;

namespace KnowledgePay.Decisions.Premiums;

/// <summary>A premium by expected claims and what it was made of.</summary>
public readonly record struct PricedPremium(OfferedPremium Offered, LoadedPremium Year);

/// <summary>The premium of an insurance product for a person: what the cover is expected to cost, loaded, between the least that the partner asks and its list price.</summary>
/// <remarks>Only where the product's terms ask for it, the person consents to personal pricing and to data going to partners, and a model serves; the terms' own price stands for everybody else.</remarks>
public static class PremiumPricing
{
    private const int MonthsOfYear = 12;

    /// <param name="personal">Whether the offer may read the person.</param>
    /// <returns>Null where the list price stands.</returns>
    public static PricedPremium? Of(in DecisionContext context, ProductEntry entry, CurrencyScale scale, bool personal)
    {
        if (context.Premiums is not { } model || entry.Product.Kind != ProductKind.Insurance || !personal || !context.Profile.Consent.PersonalPricing
            || entry.Terms is not { IsRiskBased: true, Price: { } list } terms)
        {
            return null;
        }

        Span<double> attributes = stackalloc double[PolicyAttributes.Count];
        PolicyAttributes.Read(context.Profile, scale, attributes);
        LoadedPremium year = model.Of(attributes, entry.Key);
        int months = terms.CoverMonths;
        Money pure = Part(year.Pure), safety = Part(year.Safety), expenses = Part(year.Expenses), profit = Part(year.Profit);
        long loaded = Math.Min(pure.MinorUnits + safety.MinorUnits + expenses.MinorUnits + profit.MinorUnits, Money.LargestMinorUnits);
        long least = terms.MinimumPremium is { } minimum && minimum.Currency == list.Currency ? Math.Min(minimum.MinorUnits, list.MinorUnits) : 0;
        return new PricedPremium(
            new OfferedPremium
            {
                Price = list with { MinorUnits = Math.Clamp(loaded, least, list.MinorUnits) },
                ListPrice = list,
                CoverMonths = months,
                Pure = pure,
                Safety = safety,
                Expenses = expenses,
                Profit = profit,
            },
            year);

        // No premium of a finite model comes near what a decimal cannot hold; one that did would be cut to the list price anyway.
        Money Part(double yuan) => list with { MinorUnits = scale.FromFen((decimal)Math.Clamp(yuan * 100 * months / MonthsOfYear, 0, 1e18), list.Currency) };
    }
}

using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Decisions.Profiles;

namespace KnowledgePay.Decisions.Pricing;

/// <summary>All that a price may know about a person. Every signal can only lower a price or leave it.</summary>
/// <remarks>
/// The demand model reads this type and never the profile; <see cref="Of(UserProfile, Course)"/> is the one place that fills it, from an
/// allow-list of four fields: <see cref="UserProfile.PriceResponse"/>, <see cref="UserProfile.Interests"/>, <see cref="UserProfile.RiskScore"/>
/// and whether <see cref="UserProfile.RiskTicks"/> is set. Loyalty, frequency, recency, visits, devices and protected attributes have no way in.
/// Category affinities and the taste vector stay out as well: they grow with views and purchases, so a price that read them would rise
/// because a person came back. What a person says that they are interested in does not. No signal depends on the time, so that
/// waiting or returning changes nothing either.
/// </remarks>
/// <param name="Sensitivity">0 (nothing known) to 1: how much of the person's history is buying at discounts and letting quotes go.</param>
/// <param name="Disinterest">1 when the person names interests and the course has none of them, else 0.</param>
/// <param name="GoodStanding">0 (not known, or risky) to 1: payments are made as promised.</param>
public readonly record struct PersonalPriceSignals(double Sensitivity, double Disinterest, double GoodStanding)
{
    /// <summary>Somebody of whom nothing is known.</summary>
    public static readonly PersonalPriceSignals Neutral;

    /// <summary>A purchase at this discount counts as one piece of evidence of price sensitivity.</summary>
    private const double DiscountPerEvidence = 0.25;

    /// <summary>A quote let go counts for less: most quotes are let go whatever the price.</summary>
    private const double LetGoEvidence = 0.1;

    /// <summary>Evidence at which sensitivity is one half.</summary>
    private const double EvenEvidence = 3;

    /// <summary>Where the low risk band ends.</summary>
    private const double RiskyFrom = 0.2;

    /// <summary>Reads the allow-listed fields.</summary>
    public static PersonalPriceSignals Of(UserProfile profile, Course course) =>
        Of(profile.PriceResponse, profile.Interests, profile.RiskTicks != 0, profile.RiskScore, course);

    /// <summary>
    /// Sensitivity is e/(e + 3) with e = Σ discounts bought at / 0.25 + 0.1·(quotes let go)·(1 − mean discount seen). It only ever rises with
    /// purchases at a discount; a purchase at list adds nothing and takes no more than its own quote's part back.
    /// Good standing is (0.2 − risk)/0.2 for a known rolling risk below 0.2.
    /// </summary>
    public static PersonalPriceSignals Of(in PriceResponse response, string[]? interests, bool isRiskKnown, float risk, Course course)
    {
        double letGo = Positive(Positive(response.Seen) - Positive(response.Bought));
        double meanSeen = response.Seen > 0 ? Math.Min(Positive(response.DiscountSeenSum) / response.Seen, 1) : 0;
        double evidence = (Positive(response.DiscountBoughtSum) / DiscountPerEvidence) + (LetGoEvidence * letGo * (1 - Positive(meanSeen)));
        double sensitivity = double.IsFinite(evidence) ? evidence / (evidence + EvenEvidence) : 1;
        double standing = isRiskKnown && risk >= 0 ? Math.Clamp((RiskyFrom - risk) / RiskyFrom, 0, 1) : 0;
        return new PersonalPriceSignals(sensitivity, IsDisinterested(interests, course) ? 1 : 0, standing);
    }

    private static double Positive(double value) => value > 0 ? value : 0;

    private static bool IsDisinterested(string[]? interests, Course course)
    {
        if (interests is not { Length: > 0 } || (course.Category is null && course.Tags.IsDefaultOrEmpty && course.Concepts.IsDefaultOrEmpty))
        {
            return false;
        }

        foreach (string interest in interests)
        {
            if (string.Equals(interest, course.Category, StringComparison.OrdinalIgnoreCase)
                || Has(course.Tags.AsSpan(), interest) || Has(course.Concepts.AsSpan(), interest))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Has(ReadOnlySpan<string> terms, string interest)
    {
        foreach (string term in terms)
        {
            if (string.Equals(term, interest, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}

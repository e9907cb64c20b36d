using KnowledgePay.Decisions.Credit;
using KnowledgePay.Decisions.Offers;
using KnowledgePay.Decisions.Pricing;
using KnowledgePay.Decisions.Recommending;

namespace KnowledgePay.Grains.Users;

/// <summary>The settings that decisions take, all of a silo's in one place.</summary>
public sealed class DecisionSettings
{
    public RecommendationSettings Recommending { get; init; } = RecommendationSettings.Default;

    public PricingSettings Pricing { get; init; } = PricingSettings.Default;

    public CreditPolicy Credit { get; init; } = CreditPolicy.Default;

    public OfferSettings Offers { get; init; } = OfferSettings.Default;
}

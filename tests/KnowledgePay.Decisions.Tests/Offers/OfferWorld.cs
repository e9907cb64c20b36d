using System.Collections.Immutable;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Partners;
using KnowledgePay.Contracts.People;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Offers;
using KnowledgePay.Decisions.Premiums;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Projections;
using KnowledgePay.Decisions.Rules;

namespace KnowledgePay.Decisions.Tests.Offers;

/// <summary>Partners' products and one person, for tests of offers.</summary>
internal sealed class OfferWorld
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 14, 12, 0, 0, TimeSpan.Zero);

    private readonly List<PartnerProduct> _products = [];

    public UserProfile Profile { get; } = new() { Consent = new Consent { Personalisation = true, PartnerSharing = true, PersonalPricing = true } };

    public LiveSignals Signals { get; } = new();

    public IPremiumModel? Premiums { get; set; }

    public IOfferUplift? Uplift { get; set; }

    public string UserId { get; set; } = "ann";

    public DateTimeOffset Now { get; set; } = Noon;

    public float Risk { get; set; }

    public ulong Seed { get; set; } = 1;

    public OfferWorld With(ProductKind kind, string id, string terms = "{}", string eligibility = "{}", ImmutableArray<string>? channels = null)
    {
        _products.Add(new PartnerProduct { PartnerId = "p", Id = id, Kind = kind, Name = id, Terms = terms, Eligibility = eligibility, Channels = channels ?? [] });
        return this;
    }

    public OfferDecision Decide(int count = 10, OfferSettings? settings = null)
    {
        ProductEntry[] entries = [.. _products.Select((product, i) => new ProductEntry { Ordinal = i, Product = product, Eligibility = RuleCompiler.Compile(product.Eligibility).Rule! })];
        var context = new DecisionContext
        {
            DecisionId = "d-1",
            UserId = UserId,
            Profile = Profile,
            Catalogue = new CatalogueSnapshot(1, [], CourseVectors.Empty, [], [], entries),
            Signals = Signals,
            Now = Now,
            Seed = Seed,
            Premiums = Premiums,
            Uplift = Uplift,
        };
        return OfferDecider.Decide(context, new PersonStanding(0, Risk), new OffersRequest { UserId = UserId, Surface = "home", Count = count }, settings ?? OfferSettings.Default).Value
            ?? throw new InvalidOperationException("No offers.");
    }
}

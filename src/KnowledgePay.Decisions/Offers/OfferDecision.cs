using System.Collections.Immutable;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Partners;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Premiums;
using KnowledgePay.Decisions.Rules;

namespace KnowledgePay.Decisions.Offers;

/// <summary>A product that reached the ranking, and what made its score.</summary>
/// <param name="Product">Ordinal.</param>
/// <param name="Sample">Drawn propensity, 0 to 1.</param>
/// <param name="ValueYuan">Worth of one acceptance on the policy's scale; it orders offers and is nobody's money.</param>
/// <param name="Lever">Fit to the moment.</param>
/// <param name="Premium">By expected claims; null where the terms' price stands.</param>
/// <param name="Uplift">By how much showing it raises the probability of a purchase, −1 to 1; null where nothing was learned of it.</param>
/// <param name="PurchaseYuan">Worth of such a purchase on the policy's scale.</param>
public readonly record struct RankedOffer(
    int Product, OfferPropensity Propensity, double Sample, double ValueYuan, double Lever, PricedPremium? Premium = null, double? Uplift = null, double PurchaseYuan = 0)
{
    public double Score => (Sample * ValueYuan * Lever) + UpliftYuan;

    /// <summary>Worth of the purchases that showing it brings about.</summary>
    public double UpliftYuan => (Uplift ?? 0) * PurchaseYuan;
}

/// <summary>Which offers to show and everything that made the choice.</summary>
public sealed class OfferDecision
{
    private readonly OffersRequest _request;
    private readonly DecisionContext _context;
    private readonly PersonStanding _standing;
    private readonly RuleFacts _facts;
    private DecisionRecord? _record;

    internal OfferDecision(
        OffersAnswer answer,
        ImmutableArray<int> judged,
        ImmutableArray<int> eligible,
        ImmutableArray<RankedOffer> ranked,
        ImmutableArray<int> heldOut,
        ImmutableArray<StageCount> stages,
        OffersRequest request,
        in DecisionContext context,
        PersonStanding standing,
        in RuleFacts facts)
    {
        Answer = answer;
        JudgedProducts = judged;
        EligibleProducts = eligible;
        Ranked = ranked;
        HeldOut = heldOut;
        Stages = stages;
        _request = request;
        _context = context;
        _standing = standing;
        _facts = facts;
    }

    public OffersAnswer Answer { get; }

    /// <summary>Ordinals of the products whose rules were evaluated.</summary>
    public ImmutableArray<int> JudgedProducts { get; }

    /// <summary>Ordinals of the products whose rules hold, whatever became of them afterwards; what a partner's dashboard counts.</summary>
    public ImmutableArray<int> EligibleProducts { get; }

    /// <summary>Products that passed every stage, best first.</summary>
    public ImmutableArray<RankedOffer> Ranked { get; }

    /// <summary>Ordinals of the products that would have been offered and were held out by lot.</summary>
    public ImmutableArray<int> HeldOut { get; }

    /// <summary>The same, as they were.</summary>
    public IEnumerable<PartnerProduct> HeldOutProducts => HeldOut.Select(product => _context.Catalogue.Products[product]!.Product);

    /// <summary>Whether it says something of what offers do: something was offered or held out, and the person lets it be learned from.</summary>
    public bool IsOfTrial => (Answer.Offers.Length > 0 || HeldOut.Length > 0) && _context.Profile.Consent is { PartnerSharing: true, Personalisation: true };

    public ImmutableArray<StageCount> Stages { get; }

    /// <summary>The stored record. Traces the rules when first asked for, so ask before the person's next event is folded.</summary>
    public DecisionRecord Record => _record ??= BuildRecord();

    private DecisionRecord BuildRecord()
    {
        CatalogueSnapshot catalogue = _context.Catalogue;
        var traces = ImmutableArray.CreateBuilder<RuleTrace>();
        foreach (int ordinal in JudgedProducts)
        {
            ProductEntry product = catalogue.Products[ordinal]!;
            product.Eligibility.Trace(_facts, "eligibility:" + product.Key, traces);
        }

        var candidates = ImmutableArray.CreateBuilder<CandidateRecord>(Ranked.Length);
        foreach (RankedOffer offer in Ranked)
        {
            candidates.Add(new CandidateRecord(
                catalogue.Products[offer.Product]!.Key,
                offer.Score,
                Contributions(offer),
                null));
        }

        return new DecisionRecord
        {
            DecisionId = Answer.DecisionId,
            Kind = DecisionKind.Offers,
            UserId = _context.UserId,
            At = _context.Now,
            UserSequence = _context.Profile.Sequence,
            ModelVersions = Answer.ModelVersions,
            Inputs =
            [
                new("surface", _request.Surface), new("courseId", _request.CourseId), new("count", (double)_request.Count),
                new("segment", Profiles.Segments.NameOf(_standing.Segment)), new("learnedSegment", _standing.Learned?.Name), new("riskScore", (double)_standing.Risk),
                new("heldOut", HeldOut.IsEmpty ? null : string.Join(',', HeldOut.Select(product => catalogue.Products[product]!.Key))),
                new("partnerSharing", _context.Profile.Consent.PartnerSharing ? "true" : "false"),
                new("personalisation", _context.Profile.Consent.Personalisation ? "true" : "false"),
            ],
            Candidates = candidates.MoveToImmutable(),
            Rules = traces.ToImmutable(),
            Stages = Stages,
            Reasons = Answer.Reasons,
            Outcome = Answer.Offers.IsEmpty ? "none" : "offered",
        };
    }

    /// <summary>
    /// The score is a product: each factor is said to add what multiplying by it changes, in this order, so that the parts add up to the score.
    /// Inputs are the factors themselves. What the propensity was drawn from comes after, and adds nothing.
    /// </summary>
    private static ImmutableArray<Contribution> Contributions(in RankedOffer offer)
    {
        double expected = offer.ValueYuan * offer.Sample;
        ImmutableArray<Contribution> parts =
        [
            new("value", offer.ValueYuan, offer.ValueYuan),
            new("propensity", expected - offer.ValueYuan, offer.Sample),
            new("lever", (expected * offer.Lever) - expected, offer.Lever),
            new("propensityMean", 0, offer.Propensity.Mean),
            new("shown", 0, offer.Propensity.Shown),
        ];
        if (offer.Uplift is { } uplift)
        {
            parts = parts.Add(new("uplift", offer.UpliftYuan, uplift));
        }

        return offer.Premium is not { } premium ? parts :
        [
            .. parts,
            new("claimFrequency", 0, premium.Year.Frequency),
            new("meanClaim", 0, premium.Year.MeanClaim),
            new("premiumMinorUnits", 0, premium.Offered.Price.MinorUnits),
            new("listPriceMinorUnits", 0, premium.Offered.ListPrice.MinorUnits),
        ];
    }
}

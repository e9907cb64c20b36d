using System.Collections.Immutable;
using KnowledgePay.Contracts.Decisions;
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
public readonly record struct RankedOffer(int Product, OfferPropensity Propensity, double Sample, double ValueYuan, double Lever, PricedPremium? Premium = null)
{
    public double Score => Sample * ValueYuan * Lever;
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
            product.Eligibility.Trace(_facts, "eligibility:" + NameOf(product), traces);
        }

        var candidates = ImmutableArray.CreateBuilder<CandidateRecord>(Ranked.Length);
        foreach (RankedOffer offer in Ranked)
        {
            candidates.Add(new CandidateRecord(
                NameOf(catalogue.Products[offer.Product]!),
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
            new("lever", offer.Score - expected, offer.Lever),
            new("propensityMean", 0, offer.Propensity.Mean),
            new("shown", 0, offer.Propensity.Shown),
        ];
        return offer.Premium is not { } premium ? parts :
        [
            .. parts,
            new("claimFrequency", 0, premium.Year.Frequency),
            new("meanClaim", 0, premium.Year.MeanClaim),
            new("premiumMinorUnits", 0, premium.Offered.Price.MinorUnits),
            new("listPriceMinorUnits", 0, premium.Offered.ListPrice.MinorUnits),
        ];
    }

    private static string NameOf(ProductEntry product) => product.Product.PartnerId + "/" + product.Product.Id;
}

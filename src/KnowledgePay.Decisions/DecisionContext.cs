using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Offers;
using KnowledgePay.Decisions.Premiums;
using KnowledgePay.Decisions.Pricing;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Projections;
using KnowledgePay.Decisions.Recommending;
using KnowledgePay.Decisions.Recommending.Models;

namespace KnowledgePay.Decisions;

/// <summary>All that a decision may look at. The same context and request give the same decision, always.</summary>
public readonly struct DecisionContext
{
    public required string DecisionId { get; init; }
    public required string UserId { get; init; }
    /// <summary>The person; an empty profile for somebody never seen.</summary>
    public required UserProfile Profile { get; init; }
    public required CatalogueSnapshot Catalogue { get; init; }
    public required LiveSignals Signals { get; init; }
    public required DateTimeOffset Now { get; init; }
    /// <summary>Seeds whatever the decision draws (exploration, Thompson samples).</summary>
    public required ulong Seed { get; init; }
    /// <summary>The recommender that was learned and promoted; null while there is none, and the crowd's co-occurrence alone speaks.</summary>
    public LearnedRecommender? Learned { get; init; }
    /// <summary>What was learned of courses' demand and promoted; null while there is none, and the expert's priors speak.</summary>
    public LearnedDemand? Demand { get; init; }
    /// <summary>What was learned of claims and promoted; null while there is none, and the partners' own terms stand.</summary>
    public IPremiumModel? Premiums { get; init; }
    /// <summary>What was learned of the difference that offers make and promoted; null while there is none.</summary>
    public IOfferUplift? Uplift { get; init; }
    /// <summary>What may spare a recommendation a scan that the last one made; null for none. No decision depends on it.</summary>
    public RetrievalMemory? Memory { get; init; }
}

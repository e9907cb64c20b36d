using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Decisions;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Projections;
using KnowledgePay.Decisions.Recommending;
using KnowledgePay.Grains.Catalogue;
using KnowledgePay.Grains.Users;

namespace KnowledgePay.Grains.Hosting;

/// <summary>Lists that are about no person: read off the silo's snapshot and signals, no grain and no record.</summary>
public sealed class CrowdDecisions(ICatalogue catalogue, LiveSignals signals, DecisionSettings settings, TimeProvider time) : ICrowdDecisions
{
    private static readonly UserProfile Nobody = new();

    public Answer<RecommendationAnswer> Related(string courseId, int count) => Recommender.Related(Context(), courseId, count, settings.Recommending) is { } related
        ? related.ToAnswer()
        : Problem.NotFound("course", courseId);

    public RecommendationAnswer Trending(int count) => Recommender.Trending(Context(), count, settings.Recommending).ToAnswer();

    private DecisionContext Context() => new()
    {
        DecisionId = "",
        UserId = "",
        Profile = Nobody,
        Catalogue = catalogue.Current,
        Signals = signals,
        Now = time.GetUtcNow(),
        Seed = 0,
    };
}

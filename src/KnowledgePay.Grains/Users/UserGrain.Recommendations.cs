using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Decisions.Recommending;
using KnowledgePay.Grains.Records;
using KnowledgePay.Storage;

namespace KnowledgePay.Grains.Users;

/// <summary>Recommendations.</summary>
public sealed partial class UserGrain
{
    public ValueTask<Answer<RecommendationAnswer>> Recommend(RecommendationRequest request)
    {
        long started = streams.Time.GetTimestamp();
        DecisionAddress address = decisions.Recorder.Reserve();
        Answer<RecommendationDecision> decided = Recommender.Decide(
            Context(address, DecisionIds.Format(address), streams.Time.GetUtcNow()), request, decisions.Settings.Recommending);
        if (decided.Value is not { } decision)
        {
            decisions.Recorder.GiveUp(address);
            return ValueTask.FromResult<Answer<RecommendationAnswer>>(decided.Problem!);
        }

        Record(address, decision.Record);
        streams.Metrics.Decided(DecisionKind.Recommendation, "answered", streams.Time.GetElapsedTime(started));
        return ValueTask.FromResult<Answer<RecommendationAnswer>>(decision.Answer);
    }
}

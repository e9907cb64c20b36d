using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Decisions.Paths;
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
        if (request.CourseId is { } courseId && streams.Catalogue.Current.FindCourse(courseId) is null)
        {
            return ValueTask.FromResult<Answer<RecommendationAnswer>>(Problem.NotFound("course", courseId));
        }

        DecisionAddress address = decisions.Recorder.Reserve();
        try
        {
            RecommendationDecision decision;
            DecisionDraft draft;
            lock (_stream.Gate)
            {
                _memory ??= new RetrievalMemory();
                decision = Recommender.Decide(Context(address, DecisionIds.Format(address), streams.Time.GetUtcNow()), request, decisions.Settings.Recommending);
                draft = DecisionRecorder.Draft(_stream.Key, decision);
                decision.Release();
            }

            decisions.Recorder.RecordLater(_userId, address, draft);
            streams.Metrics.Decided(DecisionKind.Recommendation, "answered", streams.Time.GetElapsedTime(started));
            return ValueTask.FromResult<Answer<RecommendationAnswer>>(decision.ToAnswer());
        }
        catch
        {
            // An address that nobody fills would hold up the records behind it.
            decisions.Recorder.GiveUp(address);
            throw;
        }
    }

    public ValueTask<Answer<PathAnswer>> Path(string courseId)
    {
        int[] shelf;
        lock (_stream.Gate)
        {
            shelf = Profile.Shelf.Taken.ToArray();
        }

        return ValueTask.FromResult(PathFinder.Find(streams.Catalogue.Current, shelf, courseId, streams.Time.GetUtcNow()));
    }
}

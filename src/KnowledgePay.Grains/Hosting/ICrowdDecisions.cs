using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;

namespace KnowledgePay.Grains.Hosting;

/// <summary>Decisions that know no person: made from the silo's own snapshot, without a grain call.</summary>
public interface ICrowdDecisions
{
    /// <summary>Courses that go with one course; <c>not-found</c> when the catalogue does not have it.</summary>
    /// <param name="count">1 to <see cref="RecommendationRequest.LargestCount"/>.</param>
    Answer<RecommendationAnswer> Related(string courseId, int count);

    /// <summary>What many people take just now.</summary>
    /// <param name="count">1 to <see cref="RecommendationRequest.LargestCount"/>.</param>
    RecommendationAnswer Trending(int count);
}

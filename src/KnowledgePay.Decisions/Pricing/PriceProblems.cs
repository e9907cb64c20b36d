using KnowledgePay.Contracts;

namespace KnowledgePay.Decisions.Pricing;

/// <summary>Why a course has no price for a person.</summary>
public static class PriceProblems
{
    public static Problem NotPublished(string courseId) =>
        Problem.Conflict("not-published", "The course is not on sale.", $"Course '{courseId}' is not published yet.");

    public static Problem AlreadyOwned(string courseId) =>
        Problem.Conflict("already-owned", "The person already has the course.", $"Course '{courseId}' is on the person's shelf.");
}

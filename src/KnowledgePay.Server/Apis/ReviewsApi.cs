using System.Diagnostics;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Grains.Records;
using KnowledgePay.Server.Access;
using KnowledgePay.Server.Answers;
using KnowledgePay.Server.Documentation;
using KnowledgePay.Server.Hosting;
using KnowledgePay.Server.Idempotency;
using KnowledgePay.Server.Problems;
using KnowledgePay.Server.Requests;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Server.Apis;

/// <summary>Review cases, oldest first.</summary>
public sealed record ReviewList(IReadOnlyList<ReviewCase> Reviews);

/// <summary>Credit cases that wait for a person.</summary>
public static class ReviewsApi
{
    private const int MostCases = 1_000;

    public static void MapReviews(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/v1/reviews").WithTags("Reviews");
        group.MapGet("", List)
            .RequireAuthorization(Roles.OperatorOrAuditor)
            .Describe("listReviews", "List review cases", "Credit decisions that were sent to a person, oldest first.")
            .Query(new QueryParameter("status", "string", "Only cases of this status; all when left out.", OneOf: ["open", "approved", "declined"]))
            .Query(new QueryParameter("limit", "integer", "How many cases at most.", 1, MostCases, 100))
            .InLanguages()
            .Produces<ReviewList>()
            .Refuses(422);
        group.MapGet("/{reviewId}", Get)
            .RequireAuthorization(Roles.OperatorOrAuditor)
            .Describe("getReview", "Get a review case", "The case and, once it is answered, who answered it and why.")
            .InLanguages()
            .Produces<ReviewCase>()
            .Refuses(404, 422);
        group.MapPost("/{reviewId}/answer", Answer)
            .RequireAuthorization(Roles.OperatorOnly)
            .Describe("answerReview", "Answer a review case", "Approves or declines the case; the decision's record keeps it as an override. A case is answered once.")
            .Accepts<ReviewAnswer>("application/json")
            .Idempotent()
            .InLanguages()
            .Produces<ReviewCase>()
            .Refuses(400, 404, 409, 410, 413, 415, 422);
    }

    private static async Task List(HttpContext context, [FromServices] IReviewQueue reviews)
    {
        var query = new QueryFields(context.Request);
        string? status = query.OneOf("status", "open", "approved", "declined");
        int limit = query.Count("limit", 100, 1, MostCases);
        query.Check();
        long started = Stopwatch.GetTimestamp();
        Answer<ReviewList> answer = new ReviewList(await reviews.List(status, limit, context.RequestAborted));
        await AnswerWriter.WriteDecision(context, answer, started);
    }

    private static async Task Get(HttpContext context, string reviewId, [FromServices] IReviewQueue reviews)
    {
        long started = Stopwatch.GetTimestamp();
        Answer<ReviewCase> answer = await Require(reviews, reviewId, context.RequestAborted);
        await AnswerWriter.WriteDecision(context, answer, started);
    }

    private static async Task Answer(
        HttpContext context,
        string reviewId,
        [FromServices] IReviewQueue reviews,
        [FromServices] GrainReferences grains,
        [FromServices] IdempotentRequests idempotent,
        [FromServices] IOptions<HttpLimits> limits)
    {
        using RequestBody body = await RequestBody.ReadJson(context, limits.Value.BodyBytes);
        ReviewAnswer given = body.Object<ReviewAnswer>(DecisionDocuments.Review);
        ReviewCase review = await Require(reviews, reviewId, context.RequestAborted);
        string answeredBy = context.Key()!.KeyId;
        await idempotent.Run(context, review.UserId, body.Memory, async _ =>
            PreparedAnswer.Of(context, await grains.User(review.UserId).AnswerReview(reviewId, given, answeredBy)));
    }

    private static async ValueTask<ReviewCase> Require(IReviewQueue reviews, string reviewId, CancellationToken cancellation)
    {
        QueryFields.RequireId(reviewId, "reviewId");
        return await reviews.Find(reviewId, cancellation) ?? throw new RequestRefusedException(Problem.NotFound("review", reviewId));
    }
}

using System.Diagnostics;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Grains.Access;
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

/// <summary>What <c>POST /v1/reviews</c> takes.</summary>
public sealed record ReviewRequest
{
    /// <summary>The declined credit decision; may stand in the query instead.</summary>
    public string? DecisionId { get; init; }

    /// <summary>What the person has to say to it, up to 2,000 characters.</summary>
    public string? Statement { get; init; }
}

/// <summary>Credit cases that wait for a person.</summary>
public static class ReviewsApi
{
    private const int MostCases = 1_000;

    public static void MapReviews(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/v1/reviews").WithTags("Reviews");
        group.MapGet("", List)
            .RequireAuthorization(Roles.PlatformOrAuditor)
            .Describe(
                "listReviews",
                "List review cases",
                "Credit decisions that were sent to a person, oldest first; with decisionId the one case of that decision, or none. The platform asks by decision only.")
            .Query(new QueryParameter("decisionId", "id", "The case of this credit decision."))
            .Query(new QueryParameter("status", "string", "Only cases of this status; all when left out.", OneOf: ["open", "approved", "declined"]))
            .Query(new QueryParameter("limit", "integer", "How many cases at most.", 1, MostCases, 100))
            .InLanguages()
            .Produces<ReviewList>()
            .Refuses(422);
        group.MapPost("", Ask)
            .RequireAuthorization(Roles.Platform)
            .Describe(
                "askReview",
                "Put a decline before a person",
                "Opens a case for a declined credit, on the person's behalf; asked again it is the same case. This is what the answer's appeal names. "
                + "An operator answers it, and an approval can be drawn on like any other.")
            .Query(new QueryParameter("decisionId", "id", "The declined credit decision."))
            .Accepts<ReviewRequest>("application/json")
            .Idempotent()
            .InLanguages()
            .Produces<ReviewCase>(200).Produces<ReviewCase>(201)
            .Refuses(400, 404, 409, 410, 413, 415, 422);
        group.MapGet("/{reviewId}", Get)
            .RequireAuthorization(Roles.PlatformOrAuditor)
            .Describe("getReview", "Get a review case", "The case and, once it is answered, who answered it and why.")
            .InLanguages()
            .Produces<ReviewCase>()
            .Refuses(404, 422);
        group.MapPost("/{reviewId}/answer", Answer)
            .RequireAuthorization(Roles.OperatorOnly)
            .Describe("answerReview", "Answer a review case", "Approves or declines the case, an approval for all of the amount or a part of it; the decision's record keeps it as an override. A case is answered once.")
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
        string? decisionId = query.Id("decisionId");
        query.Check();
        if (decisionId is null && context.Key() is { Role: AccessRole.Platform })
        {
            throw new RequestRefusedException(HttpProblems.NotAllowed("The platform's key asks for the case of one decision: ?decisionId=."));
        }

        long started = Stopwatch.GetTimestamp();
        IReadOnlyList<ReviewCase> cases = decisionId is null
            ? await reviews.List(status, limit, context.RequestAborted)
            : await reviews.Find(ReviewDesk.IdOf(decisionId), context.RequestAborted) is { } found && (status is null || found.Status == status) ? [found] : [];
        Answer<ReviewList> answer = new ReviewList(cases);
        await AnswerWriter.WriteDecision(context, answer, started);
    }

    private static async Task Get(HttpContext context, string reviewId, [FromServices] IReviewQueue reviews)
    {
        long started = Stopwatch.GetTimestamp();
        Answer<ReviewCase> answer = await Require(reviews, reviewId, context.RequestAborted);
        await AnswerWriter.WriteDecision(context, answer, started);
    }

    private static async Task Ask(
        HttpContext context,
        [FromServices] IDecisionRecords records,
        [FromServices] IReviewQueue reviews,
        [FromServices] GrainReferences grains,
        [FromServices] IdempotentRequests idempotent,
        [FromServices] IOptions<HttpLimits> limits)
    {
        var query = new QueryFields(context.Request);
        string? decisionId = query.Id("decisionId");
        query.Check();
        bool hasBody = context.Request.ContentLength is not (null or 0) || context.Request.Headers.TransferEncoding.Count > 0;
        using RequestBody? body = hasBody ? await RequestBody.ReadJson(context, limits.Value.BodyBytes) : null;
        ReviewRequest asked = body?.Object<ReviewRequest>(DecisionDocuments.ReviewRequest) ?? new ReviewRequest();
        if (asked.DecisionId is { } named && decisionId is { } queried && named != queried)
        {
            throw new RequestRefusedException(Problem.Invalid("/decisionId", "names another decision than the query does."));
        }

        string wanted = decisionId ?? asked.DecisionId ?? throw new RequestRefusedException(Problem.Invalid("/decisionId", "is required."));
        DecisionRecord record = await records.Find(wanted, context.RequestAborted) ?? throw new RequestRefusedException(Problem.NotFound("decision", wanted));
        await idempotent.Run(context, record.UserId, body?.Memory ?? default, async _ =>
        {
            bool isNew = await reviews.Find(ReviewDesk.IdOf(wanted), context.RequestAborted) is null;
            Answer<ReviewCase> answer = await grains.User(record.UserId).AskReview(wanted, asked.Statement);
            return PreparedAnswer.Of(context, answer, isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK) with
            {
                Location = answer.Value is { } opened ? "/v1/reviews/" + opened.ReviewId : null,
            };
        });
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

using System.Diagnostics;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Grains.Hosting;
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

/// <summary>Decisions out, and their records.</summary>
public static class DecisionsApi
{
    private static readonly QueryParameter Count =
        new("count", "integer", "How many courses to answer with.", 1, RecommendationRequest.LargestCount, 10);

    public static void MapDecisions(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/v1").WithTags("Decisions");
        group.MapGet("/users/{id}/recommendations", Recommend)
            .RequireAuthorization(Roles.Platform)
            .Describe(
                "recommend",
                "Recommend courses to a person",
                "Never a course that the person owns or that is not published. Without the consent to personalisation the answer is trending and category lists.")
            .Query(Count)
            .Query(new QueryParameter("courseId", "id", "The course whose page asks: its neighbours are favoured, and it is never in the answer."))
            .Query(new QueryParameter("surface", "string", "Where the answer is shown, for the record.", null, DecisionDocuments.LongestSurface))
            .InLanguages()
            .Produces<RecommendationAnswer>()
            .Refuses(404, 422);
        group.MapGet("/users/{id}/paths", Path)
            .RequireAuthorization(Roles.Platform)
            .Describe(
                "findPath",
                "Find the way to a course",
                "What to take first, in order, of what the person does not have: prerequisites, and theirs. A prerequisite that is no course's id is a concept, which any course that teaches it fulfils. "
                + "409 says why nothing leads there: prerequisites that ask for each other, a course that is not published yet, a concept that nothing teaches.")
            .Query(new QueryParameter("courseId", "id", "Where the person wants to get to; required."))
            .InLanguages()
            .Produces<PathAnswer>()
            .Refuses(404, 409, 422);
        group.MapGet("/courses/{id}/related", Related)
            .RequireAuthorization(Roles.Platform)
            .Describe("relatedCourses", "Courses that go with a course", "Made without knowing any person.")
            .Query(Count)
            .InLanguages()
            .Produces<RecommendationAnswer>()
            .Refuses(404, 422);
        group.MapGet("/trending", Trending)
            .RequireAuthorization(Roles.Platform)
            .Describe("trendingCourses", "What many people take just now", "Made without knowing any person.")
            .Query(Count)
            .InLanguages()
            .Produces<RecommendationAnswer>()
            .Refuses(422);
        group.MapPost("/decisions/price", Price)
            .RequireAuthorization(Roles.Platform)
            .Describe(
                "quotePrice",
                "Quote a price",
                "The price of a course for a person, with a signed token that a checkout redeems once. Never above the list price; the same person, course and day "
                + "give the same price. Without the consent to personal pricing it is the standard price.")
            .Accepts<PriceRequest>("application/json")
            .InLanguages()
            .Produces<PriceAnswer>()
            .Refuses(400, 404, 409, 413, 415, 422);
        group.MapPost("/decisions/credit", Credit)
            .RequireAuthorization(Roles.Platform)
            .Describe(
                "decideCredit",
                "Decide on credit",
                "Approved, review or declined, with at most four principal reasons for a decline. The answer leaves after its record is durable. "
                + "Without the consent to credit checks it is refused with 403 and the problem type consent-required.")
            .Accepts<CreditRequest>("application/json")
            .Idempotent()
            .InLanguages()
            .Produces<CreditAnswer>()
            .Refuses(400, 404, 409, 410, 413, 415, 422);
        group.MapPost("/decisions/offers", Offers)
            .RequireAuthorization(Roles.Platform)
            .Describe(
                "chooseOffers",
                "Choose partners' offers for a person",
                "At most ten offers that the person is eligible for, within contact limits and budgets. Without the consent to partner sharing only those that need nothing of the person.")
            .Accepts<OffersRequest>("application/json")
            .InLanguages()
            .Produces<OffersAnswer>()
            .Refuses(400, 404, 413, 415, 422);
        group.MapGet("/decisions/{decisionId}", Find)
            .RequireAuthorization(Roles.PlatformOrAuditor)
            .Describe(
                "getDecision",
                "Get a decision's record",
                "Inputs as they were, model versions, every feature's contribution, the rules that fired with what they saw, and overrides by people.")
            .InLanguages()
            .Produces<DecisionRecord>()
            .Refuses(404, 422);
    }

    private static async Task Recommend(HttpContext context, string id, [FromServices] UserCalls users)
    {
        QueryFields.RequireId(id);
        var query = new QueryFields(context.Request);
        var request = new RecommendationRequest
        {
            Count = query.Count("count", 10, 1, RecommendationRequest.LargestCount),
            CourseId = query.Id("courseId"),
            Surface = query.Text("surface", DecisionDocuments.LongestSurface),
        };
        query.Check();
        long started = Stopwatch.GetTimestamp();
        Answer<RecommendationAnswer> answer = await users.Recommend(id, request);
        await AnswerWriter.WriteDecision(context, answer, started);
    }

    private static async Task Path(HttpContext context, string id, [FromServices] UserCalls users)
    {
        QueryFields.RequireId(id);
        var query = new QueryFields(context.Request);
        string? courseId = query.Id("courseId");
        query.Check();
        long started = Stopwatch.GetTimestamp();
        Answer<PathAnswer> answer = courseId is null ? Problem.Invalid("/courseId", "is required: the course to get to.") : await users.Path(id, courseId);
        await AnswerWriter.WriteDecision(context, answer, started);
    }

    private static Task Related(HttpContext context, string id, [FromServices] ICrowdDecisions crowd)
    {
        QueryFields.RequireId(id);
        int count = CountOf(context);
        long started = Stopwatch.GetTimestamp();
        return AnswerWriter.WriteDecision(context, crowd.Related(id, count), started);
    }

    private static Task Trending(HttpContext context, [FromServices] ICrowdDecisions crowd)
    {
        int count = CountOf(context);
        long started = Stopwatch.GetTimestamp();
        return AnswerWriter.WriteDecision<RecommendationAnswer>(context, crowd.Trending(count), started);
    }

    private static async Task Price(HttpContext context, [FromServices] UserCalls users, [FromServices] IOptions<HttpLimits> limits)
    {
        PriceRequest request;
        using (RequestBody body = await RequestBody.ReadJson(context, limits.Value.BodyBytes))
        {
            request = body.Object<PriceRequest>(DecisionDocuments.Price);
        }

        long started = Stopwatch.GetTimestamp();
        Answer<PriceAnswer> answer = await users.Price(request);
        await AnswerWriter.WriteDecision(context, answer, started);
    }

    private static async Task Credit(
        HttpContext context,
        [FromServices] UserCalls users,
        [FromServices] IdempotentRequests idempotent,
        [FromServices] IOptions<HttpLimits> limits)
    {
        using RequestBody body = await RequestBody.ReadJson(context, limits.Value.BodyBytes);
        CreditRequest request = body.Object<CreditRequest>(DecisionDocuments.Credit);
        await idempotent.Run(context, request.UserId, body.Memory, async scope =>
        {
            long started = Stopwatch.GetTimestamp();
            Answer<CreditAnswer> answer = await users.Credit(request);
            AnswerWriter.AddTiming(context, started);
            return PreparedAnswer.Of(context, answer);
        });
    }

    private static async Task Offers(HttpContext context, [FromServices] UserCalls users, [FromServices] IOptions<HttpLimits> limits)
    {
        OffersRequest request;
        using (RequestBody body = await RequestBody.ReadJson(context, limits.Value.BodyBytes))
        {
            request = body.Object<OffersRequest>(DecisionDocuments.Offers);
        }

        long started = Stopwatch.GetTimestamp();
        Answer<OffersAnswer> answer = await users.Offers(request);
        await AnswerWriter.WriteDecision(context, answer, started);
    }

    private static async Task Find(HttpContext context, string decisionId, [FromServices] IDecisionRecords records)
    {
        QueryFields.RequireId(decisionId, "decisionId");
        long started = Stopwatch.GetTimestamp();
        DecisionRecord? record = await records.Find(decisionId, context.RequestAborted);
        Answer<DecisionRecord> answer = record is null ? Problem.NotFound("decision", decisionId) : record;
        await AnswerWriter.WriteDecision(context, answer, started);
    }

    private static int CountOf(HttpContext context)
    {
        var query = new QueryFields(context.Request);
        int count = query.Count("count", 10, 1, RecommendationRequest.LargestCount);
        query.Check();
        return count;
    }
}

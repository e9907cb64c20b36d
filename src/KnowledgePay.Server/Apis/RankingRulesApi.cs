using System.Text.Json;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Decisions.Recommending;
using KnowledgePay.Grains.Catalogue;
using KnowledgePay.Server.Access;
using KnowledgePay.Server.Answers;
using KnowledgePay.Server.Documentation;
using KnowledgePay.Server.Hosting;
using KnowledgePay.Server.Problems;
using KnowledgePay.Server.Requests;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Server.Apis;

/// <summary>A ranking rule and how many of the catalogue's courses it is about now.</summary>
public sealed record RankingRuleView(RankingRule Rule, int Courses);

/// <summary>All ranking rules, by id.</summary>
public sealed record RankingRuleList(IReadOnlyList<RankingRuleView> Rules);

/// <summary>What editors say about lists of courses.</summary>
public static class RankingRulesApi
{
    public static void MapRankingRules(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/v1/ranking-rules").WithTags("Catalogue");
        group.MapGet("", List)
            .RequireAuthorization(Roles.OperatorOrAuditor)
            .Describe("listRankingRules", "List the ranking rules", "All of them, by id, each with the number of courses that it is about now.")
            .Produces<RankingRuleList>();
        group.MapPut("/{id}", Put)
            .RequireAuthorization(Roles.OperatorOnly)
            .Describe(
                "putRankingRule",
                "Put a ranking rule",
                "Makes or replaces a rule that hides courses, boosts them (or sinks them: a weight below zero), or pins the best of them to a position, in every list: recommendations, related courses (surface related), trending (surface trending). "
                + "courses says which, by what is written of a course; when says for whom, on which page and surface. Both are compiled before they are taken: one that does not compile is answered 422 with pointers into it. "
                + "What a rule did stands in the decision's record; a course whose place is paid for (label sponsored) always says so. It holds from the next answer on; on other silos within a second.")
            .Accepts<RankingRule>("application/json")
            .Produces<RankingRuleView>(200).Produces<RankingRuleView>(201)
            .Refuses(400, 409, 413, 415, 422);
        group.MapGet("/{id}", Get)
            .RequireAuthorization(Roles.OperatorOrAuditor)
            .Describe("getRankingRule", "Get a ranking rule", "The rule as it was put, and the number of courses that it is about now.")
            .Produces<RankingRuleView>()
            .Refuses(404, 422);
        group.MapDelete("/{id}", Delete)
            .RequireAuthorization(Roles.OperatorOnly)
            .Describe("deleteRankingRule", "Take a ranking rule away", "From the next answer on it does nothing; records keep what it did.")
            .Produces(StatusCodes.Status204NoContent)
            .Refuses(404, 422);
    }

    private static async Task Put(HttpContext context, string id, [FromServices] ICatalogue catalogue, [FromServices] IOptions<HttpLimits> limits)
    {
        QueryFields.RequireId(id);
        using RequestBody body = await RequestBody.ReadJson(context, limits.Value.BodyBytes);
        RankingRule rule = body.Object((ref Utf8JsonReader reader, ReadOnlySpan<byte> all, RequestErrors errors) => RankingRuleDocument.Read(ref reader, all, errors, id));
        bool created = await catalogue.PutRule(rule, context.RequestAborted) ?? throw new RequestRefusedException(Problem.Conflict(
            "too-many-ranking-rules", "There are as many ranking rules as there may be.", $"At most {RankingRules.Most}; delete one first."));
        await AnswerWriter.Write(context, Require(catalogue, id), created ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    private static Task Get(HttpContext context, string id, [FromServices] ICatalogue catalogue)
    {
        QueryFields.RequireId(id);
        return AnswerWriter.Write(context, Require(catalogue, id));
    }

    private static Task List(HttpContext context, [FromServices] ICatalogue catalogue) =>
        AnswerWriter.Write(context, new RankingRuleList([.. catalogue.Current.Rules.Entries.Select(ViewOf)]));

    private static async Task Delete(HttpContext context, string id, [FromServices] ICatalogue catalogue)
    {
        QueryFields.RequireId(id);
        if (!await catalogue.RemoveRule(id, context.RequestAborted))
        {
            throw new RequestRefusedException(Problem.NotFound("ranking rule", id));
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static RankingRuleView Require(ICatalogue catalogue, string id) => catalogue.Current.Rules.Find(id) is { } entry
        ? ViewOf(entry)
        : throw new RequestRefusedException(Problem.NotFound("ranking rule", id));

    private static RankingRuleView ViewOf(RankingRuleEntry entry) => new(entry.Rule, entry.Courses.Count);
}

using KnowledgePay.Contracts;
using KnowledgePay.Contracts.People;
using KnowledgePay.Grains.Records;
using KnowledgePay.Server.Access;
using KnowledgePay.Server.Answers;
using KnowledgePay.Server.Documentation;
using KnowledgePay.Server.Hosting;
using KnowledgePay.Server.Problems;
using KnowledgePay.Server.Requests;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Server.Apis;

/// <summary>People: what is held about them, what they allow, and their right to have it out or gone.</summary>
public static class UsersApi
{
    public static void MapUsers(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/v1/users/{id}").WithTags("People");
        group.MapGet("", Get)
            .RequireAuthorization(Roles.PlatformOrAuditor)
            .Describe("getUser", "Get what is held about a person", "Features, segment, risk score, consent and courses, as the last durable event left them.")
            .Produces<UserView>()
            .Refuses(404, 422);
        group.MapGet("/export", Export)
            .RequireAuthorization(Roles.PlatformOrAuditor)
            .Describe("exportUser", "Export a person's data", "Everything held about the person as one JSON object, for the right of access: profile, consent, events and decisions.")
            .Produces<PersonDocument>()
            .Refuses(404, 422);
        group.MapDelete("", Erase)
            .RequireAuthorization(Roles.Platform)
            .Describe(
                "eraseUser",
                "Erase a person",
                "Destroys the person's key: all that is stored, backups included, becomes unreadable as theirs. What the law makes us keep stays, unreadable as that person's.")
            .Produces(204)
            .Refuses(404, 422);
        group.MapGet("/consent", GetConsent)
            .RequireAuthorization(Roles.PlatformOrAuditor)
            .Describe("getConsent", "Get a person's consent", "Until said otherwise personalisation is true and all else false; so it is for a person who is not known.")
            .Produces<Consent>()
            .Refuses(422);
        group.MapPut("/consent", PutConsent)
            .RequireAuthorization(Roles.Platform)
            .Describe(
                "putConsent",
                "Put a person's consent",
                "Replaces the consent: a field that is left out is as it is until said otherwise (personalisation true, all else false). Each must be true or false.")
            .Accepts<Consent>("application/json")
            .Produces<Consent>()
            .Refuses(400, 413, 415, 422);
    }

    private static async Task Get(HttpContext context, string id, [FromServices] UserCalls users)
    {
        QueryFields.RequireId(id);
        Answer<UserView> answer = await users.View(id);
        await (answer.Problem is { } problem ? ProblemDocument.Write(context, problem) : AnswerWriter.Write(context, answer.Value!));
    }

    private static async Task Export(HttpContext context, string id, [FromServices] IPersonExport export)
    {
        QueryFields.RequireId(id);
        HttpResponse response = context.Response;
        response.ContentType = "application/json; charset=utf-8";
        response.Headers.ContentDisposition = $"attachment; filename=\"{id.Replace(':', '_')}.json\"";
        response.Headers.CacheControl = "no-store";
        if (!await export.Write(id, response.Body, context.RequestAborted))
        {
            response.Headers.Remove("Content-Disposition");
            throw new RequestRefusedException(Problem.NotFound("user", id));
        }
    }

    private static async Task Erase(HttpContext context, string id, [FromServices] GrainReferences grains)
    {
        QueryFields.RequireId(id);
        if (!await grains.User(id).Erase())
        {
            throw new RequestRefusedException(Problem.NotFound("user", id));
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async Task GetConsent(HttpContext context, string id, [FromServices] UserCalls users)
    {
        QueryFields.RequireId(id);
        await AnswerWriter.Write(context, await users.GetConsent(id));
    }

    private static async Task PutConsent(HttpContext context, string id, [FromServices] UserCalls users, [FromServices] IOptions<HttpLimits> limits)
    {
        QueryFields.RequireId(id);
        Consent consent;
        using (RequestBody body = await RequestBody.ReadJson(context, limits.Value.BodyBytes))
        {
            consent = body.Object<Consent>(DecisionDocuments.Consent);
        }

        await AnswerWriter.Write(context, await users.PutConsent(id, consent));
    }
}

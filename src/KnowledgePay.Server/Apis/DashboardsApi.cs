using KnowledgePay.Contracts.Partners;
using KnowledgePay.Grains.Catalogue;
using KnowledgePay.Server.Access;
using KnowledgePay.Server.Answers;
using KnowledgePay.Server.Dashboards;
using KnowledgePay.Server.Documentation;
using KnowledgePay.Server.Hosting;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Mvc;

namespace KnowledgePay.Server.Apis;

/// <summary>How a partner's products are doing, once or as a stream.</summary>
public static class DashboardsApi
{
    private static readonly QueryParameter From = new("from", "date", "First day, UTC; 29 days before the last when left out.");
    private static readonly QueryParameter To = new("to", "date", $"Last day, UTC, at most {DashboardQuery.LongestDays} days after the first; today when left out.");

    public static void MapDashboards(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/v1/partners/{id}/dashboard").WithTags("Partners").OwnPartnerOnly();
        group.MapGet("", Get)
            .RequireAuthorization(Roles.PartnerOrAuditor)
            .Describe("getDashboard", "Get a partner's dashboard", "Figures by product over a span of days. A figure about fewer people than minimumGroup is null.")
            .Query(From).Query(To)
            .Produces<Dashboard>()
            .Refuses(404, 422);
        group.MapGet("/stream", Stream)
            .RequireAuthorization(Roles.PartnerOrAuditor)
            .WithMetadata(LongLived.Instance, new DisableRequestTimeoutAttribute())
            .Describe(
                "streamDashboard",
                "Stream a partner's dashboard",
                "Server-sent events: an event 'dashboard' at first and on every change (looked for each second), and a comment every 15 seconds. "
                + "Ends when the key is revoked.")
            .Query(From).Query(To)
            .Produces<string>(200, "text/event-stream")
            .Refuses(404, 422);
    }

    private static async Task Get(
        HttpContext context,
        string id,
        [FromServices] ICatalogue catalogue,
        [FromServices] DashboardReader dashboards,
        [FromServices] TimeProvider time)
    {
        PartnersApi.Require(catalogue, id);
        DashboardQuery query = DashboardQuery.Of(context.Request);
        (DateOnly from, DateOnly to) = query.Span(time.GetUtcNow());
        byte[] body = DashboardJson.Serialize(await dashboards.Read(id, from, to));
        await new PreparedAnswer(StatusCodes.Status200OK, "application/json; charset=utf-8", null, body).Write(context);
    }

    private static Task Stream(
        HttpContext context,
        string id,
        [FromServices] ICatalogue catalogue,
        [FromServices] DashboardStreams streams)
    {
        PartnersApi.Require(catalogue, id);
        return streams.Run(context, id, DashboardQuery.Of(context.Request));
    }
}

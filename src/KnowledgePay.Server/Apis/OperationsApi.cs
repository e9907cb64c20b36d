using KnowledgePay.Grains.Hosting;
using KnowledgePay.Server.Access;
using KnowledgePay.Server.Answers;
using KnowledgePay.Server.Documentation;
using Microsoft.AspNetCore.Mvc;
using Scalar.AspNetCore;

namespace KnowledgePay.Server.Apis;

/// <summary>How the server is.</summary>
/// <param name="Status"><c>live</c>, <c>ready</c>, <c>starting</c> or <c>draining</c>.</param>
/// <param name="StoreAvailable">False while the store refuses writes; decisions go on from memory.</param>
/// <param name="ProjectionLag">Journal entries that the projections have yet to see.</param>
public sealed record HealthAnswer(string Status, bool? StoreAvailable = null, long? ProjectionLag = null);

/// <summary>Health, metrics, the OpenAPI document and its page.</summary>
public static class OperationsApi
{
    /// <summary>The browser itself keeps the page from fetching anything from elsewhere.</summary>
    private const string PagePolicy =
        "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; frame-ancestors 'none'";

    public static void MapOperations(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", Live)
            .AllowAnonymous()
            .WithTags("Operations")
            .Describe("getLiveness", "Whether the process answers", "Always 200 while it does.")
            .Produces<HealthAnswer>();
        routes.MapGet("/health/ready", Ready)
            .AllowAnonymous()
            .WithTags("Operations")
            .Describe(
                "getReadiness",
                "Whether the server can serve",
                "200 once the store is open, the catalogue loaded and the projections have caught up; 503 until then. A store that refuses writes later does not make it unready: decisions go on.")
            .Produces<HealthAnswer>()
            .Produces<HealthAnswer>(503);
        routes.MapGet("/v1/ping", Ping)
            .RequireAuthorization(Roles.Platform)
            .WithTags("Operations")
            .Describe("ping", "Do nothing", "Passes everything that a decision passes on its way but the engine: what it costs is what HTTP costs.")
            .Produces(204);
        routes.MapPrometheusScrapingEndpoint("/metrics").RequireAuthorization(Roles.NotPartner);
        routes.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();
        // The page's script and fonts come with the package: nothing is fetched from elsewhere.
        routes.MapScalarApiReference("/docs", options => options
            .WithTitle("KnowledgePay API")
            .WithOpenApiRoutePattern("/openapi/{documentName}.json")
            .DisableDefaultFonts()
            .DisableAgent()
            .DisableMcp()
            .DisableTelemetry()
            .HideClientButton()
            .HideDeveloperTools()
            .AddPreferredSecuritySchemes([ApiDocument.SecurityScheme])).AllowAnonymous().AddEndpointFilter(static async (invocation, next) =>
        {
            invocation.HttpContext.Response.Headers.ContentSecurityPolicy = PagePolicy;
            return await next(invocation);
        });
        routes.MapGet("/", static (HttpContext context) => context.Response.Redirect("/docs")).AllowAnonymous().ExcludeFromDescription();
    }

    private static Task Live(HttpContext context, CancellationToken cancellation) => AnswerWriter.Write(context, new HealthAnswer("live"));

    private static Task Ready(HttpContext context, [FromServices] IEngineStatus status)
    {
        var answer = new HealthAnswer(status.IsReady ? "ready" : status.IsDraining ? "draining" : "starting", status.IsStoreAvailable, status.ProjectionLag);
        if (!status.IsReady)
        {
            context.Response.Headers.RetryAfter = "1";
        }

        return AnswerWriter.Write(context, answer, status.IsReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    private static Task Ping(HttpContext context, CancellationToken cancellation)
    {
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }
}

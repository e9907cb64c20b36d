using KnowledgePay.Server.Problems;

namespace KnowledgePay.Server.Documentation;

/// <summary>A query parameter, for the OpenAPI document.</summary>
/// <param name="Kind"><c>integer</c>, <c>string</c>, <c>id</c> or <c>date</c>.</param>
public sealed record QueryParameter(string Name, string Kind, string Description, int? Smallest = null, int? Largest = null, int? Default = null, string[]? OneOf = null);

/// <summary>Marks an endpoint that takes an <c>Idempotency-Key</c>.</summary>
public sealed class TakesIdempotencyKey;

/// <summary>Marks an endpoint whose text depends on <c>Accept-Language</c>.</summary>
public sealed class SpeaksLanguages;

/// <summary>What the OpenAPI document says about an endpoint, said where the endpoint is mapped.</summary>
public static class EndpointDocumentation
{
    public static RouteHandlerBuilder Describe(this RouteHandlerBuilder builder, string operationId, string summary, string description) =>
        builder.WithName(operationId).WithSummary(summary).WithDescription(description);

    public static RouteHandlerBuilder Query(this RouteHandlerBuilder builder, QueryParameter parameter) => builder.WithMetadata(parameter);

    /// <summary>The problems that the endpoint answers with, besides those that every endpoint has.</summary>
    public static RouteHandlerBuilder Refuses(this RouteHandlerBuilder builder, params ReadOnlySpan<int> statuses)
    {
        foreach (int status in statuses)
        {
            builder.Produces<ProblemDocument>(status, ProblemDocument.MediaType);
        }

        return builder;
    }

    public static RouteHandlerBuilder Idempotent(this RouteHandlerBuilder builder) => builder.WithMetadata(new TakesIdempotencyKey());

    public static RouteHandlerBuilder InLanguages(this RouteHandlerBuilder builder) => builder.WithMetadata(new SpeaksLanguages());
}

using System.Globalization;
using KnowledgePay.Server.Problems;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace KnowledgePay.Server.Documentation;

/// <summary>
/// Says what many operations share once, in the document's components: the response of each problem's status, the reason of a decision, and
/// the bodies whose id the path already says.
/// </summary>
internal static class SharedComponents
{
    private static readonly (string Of, string Name)[] BodiesWithoutId = [("Course", "CourseBody"), ("Partner", "PartnerBody")];

    public static Task Share(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellation)
    {
        document.Components ??= new OpenApiComponents();
        ShareReasons(document);
        foreach (OpenApiOperation operation in document.Paths.Values.Where(path => path.Operations is not null).SelectMany(path => path.Operations!.Values))
        {
            ShareProblems(document, operation);
            ShareBody(document, operation);
        }

        return Task.CompletedTask;
    }

    private static void ShareReasons(OpenApiDocument document)
    {
        IOpenApiSchema[] schemas = [.. document.Components!.Schemas?.Values ?? []];
        foreach (OpenApiSchema property in schemas.SelectMany(s => s.Properties?.Values ?? []).OfType<OpenApiSchema>())
        {
            if (property.Items is OpenApiSchema { Title: SchemaDocumentation.ReasonTitle })
            {
                AddSchema(document, SchemaDocumentation.ReasonTitle, SchemaDocumentation.Reason);
                property.Items = new OpenApiSchemaReference(SchemaDocumentation.ReasonTitle, document);
            }
        }
    }

    private static void ShareProblems(OpenApiDocument document, OpenApiOperation operation)
    {
        foreach ((string status, IOpenApiResponse response) in operation.Responses?.ToArray() ?? [])
        {
            if (response.Content?.ContainsKey(ProblemDocument.MediaType) != true)
            {
                continue;
            }

            string name = "Problem" + status;
            document.Components!.Responses ??= new Dictionary<string, IOpenApiResponse>();
            if (!document.Components.Responses.ContainsKey(name))
            {
                document.AddComponent(name, Problem(document, int.Parse(status, CultureInfo.InvariantCulture)));
            }

            operation.Responses![status] = new OpenApiResponseReference(name, document);
        }
    }

    private static OpenApiResponse Problem(OpenApiDocument document, int status)
    {
        var response = new OpenApiResponse
        {
            Description = HttpProblems.OfStatus(status).Title,
            Content = new Dictionary<string, OpenApiMediaType>
            {
                [ProblemDocument.MediaType] = new() { Schema = new OpenApiSchemaReference(nameof(ProblemDocument), document) },
            },
        };
        if (status is 429 or 503)
        {
            response.Headers = new Dictionary<string, IOpenApiHeader>
            {
                ["Retry-After"] = Number("Seconds to wait before trying again."),
                ["X-RateLimit-Limit"] = Number("Requests that the key may make in a window."),
                ["X-RateLimit-Remaining"] = Number("Requests left in this window."),
                ["X-RateLimit-Reset"] = Number("Seconds until the next window."),
            };
        }

        return response;
    }

    private static OpenApiHeader Number(string description) => new() { Description = description, Schema = new OpenApiSchema { Type = JsonSchemaType.Integer } };

    /// <summary>In a PUT's body the id may be left out: the path says it.</summary>
    private static void ShareBody(OpenApiDocument document, OpenApiOperation operation)
    {
        foreach (OpenApiMediaType media in operation.RequestBody?.Content?.Values ?? [])
        {
            foreach ((string of, string name) in BodiesWithoutId)
            {
                if (media.Schema is OpenApiSchemaReference reference && reference.Reference.Id == of
                    && document.Components!.Schemas!.TryGetValue(of, out IOpenApiSchema? schema))
                {
                    AddSchema(document, name, new OpenApiSchema
                    {
                        Type = JsonSchemaType.Object,
                        Description = "As " + of + "; the id may be left out, and must be the path's where it is given.",
                        Properties = schema.Properties,
                        Required = schema.Required?.Where(r => r != "id").ToHashSet(),
                    });
                    media.Schema = new OpenApiSchemaReference(name, document);
                }
            }
        }
    }

    private static void AddSchema(OpenApiDocument document, string name, OpenApiSchema schema)
    {
        if (!document.Components!.Schemas!.ContainsKey(name))
        {
            document.AddComponent(name, schema);
        }
    }
}

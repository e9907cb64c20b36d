using System.Globalization;
using System.Text.Json.Nodes;
using KnowledgePay.Server.Events;
using KnowledgePay.Server.Problems;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace KnowledgePay.Server.Documentation;

/// <summary>Adds to an operation what its endpoint's metadata says: access, parameters, headers, bodies and the problems of every endpoint.</summary>
internal static class OperationDocumentation
{
    private const string IdPattern = "^[A-Za-z0-9._:-]{1,128}$";

    public static Task Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        IList<object> metadata = context.Description.ActionDescriptor.EndpointMetadata;
        operation.Parameters ??= [];
        DescribePath(operation);
        foreach (QueryParameter query in metadata.OfType<QueryParameter>())
        {
            operation.Parameters.Add(Query(query));
        }

        if (metadata.OfType<TakesIdempotencyKey>().Any())
        {
            operation.Parameters.Add(Header("Idempotency-Key", "1 to 255 printable ASCII characters, kept for a day. The same key and body gives the same answer, a refusal too; while the first request runs 409 with Retry-After; with another body 422. "
                + "A request that was not valid (400, 413, 415, 422) or that failed (5xx) leaves its key unused.", 255));
        }

        if (metadata.OfType<SpeaksLanguages>().Any())
        {
            operation.Parameters.Add(Header("Accept-Language", "zh or en, with weights; en when neither is asked for.", 1_000));
        }

        if (metadata.OfType<EventsBody>().Any())
        {
            operation.RequestBody = Events();
        }

        if (metadata.OfType<CoursesBody>().Any())
        {
            var course = new OpenApiSchemaReference(nameof(Contracts.Catalogue.Course), context.Document);
            operation.RequestBody = Body(new()
            {
                ["application/json"] = new() { Schema = new OpenApiSchema { Type = JsonSchemaType.Array, Items = course } },
                ["application/x-ndjson"] = new() { Schema = Text("One course as JSON on each line.") },
            });
        }

        if (metadata.OfType<ModelBody>().Any())
        {
            operation.RequestBody = Body(new() { ["application/octet-stream"] = new() { Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary", Description = "A model.kpm." } } });
        }

        if (operation.OperationId is { } id && operation.RequestBody?.Content?.TryGetValue("application/json", out OpenApiMediaType? json) == true)
        {
            json.Example ??= RequestExamples.Of(id);
        }

        if (metadata.OfType<IAllowAnonymous>().Any())
        {
            operation.Security = [];
            return Task.CompletedTask;
        }

        operation.Security =
        [
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(ApiDocument.SecurityScheme, context.Document)] = [] },
        ];
        operation.Responses ??= [];
        foreach (int status in (ReadOnlySpan<int>)[401, 403, 406, 429, 500, 503])
        {
            // What a problem's response says is said once, in the components: SharedComponents puts references here.
            operation.Responses.TryAdd(status.ToString(CultureInfo.InvariantCulture), new OpenApiResponse
            {
                Content = new Dictionary<string, OpenApiMediaType> { [ProblemDocument.MediaType] = new() },
            });
        }

        return Task.CompletedTask;
    }

    private static void DescribePath(OpenApiOperation operation)
    {
        foreach (OpenApiParameter parameter in operation.Parameters!.OfType<OpenApiParameter>().Where(p => p.In == ParameterLocation.Path))
        {
            parameter.Description ??= "1 to 128 of A-Z a-z 0-9 . _ : -";
            parameter.Schema = new OpenApiSchema { Type = JsonSchemaType.String, Pattern = IdPattern };
        }
    }

    private static OpenApiParameter Query(QueryParameter query)
    {
        var schema = new OpenApiSchema { Type = query.Kind == "integer" ? JsonSchemaType.Integer : JsonSchemaType.String };
        switch (query.Kind)
        {
            case "integer":
                schema.Format = "int32";
                schema.Minimum = query.Smallest?.ToString(CultureInfo.InvariantCulture);
                schema.Maximum = query.Largest?.ToString(CultureInfo.InvariantCulture);
                schema.Default = query.Default is { } value ? JsonValue.Create(value) : null;
                break;
            case "id":
                schema.Pattern = IdPattern;
                break;
            case "date":
                schema.Format = "date";
                break;
            default:
                schema.MaxLength = query.Largest;
                schema.Enum = query.OneOf is { } words ? [.. words.Select(w => (JsonNode)JsonValue.Create(w)!)] : null;
                break;
        }

        return new OpenApiParameter { Name = query.Name, In = ParameterLocation.Query, Description = query.Description, Schema = schema };
    }

    private static OpenApiParameter Header(string name, string description, int longest) => new()
    {
        Name = name,
        In = ParameterLocation.Header,
        Description = description,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = longest },
    };

    private static OpenApiRequestBody Events()
    {
        var one = new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Description = "A CloudEvent 1.0. Extension attributes are taken and not kept.",
            Required = new HashSet<string> { "specversion", "id", "source", "type", "subject" },
            Properties = new Dictionary<string, IOpenApiSchema>
            {
                ["specversion"] = new OpenApiSchema { Type = JsonSchemaType.String, Enum = ["1.0"] },
                ["id"] = Text("With source, what makes it the same event."),
                ["source"] = Text("A URI-reference."),
                ["type"] = new OpenApiSchema { Type = JsonSchemaType.String, Enum = [.. EventKinds.Types.Select(t => (JsonNode)JsonValue.Create(t)!)] },
                ["subject"] = new OpenApiSchema { Type = JsonSchemaType.String, Pattern = IdPattern, Description = "The person's id; of market events the course's." },
                ["time"] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "date-time", Description = "When it happened; when it arrived where left out." },
                ["datacontenttype"] = Text("application/json where given."),
                ["data"] = new OpenApiSchema { Type = JsonSchemaType.Object, Description = "The fields of the type.", AdditionalPropertiesAllowed = true },
                ["data_base64"] = Text("The data's JSON in Base64, in place of data."),
            },
        };
        JsonObject example = new()
        {
            ["specversion"] = "1.0",
            ["type"] = "knowledgepay.course.viewed",
            ["source"] = "/shop",
            ["id"] = "1",
            ["subject"] = "alice",
            ["data"] = new JsonObject { ["courseId"] = "rust-101", ["seconds"] = 40 },
        };
        return Body(new()
        {
            ["application/cloudevents+json"] = new() { Schema = one, Example = example },
            ["application/cloudevents-batch+json"] = new() { Schema = new OpenApiSchema { Type = JsonSchemaType.Array, Items = one }, Example = new JsonArray(example.DeepClone()) },
            ["application/x-ndjson"] = new() { Schema = Text("One CloudEvent as JSON on each line.") },
            ["application/json"] = new()
            {
                Schema = new OpenApiSchema { Type = JsonSchemaType.Object, Description = "Binary mode: the data alone; the attributes are headers (ce-id, ce-source, ce-type, ...).", AdditionalPropertiesAllowed = true },
            },
        });
    }

    private static OpenApiRequestBody Body(Dictionary<string, OpenApiMediaType> content)
    {
        var body = new OpenApiRequestBody { Required = true, Content = new Dictionary<string, OpenApiMediaType>() };
        foreach ((string type, OpenApiMediaType media) in content)
        {
            body.Content[type] = media;
        }

        return body;
    }

    private static OpenApiSchema Text(string description) => new() { Type = JsonSchemaType.String, Description = description };
}

using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Partners;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace KnowledgePay.Server.Documentation;

/// <summary>Says of the types with converters of their own what these write.</summary>
internal static class SchemaDocumentation
{
    public const string ReasonTitle = "Reason";

    public static OpenApiSchema Reason => new()
    {
        Title = ReasonTitle,
        Type = JsonSchemaType.Object,
        Description = "Why: a stable code, and a sentence in the language of Accept-Language.",
        Properties = new Dictionary<string, IOpenApiSchema> { ["code"] = Text(), ["text"] = Text() },
        Required = new HashSet<string> { "code", "text" },
    };

    public static Task Describe(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellation)
    {
        Type type = context.JsonTypeInfo.Type;
        if (context.JsonTypeInfo.Kind == JsonTypeInfoKind.Enumerable && context.JsonTypeInfo.ElementType == typeof(Reason))
        {
            schema.Items = Reason;
        }
        else if (type == typeof(ModelVersions))
        {
            schema.Type = JsonSchemaType.Object;
            schema.Description = "Version used, by kind of model, rule set or catalogue.";
            schema.AdditionalProperties = Text();
        }
        else if (type == typeof(Money))
        {
            schema.Description = "A currency (ISO 4217) and whole minor units.";
            schema.Required = new HashSet<string> { "currency", "minorUnits" };
            schema.Examples = [new JsonObject { ["currency"] = "CNY", ["minorUnits"] = 19900 }];
        }
        else if (type == typeof(PartnerProduct))
        {
            schema.Required = new HashSet<string> { "kind", "name", "terms", "eligibility" };
        }
        else if (type == typeof(RankingRule))
        {
            schema.Required = new HashSet<string> { "name", "effect", "courses" };
        }
        else if (type == typeof(DateTimeOffset) || type == typeof(DateTimeOffset?))
        {
            schema.Type = type == typeof(DateTimeOffset) ? JsonSchemaType.String : JsonSchemaType.String | JsonSchemaType.Null;
            schema.Format = "date-time";
        }
        else if ((type == typeof(double) || type == typeof(double?)) && schema.Type is null)
        {
            // One that is not finite is written as null.
            schema.Type = JsonSchemaType.Number | JsonSchemaType.Null;
            schema.Format = "double";
        }
        else if (context.JsonPropertyInfo?.CustomConverter is RawJsonConverter)
        {
            schema.Type = JsonSchemaType.Object;
            schema.AdditionalPropertiesAllowed = true;
        }

        if (schema.Enum is { Count: > 0 })
        {
            schema.Type ??= JsonSchemaType.String;
            if (schema.Type == JsonSchemaType.String)
            {
                // Of one that may be left out: null is no text.
                schema.Enum = [.. schema.Enum.Where(value => value?.GetValueKind() == JsonValueKind.String)];
            }
        }

        // A null is left out of an answer, so nothing that may be null is required.
        foreach (JsonPropertyInfo property in context.JsonTypeInfo.Properties.Where(p => p.IsGetNullable || Nullable.GetUnderlyingType(p.PropertyType) is not null))
        {
            schema.Required?.Remove(property.Name);
        }

        return Task.CompletedTask;
    }

    private static OpenApiSchema Text() => new() { Type = JsonSchemaType.String };
}

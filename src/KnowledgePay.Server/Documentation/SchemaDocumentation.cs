using System.Text.Json.Nodes;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Partners;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace KnowledgePay.Server.Documentation;

/// <summary>Says of the types with converters of their own what these write.</summary>
internal static class SchemaDocumentation
{
    public static Task Describe(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellation)
    {
        Type type = context.JsonTypeInfo.Type;
        if (type == typeof(Reason))
        {
            schema.Type = JsonSchemaType.Object;
            schema.Description = "Why: a stable code, and a sentence in the language of Accept-Language.";
            schema.Properties = new Dictionary<string, IOpenApiSchema> { ["code"] = Text(), ["text"] = Text() };
            schema.Required = new HashSet<string> { "code", "text" };
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
            schema.Examples = [new JsonObject { ["currency"] = "CNY", ["minorUnits"] = 19900 }];
        }
        else if (type == typeof(DateTimeOffset))
        {
            schema.Type = JsonSchemaType.String;
            schema.Format = "date-time";
        }
        else if (type == typeof(double) && schema.Type is null)
        {
            schema.Type = JsonSchemaType.Number | JsonSchemaType.Null;
            schema.Format = "double";
        }
        else if (context.JsonPropertyInfo?.CustomConverter is RawJsonConverter)
        {
            schema.Type = JsonSchemaType.Object;
            schema.AdditionalPropertiesAllowed = true;
        }

        return Task.CompletedTask;
    }

    private static OpenApiSchema Text() => new() { Type = JsonSchemaType.String };
}

namespace KnowledgePay.Server.Documentation;

/// <summary>The OpenAPI document.</summary>
public static class ApiDocument
{
    public static IServiceCollection AddApiDocument(this IServiceCollection services) => services.AddOpenApi("v1");
}

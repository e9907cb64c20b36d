using KnowledgePay.Server.Answers;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;

namespace KnowledgePay.Server.Documentation;

/// <summary>The OpenAPI document.</summary>
public static class ApiDocument
{
    /// <summary>Name of the security scheme: an access key, as bearer.</summary>
    public const string SecurityScheme = "accessKey";

    private static readonly (string Name, string Description)[] Tags =
    [
        ("Events", "What happened, as CloudEvents."),
        ("Catalogue", "Courses, and what editors say about lists of them."),
        ("Decisions", "What to recommend, quote, lend and offer, and the records of it."),
        ("Checkout", "Redeeming quotes."),
        ("People", "What is held about a person, and that person's consent."),
        ("Partners", "Partners, their products and dashboards."),
        ("Reviews", "Credit cases that wait for a person."),
        ("Learned models", "Training from the journal, cards, trials, promotion."),
        ("Audits", "Decisions compared between groups of people; models of risk compared with what came true."),
        ("Keys", "Access keys."),
        ("Operations", "Health and figures of the server."),
    ];

    public static IServiceCollection AddApiDocument(this IServiceCollection services)
    {
        // Schemas are made from the options of minimal APIs: these must say what the answers' own options say.
        services.AddSingleton<IConfigureOptions<Microsoft.AspNetCore.Http.Json.JsonOptions>>(provider =>
            new ConfigureOptions<Microsoft.AspNetCore.Http.Json.JsonOptions>(options => AnswerJson.Configure(
                options.SerializerOptions, provider.GetRequiredService<IReasonTexts>(), Contracts.SpokenLanguage.English)));
        return services.AddOpenApi("v1", options =>
        {
            options.AddDocumentTransformer(Introduce);
            options.AddDocumentTransformer(SharedComponents.Share);
            options.AddOperationTransformer(OperationDocumentation.Describe);
            options.AddSchemaTransformer(SchemaDocumentation.Describe);
        });
    }

    private static Task Introduce(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellation)
    {
        document.Info = new OpenApiInfo
        {
            Title = "KnowledgePay",
            Version = "v1",
            Description = "Recommendations, prices, credit and partner offers for platforms that sell knowledge. "
                + "Times are RFC 3339 in UTC; money is a currency and whole minor units; errors are problem documents (RFC 9457) with a stable type.",
            Contact = new OpenApiContact { Name = "KnowledgePay" },
        };
        document.Servers = [new OpenApiServer { Url = "/" }];
        document.Tags = new HashSet<OpenApiTag>(Tags.Select(t => new OpenApiTag { Name = t.Name, Description = t.Description }));
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        document.Components.SecuritySchemes[SecurityScheme] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = "Authorization: Bearer KEY. Roles: platform, partner (bound to one partner), operator, auditor.",
        };
        return Task.CompletedTask;
    }
}

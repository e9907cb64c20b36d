using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Client;

/// <summary>Puts the client into a host.</summary>
public static class ClientRegistration
{
    /// <summary>Registers <see cref="KnowledgePayClient"/> over <see cref="IHttpClientFactory"/>; a <see cref="TimeProvider"/> in the container is used.</summary>
    public static IHttpClientBuilder AddKnowledgePayClient(this IServiceCollection services, Action<KnowledgePayClientOptions> configure)
    {
        services.AddOptions<KnowledgePayClientOptions>()
            .Configure<IServiceProvider>(static (options, provider) => options.Time = provider.GetService<TimeProvider>() ?? TimeProvider.System)
            .Configure(configure);
        return services.AddHttpClient(nameof(KnowledgePayClient))
            .AddTypedClient(static (http, provider) => new KnowledgePayClient(http, provider.GetRequiredService<IOptions<KnowledgePayClientOptions>>().Value));
    }
}

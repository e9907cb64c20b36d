using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Server.Hosting;

/// <summary>The limits that an endpoint carries: body size and time.</summary>
public static class EndpointLimits
{
    /// <summary>Name of the timeout policy of endpoints that take many things at once.</summary>
    public const string BulkTimeout = "bulk";

    /// <summary>Lets an endpoint take large bodies, and longer.</summary>
    public static TBuilder Bulk<TBuilder>(this TBuilder builder, IServiceProvider services)
        where TBuilder : IEndpointConventionBuilder
    {
        int bytes = services.GetRequiredService<IOptions<HttpLimits>>().Value.BulkBodyBytes;
        return builder.WithMetadata(new BodyLimit(bytes), new RequestTimeoutAttribute(BulkTimeout));
    }

    private sealed record BodyLimit(long? MaxRequestBodySize) : IRequestSizeLimitMetadata;
}

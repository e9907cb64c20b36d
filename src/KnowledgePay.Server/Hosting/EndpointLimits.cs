using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Server.Hosting;

/// <summary>The limits that an endpoint carries: body size and time.</summary>
public static class EndpointLimits
{
    /// <summary>Name of the timeout policy of endpoints that take many things at once.</summary>
    public const string BulkTimeout = "bulk";

    private const long ReadBeyond = 32 << 20;

    /// <summary>Lets an endpoint take large bodies, and longer.</summary>
    public static TBuilder Bulk<TBuilder>(this TBuilder builder, IServiceProvider services)
        where TBuilder : IEndpointConventionBuilder
    {
        int bytes = services.GetRequiredService<IOptions<HttpLimits>>().Value.BulkBodyBytes;
        return builder.WithMetadata(new BodyLimit(bytes), new RequestTimeoutAttribute(BulkTimeout));
    }

    /// <summary>Lets an endpoint take bodies of so many bytes, and longer than others. A little more than that is read, so that who sends more can be told.</summary>
    public static TBuilder Takes<TBuilder>(this TBuilder builder, int bytes)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new BodyLimit(bytes + ReadBeyond), new RequestTimeoutAttribute(BulkTimeout));

    private sealed record BodyLimit(long? MaxRequestBodySize) : IRequestSizeLimitMetadata;
}

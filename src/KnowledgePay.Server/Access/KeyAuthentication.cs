using System.Runtime.CompilerServices;
using KnowledgePay.Grains.Access;

namespace KnowledgePay.Server.Access;

/// <summary>Knows callers by <c>Authorization: Bearer KEY</c>. In place of the framework's scheme handlers, which make a handler, a ticket and a principal for each request.</summary>
/// <remarks>
/// The server hands out the same string while a connection sends the same header. So what was found for that very object is remembered,
/// until a key is made, changed or revoked: a connection's key is hashed once, not once a request.
/// </remarks>
public sealed class KeyAuthentication(RequestDelegate next, IAccessKeys keys)
{
    private const string Prefix = "Bearer ";
    private const int LongestHeader = 512;

    private readonly ConditionalWeakTable<string, KnownHeader> _known = [];

    public Task Invoke(HttpContext context)
    {
        string? header = context.Request.Headers.Authorization;
        if (!string.IsNullOrEmpty(header) && Find(header) is { } key)
        {
            context.Features.Set(key);
        }

        return next(context);
    }

    private AccessKey? Find(string header)
    {
        long version = keys.Version;
        if (_known.TryGetValue(header, out KnownHeader? known) && known.Version == version)
        {
            return known.Key;
        }

        if (header.Length > LongestHeader || !header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
            || keys.Authenticate(header.AsSpan(Prefix.Length).Trim()) is not { RevokedAt: null } key)
        {
            return null;
        }

        _known.AddOrUpdate(header, new KnownHeader(version, key));
        return key;
    }

    private sealed record KnownHeader(long Version, AccessKey Key);
}

/// <summary>The caller's key.</summary>
public static class Caller
{
    /// <summary>The key that the request was authenticated by; null where there is none.</summary>
    public static AccessKey? Key(this HttpContext context) => context.Features.Get<AccessKey>();
}

using System.Runtime.CompilerServices;
using System.Security.Claims;
using System.Text.Encodings.Web;
using KnowledgePay.Grains.Access;
using KnowledgePay.Server.Problems;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Server.Access;

/// <summary>Knows callers by <c>Authorization: Bearer KEY</c>. What it knows of a key is kept with the key, so that a request makes no principal of its own.</summary>
public sealed class KeyAuthentication(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "Bearer";

    private const string Prefix = "Bearer ";
    private const int LongestHeader = 512;
    private static readonly ConditionalWeakTable<AccessKey, AuthenticateResult> Known = [];
    private static readonly Task<AuthenticateResult> NoResult = Task.FromResult(AuthenticateResult.NoResult());
    private static readonly Task<AuthenticateResult> Unknown = Task.FromResult(AuthenticateResult.Fail("The access key is not known."));

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        string? header = Request.Headers.Authorization;
        if (string.IsNullOrEmpty(header))
        {
            return NoResult;
        }

        if (header.Length > LongestHeader || !header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
        {
            return Unknown;
        }

        AccessKey? key = Context.RequestServices.GetRequiredService<IAccessKeys>().Authenticate(header.AsSpan(Prefix.Length).Trim());
        if (key is null || key.RevokedAt is not null)
        {
            return Unknown;
        }

        Context.Items[typeof(AccessKey)] = key;
        return Task.FromResult(Known.GetValue(key, Principal));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = Request.Headers.Authorization.Count > 0 ? "Bearer error=\"invalid_token\"" : "Bearer";
        return ProblemDocument.Write(Context, HttpProblems.OfStatus(StatusCodes.Status401Unauthorized));
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        ProblemDocument.Write(Context, HttpProblems.OfStatus(StatusCodes.Status403Forbidden));

    private static AuthenticateResult Principal(AccessKey key)
    {
        var identity = new ClaimsIdentity(SchemeName, ClaimTypes.Name, ClaimTypes.Role);
        identity.AddClaim(new Claim(ClaimTypes.Name, key.KeyId));
        identity.AddClaim(new Claim(ClaimTypes.Role, key.Role.ToString()));
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
    }
}

/// <summary>The caller's key.</summary>
public static class Caller
{
    /// <summary>The key that the request was authenticated by; null where none is needed.</summary>
    public static AccessKey? Key(this HttpContext context) => context.Items[typeof(AccessKey)] as AccessKey;
}

using KnowledgePay.Grains.Access;
using KnowledgePay.Server.Problems;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;

namespace KnowledgePay.Server.Access;

/// <summary>That a caller has one of some roles.</summary>
public sealed class RoleRequirement(params ReadOnlySpan<AccessRole> roles) : IAuthorizationRequirement
{
    private readonly int _roles = Bits(roles);

    public bool IsMet(AccessRole role) => (_roles & (1 << (int)role)) != 0;

    private static int Bits(ReadOnlySpan<AccessRole> roles)
    {
        int bits = 0;
        foreach (AccessRole role in roles)
        {
            bits |= 1 << (int)role;
        }

        return bits;
    }
}

/// <summary>That there is nothing to protect: routing found no endpoint, or answers 405 itself.</summary>
public sealed class NoEndpointRequirement : IAuthorizationRequirement;

/// <summary>Decides policies by the caller's key alone. A requirement that it does not know is not met.</summary>
public sealed class RolePolicies : IPolicyEvaluator, IAuthorizationMiddlewareResultHandler
{
    private static readonly Task<AuthenticateResult> Nobody = Task.FromResult(AuthenticateResult.NoResult());
    private static readonly Task<PolicyAuthorizationResult> Success = Task.FromResult(PolicyAuthorizationResult.Success());
    private static readonly Task<PolicyAuthorizationResult> Challenge = Task.FromResult(PolicyAuthorizationResult.Challenge());
    private static readonly Task<PolicyAuthorizationResult> Forbid = Task.FromResult(PolicyAuthorizationResult.Forbid());

    /// <remarks>The key is known by now, see <see cref="KeyAuthentication"/>.</remarks>
    public Task<AuthenticateResult> AuthenticateAsync(AuthorizationPolicy policy, HttpContext context) => Nobody;

    public Task<PolicyAuthorizationResult> AuthorizeAsync(AuthorizationPolicy policy, AuthenticateResult authenticationResult, HttpContext context, object? resource)
    {
        AccessKey? key = context.Key();
        foreach (IAuthorizationRequirement requirement in policy.Requirements)
        {
            bool isMet = requirement switch
            {
                RoleRequirement roles => key is not null && roles.IsMet(key.Role),
                NoEndpointRequirement => context.GetEndpoint() is not RouteEndpoint,
                _ => false,
            };
            if (!isMet)
            {
                return key is null ? Challenge : Forbid;
            }
        }

        return Success;
    }

    public Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (authorizeResult.Succeeded)
        {
            return next(context);
        }

        if (authorizeResult.Forbidden)
        {
            return ProblemDocument.Write(context, HttpProblems.OfStatus(StatusCodes.Status403Forbidden));
        }

        context.Response.Headers.WWWAuthenticate = context.Request.Headers.Authorization.Count > 0 ? "Bearer error=\"invalid_token\"" : "Bearer";
        return ProblemDocument.Write(context, HttpProblems.OfStatus(StatusCodes.Status401Unauthorized));
    }
}

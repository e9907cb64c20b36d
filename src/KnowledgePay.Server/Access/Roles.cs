using KnowledgePay.Contracts;
using KnowledgePay.Grains.Access;
using KnowledgePay.Server.Problems;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;

namespace KnowledgePay.Server.Access;

/// <summary>Who may call what. Operators may call everything; what names no policy is closed.</summary>
public static class Roles
{
    /// <summary>Checkout flows and course pages.</summary>
    public const string Platform = "platform";

    /// <summary>Reading what was decided about people.</summary>
    public const string PlatformOrAuditor = "platform-or-auditor";

    /// <summary>A partner's own things, and those who may see any partner's.</summary>
    public const string PartnerOrAuditor = "partner-or-auditor";

    /// <summary>A partner's own things, to change.</summary>
    public const string PartnerOnly = "partner";

    public const string OperatorOnly = "operator";

    public const string OperatorOrAuditor = "operator-or-auditor";

    /// <summary>Every key.</summary>
    public const string Any = "any";

    /// <summary>Figures of the server itself.</summary>
    public const string NotPartner = "not-partner";

    public static IServiceCollection AddAccess(this IServiceCollection services)
    {
        // Not AddAuthentication: there is one scheme here, and no cookies whose protection would write keys into the home directory.
        services.AddSingleton<RolePolicies>()
            .AddSingleton<IPolicyEvaluator>(s => s.GetRequiredService<RolePolicies>())
            .AddSingleton<IAuthorizationMiddlewareResultHandler>(s => s.GetRequiredService<RolePolicies>());
        services.AddAuthorizationBuilder()
            .AddPolicy(Platform, p => Require(p, AccessRole.Platform))
            .AddPolicy(PlatformOrAuditor, p => Require(p, AccessRole.Platform, AccessRole.Auditor))
            .AddPolicy(PartnerOrAuditor, p => Require(p, AccessRole.Partner, AccessRole.Auditor))
            .AddPolicy(PartnerOnly, p => Require(p, AccessRole.Partner))
            .AddPolicy(OperatorOnly, p => Require(p))
            .AddPolicy(OperatorOrAuditor, p => Require(p, AccessRole.Auditor))
            .AddPolicy(NotPartner, p => Require(p, AccessRole.Platform, AccessRole.Auditor))
            .AddPolicy(Any, p => Require(p, AccessRole.Platform, AccessRole.Partner, AccessRole.Auditor))
            // Where routing found nothing, or made up the answer 405 itself, there is nothing to protect: that answer is the pipeline's.
            .SetFallbackPolicy(new AuthorizationPolicyBuilder()
                .AddRequirements(new NoEndpointRequirement())
                .Build());
        return services;
    }

    /// <summary>Lets a partner's key see that partner alone; asked for another's, it learns nothing about it.</summary>
    /// <param name="parameter">The route parameter that holds the partner's id.</param>
    public static TBuilder OwnPartnerOnly<TBuilder>(this TBuilder builder, string parameter = "id")
        where TBuilder : IEndpointConventionBuilder =>
        builder.AddEndpointFilter(async (invocation, next) =>
        {
            HttpContext context = invocation.HttpContext;
            if (context.Key() is { Role: AccessRole.Partner } key && key.PartnerId != context.GetRouteValue(parameter) as string)
            {
                Problem problem = HttpProblems.NotAllowed("A partner's key reaches that partner's own resources only.");
                throw new RequestRefusedException(problem);
            }

            return await next(invocation);
        });

    private static void Require(AuthorizationPolicyBuilder policy, params AccessRole[] roles) =>
        policy.AddRequirements(new RoleRequirement([.. roles, AccessRole.Operator]));
}

using KnowledgePay.Server.Access;
using Orleans.Dashboard;

namespace KnowledgePay.Server.Hosting;

/// <summary>Orleans' own dashboard of silos, grains and calls, for operators.</summary>
/// <remarks>Off unless asked for: it counts and times every call between grains.</remarks>
public static class SiloDashboard
{
    /// <summary>Turns it on.</summary>
    public const string Setting = "KnowledgePay:Dashboard";

    public const string Path = "/orleans";

    public static bool HasSiloDashboard(this IConfiguration configuration) => configuration.GetValue(Setting, false);

    public static WebApplicationBuilder AddSiloDashboard(this WebApplicationBuilder builder)
    {
        if (builder.Configuration.HasSiloDashboard())
        {
            builder.UseOrleans(silo => silo.AddDashboard());
        }

        return builder;
    }

    public static void MapSiloDashboard(this WebApplication app)
    {
        if (app.Configuration.HasSiloDashboard())
        {
            app.MapOrleansDashboard(Path).RequireAuthorization(Roles.OperatorOnly).ExcludeFromDescription();
        }
    }
}

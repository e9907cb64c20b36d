using KnowledgePay.Decisions.Offers;
using KnowledgePay.Decisions.Pricing;
using KnowledgePay.Decisions.Recommending;
using KnowledgePay.Grains.Users;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Grains.Hosting;

/// <summary>What an operator decides about decisions, from the configuration; what is out of range stops the start, with all faults in one message.</summary>
internal static class DecisionSettingsHosting
{
    private const string Recommending = "KnowledgePay:Decisions:Recommending";
    private const string Pricing = "KnowledgePay:Decisions:Pricing";
    private const string Offers = "KnowledgePay:Decisions:Offers";

    public static IServiceCollection AddDecisionSettings(this IServiceCollection services)
    {
        services.AddOptions<RecommendationSettings>().BindConfiguration(Recommending).ValidateOnStart();
        services.AddOptions<PricingSettings>().BindConfiguration(Pricing).ValidateOnStart();
        services.AddOptions<OfferSettings>().BindConfiguration(Offers).ValidateOnStart();
        services.AddSingleton<IValidateOptions<OfferSettings>>(new Faultless<OfferSettings>(Offers, settings => settings.Faults()));
        services.AddSingleton<IValidateOptions<RecommendationSettings>>(new Faultless<RecommendationSettings>(Recommending, settings => settings.Faults()));
        services.AddSingleton<IValidateOptions<PricingSettings>>(new Faultless<PricingSettings>(Pricing, settings => settings.Faults()));
        services.AddSingleton(s => new DecisionSettings
        {
            Recommending = s.GetRequiredService<IOptions<RecommendationSettings>>().Value,
            Pricing = s.GetRequiredService<IOptions<PricingSettings>>().Value,
            Offers = s.GetRequiredService<IOptions<OfferSettings>>().Value,
        });
        return services;
    }

    private sealed class Faultless<T>(string section, Func<T, IEnumerable<string>> faults) : IValidateOptions<T>
        where T : class
    {
        public ValidateOptionsResult Validate(string? name, T options)
        {
            string[] found = [.. faults(options).Select(fault => $"{section}:{fault}")];
            return found.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(found);
        }
    }
}

using Microsoft.Extensions.Configuration;

namespace KnowledgePay.Grains.Hosting;

/// <summary>Puts the engine into a host: store, silo services, grains.</summary>
public static class EngineHosting
{
    /// <summary>Adds the silo and everything that <c>KnowledgePay.Grains</c> needs, from the section <c>KnowledgePay</c>.</summary>
    public static Microsoft.Extensions.Hosting.IHostApplicationBuilder AddKnowledgePayEngine(this Microsoft.Extensions.Hosting.IHostApplicationBuilder builder)
    {
        _ = builder.Configuration.GetSection("KnowledgePay");
        throw new NotImplementedException();
    }
}

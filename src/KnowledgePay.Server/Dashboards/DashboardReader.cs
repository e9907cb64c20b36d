using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using KnowledgePay.Contracts.Partners;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Grains.Catalogue;
using KnowledgePay.Server.Hosting;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Server.Dashboards;

/// <summary>Asks the grains of a partner's products for their figures.</summary>
public sealed class DashboardReader(ICatalogue catalogue, GrainReferences grains, IOptions<HttpLimits> limits)
{
    private const int Concurrency = 32;

    public async ValueTask<Dashboard> Read(string partnerId, DateOnly from, DateOnly to)
    {
        int minimumGroup = limits.Value.MinimumGroup;
        ProductEntry[] products =
        [
            .. catalogue.Current.Products.Where(p => p?.Product.PartnerId == partnerId).OrderBy(p => p!.Product.Id, StringComparer.Ordinal).Select(p => p!),
        ];
        var figures = new ProductFigures[products.Length];
        foreach (int[] chunk in Enumerable.Range(0, products.Length).Chunk(Concurrency))
        {
            await Task.WhenAll(chunk.Select(async i =>
            {
                PartnerProduct product = products[i].Product;
                figures[i] = await grains.Product(partnerId, product.Id).Figures(product.Name, product.Kind, from, to, minimumGroup);
            }));
        }

        return new Dashboard
        {
            PartnerId = partnerId,
            From = from,
            To = to,
            MinimumGroup = minimumGroup,
            Products = ImmutableArray.Create(figures),
        };
    }
}

/// <summary>Writes a dashboard with its nulls: there a null says "fewer than k people", which a missing field would not.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Dashboard))]
internal sealed partial class DashboardTypes : JsonSerializerContext;

/// <summary>A dashboard as JSON.</summary>
public static class DashboardJson
{
    private static readonly DashboardTypes Types = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public static byte[] Serialize(Dashboard dashboard) => JsonSerializer.SerializeToUtf8Bytes(dashboard, Types.Dashboard);
}

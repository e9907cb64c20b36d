using System.Text.Json;
using KnowledgePay.Decisions.Pricing;
using KnowledgePay.Learning.Files;

namespace KnowledgePay.Server.Models;

/// <summary>Demand priors as bytes: JSON with a version.</summary>
public static class DemandFormat
{
    private const int Version = 1;

    public static byte[] Write(LearnedDemand demand) => JsonSerializer.SerializeToUtf8Bytes(
        new Stored(Version, Store(demand.Overall), demand.ByCategory.OrderBy(one => one.Key, StringComparer.Ordinal).ToDictionary(one => one.Key, one => Store(one.Value), StringComparer.Ordinal)), JsonSerializerOptions.Web);

    /// <param name="name">What decisions call it.</param>
    /// <exception cref="InputException">The bytes are no priors that this program reads.</exception>
    public static LearnedDemand Read(byte[] bytes, string name)
    {
        try
        {
            Stored stored = JsonSerializer.Deserialize<Stored>(bytes, JsonSerializerOptions.Web)!;
            return stored.Version == Version
                ? new LearnedDemand(name, Load(stored.Overall), stored.Categories.ToDictionary(one => one.Key, one => Load(one.Value), StringComparer.Ordinal))
                : throw new InputException($"The stored demand model has format {stored.Version}; this program reads format {Version}.");
        }
        catch (Exception wrong) when (wrong is JsonException or ArgumentException or NullReferenceException)
        {
            throw new InputException("The stored bytes are no demand model that this program reads.");
        }
    }

    private static StoredPrior Store(DemandPrior prior) => new(prior.Intercept, prior.Slope, prior.InterceptPrecision, prior.SlopePrecision);

    private static DemandPrior Load(StoredPrior prior) => prior is { InterceptPrecision: > 0, SlopePrecision: > 0, Slope: >= DemandModel.SmallestSlope } && double.IsFinite(prior.Intercept)
        ? new DemandPrior(prior.Intercept, prior.Slope, prior.InterceptPrecision, prior.SlopePrecision)
        : throw new InputException("The stored demand model has a prior without a finite mean, a slope that falls with the price, or precisions above 0.");

    private sealed record Stored(int Version, StoredPrior Overall, Dictionary<string, StoredPrior> Categories);

    private sealed record StoredPrior(double Intercept, double Slope, double InterceptPrecision, double SlopePrecision);
}

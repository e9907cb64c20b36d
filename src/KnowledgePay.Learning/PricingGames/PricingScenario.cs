using System.Text.Json;
using System.Text.Json.Serialization;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Learning.Files;

namespace KnowledgePay.Learning.PricingGames;

/// <summary>A market for one course. Demand is what the policies do not know: logit P(buy) = intercept − slope·ln(price/reference).</summary>
public sealed record PricingScenario
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    public string Name { get; init; } = "elastic";

    /// <summary>ISO 4217.</summary>
    public string Currency { get; init; } = "CNY";

    /// <summary>Minor units.</summary>
    public long ListPrice { get; init; } = 19_900;

    /// <summary>Minor units.</summary>
    public long? FloorPrice { get; init; }

    /// <summary>What one more sale costs, in minor units.</summary>
    public long? MarginalCost { get; init; }

    public string Level { get; init; } = "intermediate";

    /// <summary>Log-odds of a purchase at the reference price.</summary>
    public double Intercept { get; init; } = -2;

    /// <summary>Fall of the log-odds for a price e times as high.</summary>
    public double Slope { get; init; } = 3;

    /// <summary>New demand from some day on, in order of days.</summary>
    public IReadOnlyList<DemandChange> Changes { get; init; } = [];

    public int VisitorsPerDay { get; init; } = 100;

    /// <summary>Share of visitors who, when they would buy, first wait for a lower price, 0 to 1.</summary>
    public double StrategicShare { get; init; }

    /// <summary>Days that they wait at most; then they buy at the price of that day if they still would.</summary>
    public int PatienceDays { get; init; } = 7;

    /// <summary>Discount on the price first seen that ends their wait, 0 to 1.</summary>
    public double AwaitedDiscount { get; init; } = 0.1;

    public IReadOnlyList<Competitor> Competitors { get; init; } = [];

    /// <summary>How far the cheapest competitor moves what visitors compare with: reference = list^(1 − pull)·cheapest^pull, 0 to 1.</summary>
    public double CompetitorPull { get; init; } = 0.6;

    /// <summary>The scenario of a JSON file.</summary>
    /// <exception cref="InputException">The file is no scenario, or a value is out of range.</exception>
    public static PricingScenario Read(string path)
    {
        using InputFile file = InputFile.Open(path);
        PricingScenario scenario;
        try
        {
            scenario = JsonSerializer.Deserialize<PricingScenario>(file.Content, Json) ?? throw new InputException($"{path}: expected a JSON object.");
        }
        catch (JsonException wrong)
        {
            throw new InputException(path, (wrong.LineNumber ?? 0) + 1, (wrong.BytePositionInLine ?? 0) + 1, $"expected a pricing scenario. {wrong.Message}");
        }

        foreach (string fault in scenario.Faults())
        {
            throw new InputException($"{path}: {fault}");
        }

        return scenario;
    }

    /// <summary>What is out of range, one sentence a fault; empty when all is well.</summary>
    public IEnumerable<string> Faults()
    {
        if (ListPrice is < 1 or > Money.LargestMinorUnits)
        {
            yield return $"listPrice is {ListPrice}; expected 1 to {Money.LargestMinorUnits}.";
        }

        if (FloorPrice < 0 || FloorPrice > ListPrice)
        {
            yield return $"floorPrice is {FloorPrice}; expected 0 to the list price.";
        }

        if (MarginalCost < 0 || MarginalCost > ListPrice)
        {
            yield return $"marginalCost is {MarginalCost}; expected 0 to the list price.";
        }

        if (Currency is not { Length: 3 } || !Currency.All(char.IsAsciiLetterUpper))
        {
            yield return $"currency is '{Currency}'; expected three capital letters.";
        }

        if (VisitorsPerDay is < 1 or > 1_000_000)
        {
            yield return $"visitorsPerDay is {VisitorsPerDay}; expected 1 to 1000000.";
        }

        if (PatienceDays is < 0 or > 366)
        {
            yield return $"patienceDays is {PatienceDays}; expected 0 to 366.";
        }

        foreach ((string name, double share) in new[] { ("strategicShare", StrategicShare), ("awaitedDiscount", AwaitedDiscount), ("competitorPull", CompetitorPull) })
        {
            if (!(share is >= 0 and <= 1))
            {
                yield return $"{name} is {share}; expected 0 to 1.";
            }
        }

        foreach ((double intercept, double slope) in Changes.Select(change => (change.Intercept, change.Slope)).Prepend((Intercept, Slope)))
        {
            if (!(intercept is >= -20 and <= 20) || !(slope is >= 0 and <= 50))
            {
                yield return $"intercept {intercept} and slope {slope}; expected −20 to 20 and 0 to 50.";
            }
        }

        if (Competitors.Count > 16 || Competitors.Any(c => c.Price < 1 || string.IsNullOrEmpty(c.Name) || !(c.Undercut is >= 0 and < 1) || c.LowestPrice < 0))
        {
            yield return "competitors: expected at most 16, each with a name, a price of 1 or more, an undercut of 0 to below 1 and a lowest price of 0 or more.";
        }
    }

    internal Money Price(long minorUnits) => new(Currency, minorUnits);

    internal Course Course() => new()
    {
        Id = "course",
        Title = "Course",
        Level = Level,
        Category = "simulated",
        ListPrice = Price(ListPrice),
        FloorPrice = FloorPrice is { } floor ? Price(floor) : null,
        MarginalCost = MarginalCost is { } cost ? Price(cost) : null,
    };
}

/// <param name="Day">From which day on, 0 for the first.</param>
public sealed record DemandChange(int Day, double Intercept, double Slope);

/// <summary>Somebody who sells the like.</summary>
public sealed record Competitor
{
    public required string Name { get; init; }

    /// <summary>Minor units.</summary>
    public required long Price { get; init; }

    /// <summary>From which day on it is there.</summary>
    public int FromDay { get; init; }

    /// <summary>Each day it asks so much less than our mean price of the day before, when that is less than its own; 0 for one that does not look.</summary>
    public double Undercut { get; init; }

    /// <summary>It asks no less, in minor units.</summary>
    public long LowestPrice { get; init; }
}

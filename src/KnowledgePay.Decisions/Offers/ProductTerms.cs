using System.Collections.Immutable;
using System.Text.Json;
using KnowledgePay.Contracts;
using KnowledgePay.Decisions.Rules;

namespace KnowledgePay.Decisions.Offers;

/// <summary>The fields of a product's open-ended <c>terms</c> that the engine reads; all optional, everything else in the object is the partner's own.</summary>
/// <remarks>
/// <code>
/// aprBasisPoints 1200 | apr 0.12      loan: its annual rate; else the score band's
/// minTermMonths maxTermMonths         loan: 1–60
/// minAmount maxAmount                 loan: Money
/// value | commission                  Money that one acceptance is worth to the platform
/// commissionBasisPoints               instead: of price, else of the course's list price
/// price | premium | monthlyPrice      Money that the customer pays
/// riskBased true                      insurance: for who consents the premium follows expected claims, price being the most that is asked
/// minPremium                          insurance: Money, the least that is asked then
/// coverMonths                         insurance: 1–60; 12 where absent
/// costPerShow costPerAcceptance       Money that the partner pays and its budget is drawn by
/// </code>
/// </remarks>
public sealed record ProductTerms
{
    public static readonly ProductTerms None = new();

    private const int MonthsOfYear = 12;
    private const int LargestTermMonths = 60;
    private const int LargestBasisPoints = 100_000;

    public int? AprBasisPoints { get; init; }
    public int? MinimumTermMonths { get; init; }
    public int? MaximumTermMonths { get; init; }
    public Money? MinimumAmount { get; init; }
    public Money? MaximumAmount { get; init; }
    public Money? Value { get; init; }
    public int? CommissionBasisPoints { get; init; }
    public Money? Price { get; init; }
    public bool IsRiskBased { get; init; }
    public Money? MinimumPremium { get; init; }
    public int CoverMonths { get; init; } = MonthsOfYear;
    public Money? CostPerShow { get; init; }
    public Money? CostPerAcceptance { get; init; }

    /// <summary>The terms; a field that is not as documented is taken as absent.</summary>
    public static ProductTerms Parse(string json)
    {
        ProductTerms terms = Read(json, null);
        bool comparable = terms.MinimumAmount?.Currency == terms.MaximumAmount?.Currency || terms.MinimumAmount is null || terms.MaximumAmount is null;
        return comparable ? terms : terms with { MinimumAmount = null };
    }

    /// <summary>What is wrong with the fields of a premium by expected claims. Terms are a partner's own, so that other fields that are not as documented are left to it and read as absent; a premium that is asked for and cannot be made is said.</summary>
    public static ImmutableArray<RuleError> CheckRiskBased(string json) => [.. Check(json).Where(error => error.Pointer is "/riskBased" or "/minPremium" or "/coverMonths")];

    /// <summary>What is wrong with fields that the engine would read.</summary>
    public static ImmutableArray<RuleError> Check(string json)
    {
        var errors = ImmutableArray.CreateBuilder<RuleError>();
        ProductTerms terms = Read(json, errors);
        if (terms.MinimumTermMonths > terms.MaximumTermMonths)
        {
            errors.Add(new RuleError("/minTermMonths", $"Expected at most maxTermMonths ({terms.MaximumTermMonths})."));
        }

        if (terms is { MinimumAmount: { } least, MaximumAmount: { } most } && (least.Currency != most.Currency || least > most))
        {
            errors.Add(new RuleError("/minAmount", $"Expected at most maxAmount ({most}) in the same currency."));
        }

        if (terms.IsRiskBased && terms.Price is null)
        {
            errors.Add(new RuleError("/riskBased", "Expected a price (or premium) beside it: the most that is asked of anybody."));
        }

        if (terms is { MinimumPremium: { } floor, Price: { } price } && (floor.Currency != price.Currency || floor > price))
        {
            errors.Add(new RuleError("/minPremium", $"Expected at most the price ({price}) in the same currency."));
        }

        return errors.ToImmutable();
    }

    private static ProductTerms Read(string json, ImmutableArray<RuleError>.Builder? errors)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return Read(document.RootElement, errors);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            // Said below, in the same words as for JSON that is not an object.
        }

        errors?.Add(new RuleError("", "Expected a JSON object."));
        return None;
    }

    private static ProductTerms Read(JsonElement terms, ImmutableArray<RuleError>.Builder? errors) => new()
    {
        AprBasisPoints = Whole(terms, "aprBasisPoints", 0, LargestBasisPoints, errors) ?? Rate(terms, "apr", errors),
        MinimumTermMonths = Whole(terms, "minTermMonths", 1, LargestTermMonths, errors),
        MaximumTermMonths = Whole(terms, "maxTermMonths", 1, LargestTermMonths, errors),
        MinimumAmount = Amount(terms, "minAmount", errors),
        MaximumAmount = Amount(terms, "maxAmount", errors),
        Value = Amount(terms, "value", errors) ?? Amount(terms, "commission", errors),
        CommissionBasisPoints = Whole(terms, "commissionBasisPoints", 0, 10_000, errors),
        Price = Amount(terms, "price", errors) ?? Amount(terms, "premium", errors) ?? Amount(terms, "monthlyPrice", errors),
        IsRiskBased = Flag(terms, "riskBased", errors),
        MinimumPremium = Amount(terms, "minPremium", errors),
        CoverMonths = Whole(terms, "coverMonths", 1, LargestTermMonths, errors) ?? MonthsOfYear,
        CostPerShow = Amount(terms, "costPerShow", errors),
        CostPerAcceptance = Amount(terms, "costPerAcceptance", errors),
    };

    private static int? Whole(JsonElement terms, string name, int least, int most, ImmutableArray<RuleError>.Builder? errors)
    {
        if (!terms.TryGetProperty(name, out JsonElement element) || element.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out int value) && value >= least && value <= most)
        {
            return value;
        }

        errors?.Add(new RuleError("/" + name, $"Expected a whole number from {least} to {most}."));
        return null;
    }

    private static bool Flag(JsonElement terms, string name, ImmutableArray<RuleError>.Builder? errors)
    {
        if (terms.TryGetProperty(name, out JsonElement element) && element.ValueKind is not (JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null))
        {
            errors?.Add(new RuleError("/" + name, "Expected true or false."));
        }

        return element.ValueKind == JsonValueKind.True;
    }

    private static int? Rate(JsonElement terms, string name, ImmutableArray<RuleError>.Builder? errors)
    {
        if (!terms.TryGetProperty(name, out JsonElement element) || element.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (element.ValueKind == JsonValueKind.Number && element.TryGetDecimal(out decimal value) && value is >= 0 and <= 10)
        {
            return (int)Math.Round(value * 10_000m, MidpointRounding.ToEven);
        }

        errors?.Add(new RuleError("/" + name, "Expected a fraction such as 0.12 for 12 %, from 0 to 10."));
        return null;
    }

    private static Money? Amount(JsonElement terms, string name, ImmutableArray<RuleError>.Builder? errors)
    {
        if (!terms.TryGetProperty(name, out JsonElement element) || element.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (element.ValueKind == JsonValueKind.Object
            && element.TryGetProperty("currency", out JsonElement currency) && currency.ValueKind == JsonValueKind.String
            && element.TryGetProperty("minorUnits", out JsonElement units) && units.ValueKind == JsonValueKind.Number && units.TryGetInt64(out long minorUnits)
            && new Money(currency.GetString()!, minorUnits) is { IsValidPrice: true } money)
        {
            return money;
        }

        errors?.Add(new RuleError("/" + name, "Expected an amount such as {\"currency\":\"CNY\",\"minorUnits\":19900}."));
        return null;
    }
}

using System.Collections.Frozen;
using KnowledgePay.Contracts;

namespace KnowledgePay.Decisions.Credit;

/// <summary>What a policy amount in CNY means in another currency, roughly: units of a currency that stand for one yuan.</summary>
/// <remarks>
/// Policy constants, not exchange rates: they place limits and bins at comparable amounts, move only with the policy's version, and never convert what anybody pays.
/// </remarks>
public sealed class CurrencyScale
{
    public static readonly CurrencyScale Default = new(new Dictionary<string, decimal>(StringComparer.Ordinal)
    {
        ["CNY"] = 1m,
        ["HKD"] = 1.1m,
        ["TWD"] = 4.5m,
        ["USD"] = 0.14m,
        ["EUR"] = 0.13m,
        ["GBP"] = 0.11m,
        ["JPY"] = 20m,
        ["KRW"] = 190m,
        ["SGD"] = 0.18m,
        ["INR"] = 12m,
        ["AUD"] = 0.21m,
        ["CAD"] = 0.19m,
        ["CHF"] = 0.12m,
        ["MYR"] = 0.6m,
        ["THB"] = 4.6m,
    });

    private readonly FrozenDictionary<string, decimal> _minorPerFen;

    /// <param name="unitsPerYuan">Major units of each currency that stand for one yuan; more than 0.</param>
    public CurrencyScale(IReadOnlyDictionary<string, decimal> unitsPerYuan)
    {
        if (unitsPerYuan.FirstOrDefault(u => u.Value <= 0) is { Key: not null } bad)
        {
            throw new ArgumentException($"The scale of {bad.Key} must be more than 0, not {bad.Value}.", nameof(unitsPerYuan));
        }

        _minorPerFen = unitsPerYuan.ToFrozenDictionary(u => u.Key, u => u.Value * PowerOfTen(Currencies.ExponentOf(u.Key)) / 100m, StringComparer.Ordinal);
        Known = string.Join(", ", _minorPerFen.Keys.Order(StringComparer.Ordinal));
    }

    /// <summary>The currencies, for messages.</summary>
    public string Known { get; }

    public bool Knows(string currency) => _minorPerFen.ContainsKey(currency);

    /// <summary>The amount on the policy's scale, in fen (hundredths of a yuan); a currency that is not known counts as yuan.</summary>
    public decimal ToFen(Money money) => _minorPerFen.TryGetValue(money.Currency, out decimal scale)
        ? money.MinorUnits / scale
        : money.MinorUnits * 100m / PowerOfTen(Currencies.ExponentOf(money.Currency));

    /// <summary>A policy amount in minor units of a currency, rounded down.</summary>
    public long FromFen(decimal fen, string currency) =>
        (long)Math.Clamp(Math.Floor(fen * _minorPerFen.GetValueOrDefault(currency, 1m)), 0m, Money.LargestMinorUnits);

    private static decimal PowerOfTen(int exponent) => exponent switch { 0 => 1m, 1 => 10m, 2 => 100m, 3 => 1000m, _ => 10_000m };
}

using System.Collections.Frozen;
using System.Globalization;

namespace KnowledgePay.Decisions.Credit;

/// <summary>What a declared income band says about the money that is left each month.</summary>
public static class IncomeBands
{
    /// <summary>Share of a monthly income that is taken to be left after living costs.</summary>
    public const decimal DisposableShare = 0.4m;

    private static readonly FrozenDictionary<string, decimal> MonthlyYuan = new Dictionary<string, decimal>(StringComparer.OrdinalIgnoreCase)
    {
        ["none"] = 0m,
        ["very-low"] = 2_000m,
        ["low"] = 3_500m,
        ["lower-middle"] = 6_000m,
        ["lowerMiddle"] = 6_000m,
        ["middle"] = 9_000m,
        ["medium"] = 9_000m,
        ["mid"] = 9_000m,
        ["upper-middle"] = 16_000m,
        ["upperMiddle"] = 16_000m,
        ["high"] = 28_000m,
        ["very-high"] = 50_000m,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>Disposable income a month in fen, or null for a band that says nothing.</summary>
    /// <remarks>Bands are the names of the table, or a range of monthly yuan such as <c>5000-10000</c>, <c>&lt;3000</c> or <c>20000+</c>, of which the lower end counts.</remarks>
    public static decimal? MonthlyDisposableFen(string? band)
    {
        if (string.IsNullOrWhiteSpace(band))
        {
            return null;
        }

        if (MonthlyYuan.TryGetValue(band.Trim(), out decimal yuan) || TryLowerEnd(band.AsSpan().Trim(), out yuan))
        {
            return yuan * 100m * DisposableShare;
        }

        return null;
    }

    private static bool TryLowerEnd(ReadOnlySpan<char> band, out decimal yuan)
    {
        yuan = 0;
        if (band[0] == '<')
        {
            // Nothing is known of the lower end; half of the upper one is the middle of the band.
            bool upper = TryYuan(band[1..], out yuan);
            yuan /= 2;
            return upper;
        }

        int dash = band.IndexOfAny('-', '–', '~');
        return dash > 0 ? TryYuan(band[..dash], out yuan) && TryYuan(band[(dash + 1)..], out decimal end) && end >= yuan
            : band[^1] == '+' ? TryYuan(band[..^1], out yuan)
            : band[0] == '>' && TryYuan(band[1..], out yuan);
    }

    private static bool TryYuan(ReadOnlySpan<char> text, out decimal yuan) =>
        decimal.TryParse(text.Trim().TrimStart('='), NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out yuan) && yuan is >= 0 and <= 10_000_000m;
}

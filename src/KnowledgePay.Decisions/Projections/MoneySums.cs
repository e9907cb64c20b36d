using KnowledgePay.Contracts;

namespace KnowledgePay.Decisions.Projections;

/// <summary>Sums of money by currency, sorted by code. A sum stops at the ends of a 64-bit integer instead of failing.</summary>
internal static class MoneySums
{
    /// <summary>More currencies than there are.</summary>
    public const int EveryCurrency = 256;

    /// <summary>Adds an amount (negative to take away) to the sum of its currency.</summary>
    /// <returns>The sums; a new array when a currency is new, so that a reader of the old one is not disturbed.</returns>
    public static Money[]? Add(Money[]? sums, Money amount, int capacity = EveryCurrency)
    {
        if (amount.Currency is null)
        {
            return sums;
        }

        sums ??= [];
        int at = 0;
        while (at < sums.Length && string.CompareOrdinal(sums[at].Currency, amount.Currency) < 0)
        {
            at++;
        }

        if (at < sums.Length && sums[at].Currency == amount.Currency)
        {
            sums[at] = sums[at] with { MinorUnits = Saturating(sums[at].MinorUnits, amount.MinorUnits) };
            return sums;
        }

        return sums.Length >= capacity ? sums : [.. sums.AsSpan(0, at), amount, .. sums.AsSpan(at)];
    }

    public static Money[]? Merge(Money[]? into, Money[]? other)
    {
        foreach (Money amount in other ?? [])
        {
            into = Add(into, amount);
        }

        return into;
    }

    private static long Saturating(long a, long b)
    {
        long sum = unchecked(a + b);
        return ((a ^ sum) & (b ^ sum)) < 0 ? (a < 0 ? long.MinValue : long.MaxValue) : sum;
    }
}

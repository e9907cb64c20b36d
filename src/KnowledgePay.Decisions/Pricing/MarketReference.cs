using KnowledgePay.Contracts;
using KnowledgePay.Decisions.Projections;

namespace KnowledgePay.Decisions.Pricing;

/// <summary>The price that people compare a course with: its list price, pulled towards the median of what others ask.</summary>
/// <param name="Observed">Recent prices in the list price's currency.</param>
/// <param name="MedianMinorUnits">Their median; 0 when there are none.</param>
/// <param name="LogRatio">Natural logarithm of reference over list, −0.7 to 0.7; 0 without observations.</param>
public readonly record struct MarketReference(int Observed, long MedianMinorUnits, double LogRatio)
{
    /// <summary>A market price beyond half or double the list price says no more than one that is half or double.</summary>
    public const double LargestLogRatio = 0.7;

    /// <summary>Observations by which list price and market weigh the same.</summary>
    public const double EvenAt = 2;

    private const int LargestRead = 64;

    /// <summary>Clocks of those who observe may be ahead by so much.</summary>
    private static readonly long AheadTicks = TimeSpan.FromMinutes(5).Ticks;

    /// <summary>
    /// Reads prices that are at most <paramref name="window"/> old and of the list price's currency. The reference is the weighted geometric
    /// mean of list and median, the median weighing n/(n + 2): one shop elsewhere moves it by a third of the way, eight by four fifths.
    /// </summary>
    public static MarketReference Of(Money list, MarketPrice[]? market, DateTimeOffset now, TimeSpan window)
    {
        if (market is null || list.MinorUnits <= 0)
        {
            return default;
        }

        Span<long> prices = stackalloc long[LargestRead];
        int count = 0;
        long newest = now.UtcTicks + AheadTicks;
        long oldest = now.UtcTicks - window.Ticks;
        foreach (MarketPrice price in market)
        {
            if (count < LargestRead && price.Price.MinorUnits > 0 && price.Ticks >= oldest && price.Ticks <= newest
                && price.Price.Currency == list.Currency)
            {
                prices[count++] = price.Price.MinorUnits;
            }
        }

        if (count == 0)
        {
            return default;
        }

        prices = prices[..count];
        prices.Sort();
        long median = (count & 1) == 1
            ? prices[count / 2]
            : prices[(count / 2) - 1] + ((prices[count / 2] - prices[(count / 2) - 1]) / 2);
        double ratio = Math.Clamp(Math.Log((double)median / list.MinorUnits), -LargestLogRatio, LargestLogRatio);
        return new MarketReference(count, median, ratio * count / (count + EvenAt));
    }
}

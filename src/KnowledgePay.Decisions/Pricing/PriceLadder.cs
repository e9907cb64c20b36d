using System.Runtime.CompilerServices;
using KnowledgePay.Contracts;
using KnowledgePay.Decisions.Projections;

namespace KnowledgePay.Decisions.Pricing;

/// <summary>The prices that a course may be quoted at: rung r is a discount of 5·r % of list. Integer arithmetic only.</summary>
/// <remarks>
/// A rung is rounded down to a price that people read easily (ten fen or cents) where that takes at most 1 % off.
/// Rung 0 is the list price itself and always allowed; another rung is allowed when it reaches <see cref="LowestMinorUnits"/> and is
/// cheaper than the allowed rungs before it, so that allowed prices fall strictly.
/// </remarks>
public readonly struct PriceLadder
{
    /// <summary>Rungs of the ladder; the last is a discount of 90 %.</summary>
    public const int Rungs = CourseAggregate.Rungs;

    private const int StepsInList = 20;
    private readonly RungPrices _prices;
    private readonly uint _allowed;

    private PriceLadder(Money list, long lowest, long floor, long costAndMargin, long discountBound, in RungPrices prices, uint allowed, int deepest)
    {
        List = list;
        LowestMinorUnits = lowest;
        FloorMinorUnits = floor;
        CostAndMarginMinorUnits = costAndMargin;
        DiscountBoundMinorUnits = discountBound;
        _prices = prices;
        _allowed = allowed;
        Deepest = deepest;
    }

    public Money List { get; }

    /// <summary>No discounted price is below it: the highest of floor, cost and margin, and largest discount.</summary>
    public long LowestMinorUnits { get; }

    public long FloorMinorUnits { get; }

    public long CostAndMarginMinorUnits { get; }

    public long DiscountBoundMinorUnits { get; }

    /// <summary>The allowed rung with the lowest price.</summary>
    public int Deepest { get; }

    public bool HasChoice => Deepest > 0;

    public bool IsAllowed(int rung) => (uint)rung < Rungs && ((_allowed >> rung) & 1) != 0;

    /// <summary>Price of an allowed rung in minor units.</summary>
    public long PriceAt(int rung) => IsAllowed(rung)
        ? _prices[rung]
        : throw new ArgumentOutOfRangeException(nameof(rung), rung, "The rung is not allowed.");

    /// <param name="list">List price, 0 to <see cref="Money.LargestMinorUnits"/>.</param>
    /// <param name="floor">No price goes below it; absent for none.</param>
    /// <param name="marginalCost">What one more sale costs; absent for nothing.</param>
    /// <remarks>A floor or cost in another currency than the list price cannot be compared with it: only the list price is then allowed.</remarks>
    public static PriceLadder Of(Money list, Money? floor, Money? marginalCost, PricingSettings settings)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(list.MinorUnits);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(list.MinorUnits, Money.LargestMinorUnits);
        bool comparable = (floor is not { } f || f.Currency == list.Currency) && (marginalCost is not { } c || c.Currency == list.Currency);
        long floorUnits = floor?.MinorUnits ?? 0;
        long costUnits = marginalCost?.MinorUnits ?? 0;
        long margin = CeilingShare(costUnits, settings.MinimumMarginBasisPoints);
        long discountBound = CeilingShare(list.MinorUnits, 10_000 - settings.LargestDiscountBasisPoints);
        long lowest = comparable ? Math.Max(Math.Max(floorUnits, costUnits + margin), discountBound) : list.MinorUnits;

        RungPrices prices = default;
        prices[0] = list.MinorUnits;
        uint allowed = 1;
        int deepest = 0;
        long step = StepOf(list.Currency);
        for (int rung = 1; rung < Rungs; rung++)
        {
            long scaled = list.MinorUnits * (StepsInList - rung);
            long down = scaled / StepsInList;
            long up = (scaled + StepsInList - 1) / StepsInList;
            if (up < lowest)
            {
                break;
            }

            long rounded = down >= 100 * step ? down - (down % step) : down;
            long price = Math.Max(rounded, lowest);
            if (price < prices[deepest])
            {
                prices[rung] = price;
                allowed |= 1u << rung;
                deepest = rung;
            }
        }

        return new PriceLadder(list, lowest, floorUnits, costUnits + margin, discountBound, prices, allowed, deepest);
    }

    /// <summary>The rung nearest to a price's discount, for a price that was quoted against another list price.</summary>
    public static int NearestRung(long price, long list)
    {
        if (list <= 0 || price >= list)
        {
            return 0;
        }

        return (int)Math.Min(Rungs - 1, (((list - Math.Max(price, 0)) * StepsInList * 2) + list) / (2 * list));
    }

    private static long StepOf(string currency)
    {
        long step = 1;
        for (int digit = Currencies.ExponentOf(currency); digit > 1; digit--)
        {
            step *= 10;
        }

        return Currencies.ExponentOf(currency) >= 2 ? step : 1;
    }

    /// <summary>Smallest whole number that is at least the share; exact, since amounts are at most 10^12 and shares at most 10^5.</summary>
    private static long CeilingShare(long amount, int basisPoints) => checked((amount * basisPoints) + 9_999) / 10_000;

    [InlineArray(Rungs)]
    private struct RungPrices
    {
        private long _first;
    }
}

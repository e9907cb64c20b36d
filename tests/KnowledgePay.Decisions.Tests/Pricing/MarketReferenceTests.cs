using CsCheck;
using KnowledgePay.Contracts;
using KnowledgePay.Decisions.Pricing;
using KnowledgePay.Decisions.Projections;

namespace KnowledgePay.Decisions.Tests.Pricing;

public sealed class MarketReferenceTests
{
    private static readonly TimeSpan Window = TimeSpan.FromDays(30);

    [Fact]
    public void The_median_ignores_one_absurd_price()
    {
        MarketReference market = Of(("a", "CNY", 15_000, 1), ("b", "CNY", 16_000, 2), ("c", "CNY", 1, 3));

        Assert.Equal((3, 15_000L), (market.Observed, market.MedianMinorUnits));
        Assert.Equal(Math.Log(0.75) * 3 / 5, market.LogRatio, 1e-12);
    }

    [Fact]
    public void Other_currencies_old_and_future_prices_do_not_count() =>
        Assert.Equal(default, Of(("a", "USD", 100, 1), ("b", "CNY", 100, 31), ("c", "CNY", 100, -1), ("d", "CNY", 0, 1)));

    [Fact]
    public void The_reference_stays_within_its_bounds_and_between_list_and_market() =>
        Gen.Select(Gen.Long[1, Money.LargestMinorUnits], Gen.Long[1, Money.LargestMinorUnits].Array[0, 16]).Sample((list, prices) =>
        {
            MarketReference market = MarketReference.Of(
                PricingWorld.Cny(list), [.. prices.Select(p => new MarketPrice("x", PricingWorld.Cny(p), PricingWorld.Noon.UtcTicks))], PricingWorld.Noon, Window);
            Assert.InRange(market.LogRatio, -MarketReference.LargestLogRatio, MarketReference.LargestLogRatio);
            Assert.Equal(prices.Length == 0 ? 0 : Math.Sign(market.MedianMinorUnits - list), Math.Sign(market.LogRatio));
        });

    private static MarketReference Of(params (string Competitor, string Currency, long Price, int DaysAgo)[] prices) => MarketReference.Of(
        PricingWorld.Cny(20_000),
        [.. prices.Select(p => new MarketPrice(p.Competitor, new Money(p.Currency, p.Price), PricingWorld.Noon.AddDays(-p.DaysAgo).UtcTicks))],
        PricingWorld.Noon,
        Window);
}

using CsCheck;
using KnowledgePay.Contracts;
using KnowledgePay.Decisions.Pricing;

namespace KnowledgePay.Decisions.Tests.Pricing;

public sealed class PriceLadderTests
{
    private static readonly Gen<Money> Lists = Gen.Select(
        PricingWorld.AnyOf("CNY", "USD", "JPY", "KWD"),
        Gen.OneOf(Gen.Long[0, 300], Gen.Long[0, 1_000_000], Gen.Long[0, Money.LargestMinorUnits]),
        (currency, units) => new Money(currency, units));

    [Fact]
    public void Rungs_are_five_percent_apart_in_readable_prices()
    {
        PriceLadder ladder = PriceLadder.Of(PricingWorld.Cny(19_900), null, null, PricingSettings.Default);

        Assert.Equal(19_900, ladder.PriceAt(0));
        Assert.Equal(18_900, ladder.PriceAt(1)); // 189.05 down to 189.00
        Assert.Equal(11_940, ladder.PriceAt(8));
        Assert.Equal(8, ladder.Deepest);
        Assert.False(ladder.IsAllowed(9));
    }

    [Fact]
    public void The_largest_discount_is_reached_where_list_does_not_divide()
    {
        PriceLadder ladder = PriceLadder.Of(PricingWorld.Cny(9_999), null, null, PricingSettings.Default);

        Assert.Equal(8, ladder.Deepest);
        Assert.Equal(6_000, ladder.PriceAt(8)); // 60 % is 5,999.4
    }

    [Fact]
    public void A_currency_without_minor_units_is_not_rounded() =>
        Assert.Equal(1_888, PriceLadder.Of(new Money("JPY", 1_988), null, null, PricingSettings.Default).PriceAt(1));

    [Theory]
    [InlineData(15_000, 0, 5, 15_000)]
    [InlineData(0, 10_000, 8, 11_940)]
    [InlineData(0, 15_000, 3, 16_910)]
    [InlineData(19_900, 0, 0, 19_900)]
    [InlineData(30_000, 0, 0, 19_900)]
    [InlineData(0, 40_000, 0, 19_900)]
    public void Floor_cost_and_margin_bound_the_ladder(long floor, long cost, int deepest, long lowest)
    {
        var ladder = PriceLadder.Of(PricingWorld.Cny(19_900), PricingWorld.Cny(floor), PricingWorld.Cny(cost), PricingSettings.Default);

        Assert.Equal(floor == 15_000 ? 4 : deepest, ladder.Deepest);
        Assert.Equal(floor == 15_000 ? 15_920 : lowest, ladder.PriceAt(ladder.Deepest));
    }

    [Fact]
    public void A_floor_in_another_currency_leaves_only_the_list_price() =>
        Assert.False(PriceLadder.Of(PricingWorld.Cny(19_900), new Money("USD", 1), null, PricingSettings.Default).HasChoice);

    [Fact]
    public void Allowed_prices_fall_strictly_from_list_and_keep_every_bound()
    {
        Gen.Select(Lists, Gen.Int[0, 120], Gen.Int[0, 120], Gen.Int[0, 9_000], Gen.Int[0, 20_000]).Sample(
            (list, floorPercent, costPercent, discount, margin) =>
            {
                var settings = new PricingSettings { LargestDiscountBasisPoints = discount, MinimumMarginBasisPoints = margin };
                var floor = new Money(list.Currency, list.MinorUnits * floorPercent / 100);
                var cost = new Money(list.Currency, list.MinorUnits * costPercent / 100);
                PriceLadder ladder = PriceLadder.Of(list, floor, cost, settings);

                Assert.True(ladder.IsAllowed(0));
                Assert.Equal(list.MinorUnits, ladder.PriceAt(0));
                long previous = list.MinorUnits;
                for (int rung = 1; rung < PriceLadder.Rungs; rung++)
                {
                    if (!ladder.IsAllowed(rung))
                    {
                        continue;
                    }

                    long price = ladder.PriceAt(rung);
                    Assert.True(price < previous);
                    Assert.True(price >= floor.MinorUnits);
                    Assert.True((decimal)price >= cost.MinorUnits * (1 + (margin / 10_000m)));
                    Assert.True((decimal)price >= list.MinorUnits * (1 - (discount / 10_000m)));
                    decimal nominal = list.MinorUnits * (1 - (0.05m * rung));
                    Assert.InRange(price, Math.Floor(nominal * 0.99m), Math.Ceiling(nominal));
                    previous = price;
                }
            },
            iter: 5_000);
    }

    [Fact]
    public void The_nearest_rung_of_a_rungs_price_is_that_rung() =>
        Gen.Select(Gen.Long[2_000, Money.LargestMinorUnits], Gen.Int[0, 18]).Sample((units, rung) =>
        {
            var ladder = PriceLadder.Of(PricingWorld.Cny(units), null, null, new PricingSettings { LargestDiscountBasisPoints = 9_000 });
            Assert.Equal(rung, PriceLadder.NearestRung(ladder.PriceAt(rung), units));
        });
}

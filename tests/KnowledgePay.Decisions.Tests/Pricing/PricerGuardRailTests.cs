using CsCheck;
using KnowledgePay.Contracts;
using KnowledgePay.Decisions.Pricing;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Projections;

namespace KnowledgePay.Decisions.Tests.Pricing;

/// <summary>What holds for every price, over random people, courses, crowds and times.</summary>
public sealed class PricerGuardRailTests
{
    /// <summary>Worlds in which the person does not own the course.</summary>
    internal static readonly Gen<PricingWorld> Worlds = Gen.Int.Select(seed => Make(new Random(seed)));

    [Fact]
    public void A_price_is_never_above_list_nor_below_what_the_seller_allows() =>
        Worlds.Sample(
            world =>
            {
                PriceDecision decision = world.Decide();
                Assert.True(decision.Price.MinorUnits >= 0);
                Assert.True(decision.Price <= decision.ListPrice);
                Assert.InRange(decision.Rung, 0, PriceLadder.Rungs - 1);
                if (decision.Price == decision.ListPrice)
                {
                    return;
                }

                if (world.Course.FloorPrice is { } floor)
                {
                    Assert.True(decision.Price >= floor);
                }

                if (!decision.IsKept)
                {
                    Assert.True((decimal)decision.Price.MinorUnits >= decision.ListPrice.MinorUnits * (1 - (world.Settings.LargestDiscountBasisPoints / 10_000m)));
                    Assert.True((decimal)decision.Price.MinorUnits >= (world.Course.MarginalCost?.MinorUnits ?? 0) * (1 + (world.Settings.MinimumMarginBasisPoints / 10_000m)));
                }
            },
            iter: 5_000);

    [Fact]
    public void Without_consent_everybody_pays_list() =>
        Gen.Select(Worlds, Gen.Bool).Sample(
            (world, personalisation) =>
            {
                world.Profile.Consent = PricingWorld.Consents(personalPricing: !personalisation, personalisation);
                world.Profile.Quotes = null;
                PriceDecision decision = world.Decide();
                Assert.Equal(world.Course.ListPrice, decision.Price);
                Assert.False(decision.Personalised);
                Assert.Contains(decision.Reasons, r => r.Code == PriceReasons.NoConsent);
                Assert.Contains(decision.Reasons, r => r.Code == PriceReasons.Standard);
            },
            iter: 2_000);

    [Fact]
    public void The_same_world_gives_the_same_price() =>
        Gen.Int.Sample(
            seed => Assert.Equal(Make(new Random(seed)).Decide().Price, Make(new Random(seed)).Decide().Price),
            iter: 2_000);

    [Fact]
    public void A_person_a_course_and_a_day_have_one_price_whatever_the_crowd_does() =>
        Gen.Select(Worlds, Gen.Int[0, 18], Gen.Int[0, 10_000], Gen.Int[0, 23]).Sample(
            (world, rung, shown, hour) =>
            {
                world.Profile.Quotes = null;
                PriceDecision first = world.Decide();
                Assert.NotNull(first.Quoted);
                world.Remember(first);
                world.Count(rung, shown, shown / 3);
                world.Profile.PriceResponse = new PriceResponse(50, 2, 3, 1, 1, 0);
                world.Now = new DateTimeOffset(world.Now.UtcDateTime.Date, TimeSpan.Zero).AddHours(hour);
                PriceDecision second = world.Decide();
                Assert.Equal((first.Price, first.Rung), (second.Price, second.Rung));
                Assert.Null(second.Quoted);
                Assert.Contains(second.Reasons, r => r.Code == PriceReasons.SameDay);
            },
            iter: 3_000);

    [Fact]
    public void Within_a_day_a_price_rises_only_to_a_new_floor_or_with_consent_withdrawn() =>
        Gen.Select(Worlds, Worlds).Sample(
            (world, later) =>
            {
                world.Profile.Quotes = null;
                PriceDecision first = world.Decide();
                world.Remember(first);
                later.Profile = world.Profile;
                later.Now = world.Now;
                later.Course = later.Course with { ListPrice = later.Course.ListPrice with { Currency = first.Price.Currency }, FloorPrice = null, MarginalCost = null };
                PriceDecision second = later.Decide();
                Assert.True(second.Price <= second.ListPrice);
                Assert.True(second.Price <= first.Price, $"{first.Price} then {second.Price} of {second.ListPrice}");
            },
            iter: 3_000);

    private static PricingWorld Make(Random random)
    {
        string currency = random.Next(4) == 0 ? "JPY" : "CNY";
        long list = random.Next(5) == 0 ? random.Next(0, 40) : random.NextInt64(0, random.Next(3) == 0 ? Money.LargestMinorUnits : 100_000);
        var world = new PricingWorld
        {
            Now = PricingWorld.Noon.AddMinutes(random.Next(-1_000_000, 1_000_000)),
            Settings = new PricingSettings { LargestDiscountBasisPoints = random.Next(0, 9_001), MinimumMarginBasisPoints = random.Next(0, 10_000), ExperimentScale = random.NextDouble() },
        };
        world.Course = world.Course with
        {
            ListPrice = new Money(currency, list),
            FloorPrice = random.Next(2) == 0 ? null : new Money(currency, random.NextInt64(0, list + 1)),
            MarginalCost = random.Next(2) == 0 ? null : new Money(currency, random.NextInt64(0, list + (list / 5) + 1)),
            Level = new[] { null, "beginner", "advanced", "odd" }[random.Next(4)],
            Tags = random.Next(2) == 0 ? [] : ["strategy"],
        };
        world.Profile = new UserProfile
        {
            Consent = PricingWorld.Consents(random.Next(5) > 0, random.Next(10) > 0),
            PriceResponse = new PriceResponse(random.NextSingle() * 30, random.NextSingle() * 10, random.NextSingle() * 9, random.NextSingle() * 4, random.NextSingle() * 3, 0),
            Interests = random.Next(2) == 0 ? null : [random.Next(2) == 0 ? "games" : "cooking"],
            RiskScore = random.NextSingle(),
            RiskTicks = random.Next(2),
        };
        for (int rung = random.Next(0, 19); rung < PriceLadder.Rungs; rung += random.Next(1, 6))
        {
            int shown = random.Next(random.Next(2) == 0 ? 30 : 100_000);
            world.Count(rung, shown, random.Next(shown + 1));
        }

        if (random.Next(2) == 0)
        {
            world.Crowd.Market = [.. Enumerable.Range(0, random.Next(1, 6)).Select(i => new MarketPrice(
                $"c{i}", new Money(random.Next(5) == 0 ? "USD" : currency, random.NextInt64(0, (list * 2) + 2)), world.Now.AddDays(-random.Next(40)).UtcTicks))];
        }

        if (random.Next(4) == 0)
        {
            int day = DateOnly.FromDateTime(world.Now.UtcDateTime).DayNumber - random.Next(2);
            world.Profile.Quotes = [new QuoteMemory(PricingWorld.CourseOrdinal, day, (short)random.Next(19), new Money(currency, random.NextInt64(list + 1)), new Money(currency, list), false, true)];
        }

        return world;
    }
}

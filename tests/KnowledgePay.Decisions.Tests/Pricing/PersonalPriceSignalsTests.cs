using System.Reflection;
using CsCheck;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.People;
using KnowledgePay.Decisions.Pricing;
using KnowledgePay.Decisions.Profiles;

namespace KnowledgePay.Decisions.Tests.Pricing;

public sealed class PersonalPriceSignalsTests
{
    /// <summary>What a price may read of a profile: four signals, the consent, what is owned and what was quoted.</summary>
    private static readonly string[] Allowed =
    [
        nameof(UserProfile.PriceResponse), nameof(UserProfile.Interests), nameof(UserProfile.RiskScore), nameof(UserProfile.RiskTicks),
        nameof(UserProfile.Consent), nameof(UserProfile.Shelf), nameof(UserProfile.Quotes),
    ];

    private static readonly PropertyInfo[] Forbidden =
        [.. typeof(UserProfile).GetProperties().Where(p => p.CanWrite && !Allowed.Contains(p.Name))];

    [Fact]
    public void No_other_field_of_a_profile_ever_changes_a_price()
    {
        Assert.Contains(Forbidden, p => p.Name == nameof(UserProfile.Purchases));
        Gen.Select(Gen.Int, PricerGuardRailTests.Worlds).Sample(
            (seed, world) =>
            {
                PriceDecision before = world.Decide();
                var random = new Random(seed);
                foreach (PropertyInfo field in Forbidden)
                {
                    field.SetValue(world.Profile, Anything(field, random));
                }

                PriceDecision after = world.Decide();
                Assert.Equal((before.Price, before.Rung, before.Personalised), (after.Price, after.Rung, after.Personalised));
                Assert.Equal(before.Reasons.Select(r => r.Code), after.Reasons.Select(r => r.Code));
            },
            iter: 2_000);
    }

    [Fact]
    public void No_signal_ever_makes_a_price_higher_than_for_somebody_unknown() =>
        PricerGuardRailTests.Worlds.Sample(
            world =>
            {
                world.Profile.Quotes = null;
                PriceDecision known = world.Decide();
                world.Profile = new UserProfile { Consent = world.Profile.Consent };
                Assert.True(known.Price <= world.Decide().Price);
            },
            iter: 3_000);

    [Fact]
    public void Stronger_signals_never_raise_the_price() =>
        Gen.Select(PricerGuardRailTests.Worlds, Gen.Float[0, 5], Gen.Float[0, 20]).Sample(
            (world, boughtDiscount, letGo) =>
            {
                world.Profile.Quotes = null;
                PriceDecision before = world.Decide();
                PriceResponse response = world.Profile.PriceResponse;
                float mean = response.Seen > 0 ? response.DiscountSeenSum / response.Seen : 0;
                world.Profile.PriceResponse = response with
                {
                    Seen = response.Seen + letGo,
                    DiscountSeenSum = response.DiscountSeenSum + (letGo * mean),
                    DiscountBoughtSum = response.DiscountBoughtSum + boughtDiscount,
                };
                Assert.True(world.Decide().Price <= before.Price);
            },
            iter: 3_000);

    [Fact]
    public void Signals_stay_in_range_whatever_the_profile_holds()
    {
        Gen<float> anything = Gen.OneOf(Gen.Float[-10, 10], PricingWorld.AnyOf(float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, 0f));
        Gen.Select(anything, anything, anything, anything, anything).Sample((seen, bought, seenSum, boughtSum, risk) =>
        {
            PersonalPriceSignals signals = PersonalPriceSignals.Of(
                new PriceResponse(seen, bought, seenSum, boughtSum, 0, 0), null, true, risk, new PricingWorld().Course);
            Assert.InRange(signals.Sensitivity, 0, 1);
            Assert.InRange(signals.GoodStanding, 0, 1);
        });
    }

    [Fact]
    public void Risk_never_raises_a_price()
    {
        var world = new PricingWorld();
        long unknown = world.Decide().Price.MinorUnits;
        foreach (float risk in (float[])[0f, 0.1f, 0.2f, 0.6f, 1f])
        {
            (world.Profile.RiskScore, world.Profile.RiskTicks) = (risk, 1);
            Assert.True(world.Decide().Price.MinorUnits <= unknown);
        }

        (world.Profile.RiskScore, world.Profile.RiskTicks) = (0, 1);
        Assert.True(world.Decide().Price.MinorUnits < unknown);
    }

    [Fact]
    public void Only_what_a_person_says_counts_as_interest()
    {
        var world = new PricingWorld();
        Assert.Equal(0, PersonalPriceSignals.Of(world.Profile, world.Course).Disinterest);
        world.Profile.Interests = ["cooking"];
        Assert.Equal(1, PersonalPriceSignals.Of(world.Profile, world.Course).Disinterest);
        world.Profile.Interests = ["cooking", "Games"];
        Assert.Equal(0, PersonalPriceSignals.Of(world.Profile, world.Course).Disinterest);
    }

    private static object? Anything(PropertyInfo field, Random random)
    {
        Type type = Nullable.GetUnderlyingType(field.PropertyType) ?? field.PropertyType;
        string text = "x" + random.Next();
        return type switch
        {
            _ when type == typeof(short) => (short)random.Next(short.MaxValue),
            _ when type == typeof(int) => random.Next(),
            _ when type == typeof(long) => random.NextInt64(),
            _ when type == typeof(float) => random.NextSingle(),
            _ when type == typeof(string) => text,
            _ when type == typeof(string[]) => new[] { text },
            _ when type == typeof(int[]) => new[] { PricingWorld.CourseOrdinal, random.Next() },
            _ when type == typeof(float[]) => Enumerable.Range(0, 64).Select(_ => random.NextSingle()).ToArray(),
            _ when type == typeof(ulong[]) => new[] { (ulong)random.NextInt64() },
            _ when type == typeof(Money[]) => new[] { PricingWorld.Cny(random.NextInt64(1_000_000)) },
            _ when type == typeof(ActivityLevels) => new ActivityLevels(random.NextSingle(), random.NextSingle(), random.NextSingle(), random.NextSingle()),
            _ when type == typeof(RunningMoments) => new RunningMoments(random.Next(), random.NextDouble(), random.NextDouble()),
            _ when type == typeof(TermAffinities) => new TermAffinities { Terms = [0], Weights = [random.NextSingle() * 9], Ticks = random.NextInt64() },
            _ when type == typeof(OfferMemory[]) => new[] { new OfferMemory(1, 2, 1, 1, random.NextInt64(), 0) },
            _ when type == typeof(OrderMemory[]) => new[]
            {
                new OrderMemory { OrderId = text, QuoteId = text, PaymentId = text, CourseId = "chess", Charged = PricingWorld.Cny(1), PlacedTicks = random.NextInt64() },
            },
            _ when type == typeof(LoanState[]) => new[]
            {
                new LoanState { LoanId = text, Principal = PricingWorld.Cny(1), TermMonths = 3, AprBasisPoints = random.Next(9_000), OpenedTicks = 1, Defaulted = true },
            },
            _ when type == typeof(CreditStanding[]) => new[]
            {
                new CreditStanding { DecisionId = text, Outcome = CreditOutcome.Approved, Amount = PricingWorld.Cny(1), TermMonths = 3, AprBasisPoints = 1, ExpiresTicks = random.NextInt64() },
            },
            _ => throw new NotSupportedException($"{field.Name} is new: decide whether a price may read it, and give this test values of {type}."),
        };
    }
}

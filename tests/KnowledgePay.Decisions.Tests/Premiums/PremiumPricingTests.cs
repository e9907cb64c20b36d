using CsCheck;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Partners;
using KnowledgePay.Decisions.Offers;
using KnowledgePay.Decisions.Premiums;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Reasons;
using KnowledgePay.Decisions.Tests.Offers;

namespace KnowledgePay.Decisions.Tests.Premiums;

public sealed class PremiumPricingTests
{
    private const string RiskBased = """{"riskBased":true,"price":{"currency":"CNY","minorUnits":12000},"minPremium":{"currency":"CNY","minorUnits":3000}}""";

    [Fact]
    public void A_personal_premium_is_never_above_the_list_price_nor_below_the_least() =>
        Gen.Select(Gen.Double[0, 1e12], Gen.Int[1, 60], Gen.Long[1, 100_000_000], Gen.Double[0, 1]).Sample((pure, months, list, share) =>
        {
            long least = (long)(list * share);
            OfferedPremium premium = Offered(new OfferWorld { Premiums = new Costs(pure) }.With(
                ProductKind.Insurance, "cover",
                $$"""{"riskBased":true,"coverMonths":{{months}},"price":{"currency":"CNY","minorUnits":{{list}}},"minPremium":{"currency":"CNY","minorUnits":{{least}}} }"""))!;
            long parts = premium.Pure.MinorUnits + premium.Safety.MinorUnits + premium.Expenses.MinorUnits + premium.Profit.MinorUnits;
            Assert.Equal(Math.Clamp(parts, least, list), premium.Price.MinorUnits);
            Assert.Equal(list, premium.ListPrice.MinorUnits);
            Assert.True(premium.IsPersonal);
        });

    [Fact]
    public void It_is_the_loaded_cost_of_the_months_of_cover_and_says_so()
    {
        OfferDecision decision = new OfferWorld { Premiums = new Costs(40) }.With(ProductKind.Insurance, "cover", RiskBased).Decide();
        OfferedProduct offer = Assert.Single(decision.Answer.Offers);
        OfferedPremium premium = offer.Premium!;
        Assert.Equal((4_000, 200, 1_500, 300, 6_000), (premium.Pure.MinorUnits, premium.Safety.MinorUnits, premium.Expenses.MinorUnits, premium.Profit.MinorUnits, premium.Price.MinorUnits));
        Assert.Contains(offer.Reasons, reason => reason.Code == ReasonCodes.OfferPersonalPremium);
        Assert.Equal("costs/1", decision.Answer.ModelVersions.ByKind["premium"]);
        CandidateRecord candidate = Assert.Single(decision.Record.Candidates);
        Assert.Equal(6_000, candidate.Contributions.Single(part => part.Name == "premiumMinorUnits").Input);
        Assert.Equal(offer.Score, candidate.Contributions.Sum(part => part.Value), 1e-9);
    }

    [Theory]
    [InlineData("no model")]
    [InlineData("no personal pricing")]
    [InlineData("no sharing")]
    [InlineData("no personalisation")]
    [InlineData("terms do not ask")]
    [InlineData("no insurance")]
    public void The_terms_price_stands_without_model_consent_or_terms_that_ask(string without)
    {
        OfferWorld world = new OfferWorld { Premiums = without == "no model" ? null : new Costs(40) }
            .With(without == "no insurance" ? ProductKind.Membership : ProductKind.Insurance, "cover", without == "terms do not ask" ? RiskBased.Replace("true", "false", StringComparison.Ordinal) : RiskBased);
        world.Profile.Consent = without switch
        {
            "no personal pricing" => world.Profile.Consent with { PersonalPricing = false },
            "no sharing" => world.Profile.Consent with { PartnerSharing = false },
            "no personalisation" => world.Profile.Consent with { Personalisation = false },
            _ => world.Profile.Consent,
        };
        OfferedProduct offer = Assert.Single(world.Decide().Answer.Offers);
        Assert.Null(offer.Premium);
        Assert.DoesNotContain(offer.Reasons, reason => reason.Code == ReasonCodes.OfferPersonalPremium);
    }

    [Fact]
    public void Loyalty_devices_visits_and_protected_attributes_do_not_move_it() =>
        Gen.Select(Gen.Int[0, 5_000], Gen.Int[0, 500], Gen.Short[1940, 2005], Gen.ULong).Sample((views, orders, birthYear, device) =>
        {
            var world = new OfferWorld { Premiums = new SumsUp() };
            world.With(ProductKind.Insurance, "cover", RiskBased);
            long before = Offered(world)!.Price.MinorUnits;
            UserProfile person = world.Profile;
            (person.Views, person.Enrolments, person.BirthYear, person.Gender, person.Region, person.Occupation, person.IncomeBand, person.Devices) =
                (views, orders, birthYear, "female", "CN-11", "teacher", "high", [device]);
            (person.FirstSeenTicks, person.LastSeenTicks) = (OfferWorld.Noon.AddYears(-9).UtcTicks, OfferWorld.Noon.UtcTicks);
            person.Activity = new ActivityLevels(9, 9, 9, 9);
            Assert.Equal(before, Offered(world)!.Price.MinorUnits);
        });

    [Theory]
    [InlineData("""{"riskBased":true}""", "/riskBased")]
    [InlineData("""{"riskBased":"yes","price":{"currency":"CNY","minorUnits":1}}""", "/riskBased")]
    [InlineData("""{"riskBased":true,"price":{"currency":"CNY","minorUnits":1},"minPremium":{"currency":"CNY","minorUnits":2}}""", "/minPremium")]
    [InlineData("""{"riskBased":true,"price":{"currency":"CNY","minorUnits":1},"minPremium":{"currency":"USD","minorUnits":1}}""", "/minPremium")]
    [InlineData("""{"coverMonths":0}""", "/coverMonths")]
    public void Terms_that_cannot_be_priced_say_why(string terms, string pointer) =>
        Assert.Equal(pointer, Assert.Single(ProductTerms.CheckRiskBased(terms)).Pointer);

    [Fact]
    public void Other_terms_are_the_partners_own() => Assert.Empty(ProductTerms.CheckRiskBased("""{"price":"cheap","apr":"low","minAmount":5,"anything":[1]}"""));

    private static OfferedPremium? Offered(OfferWorld world) => Assert.Single(world.Decide().Answer.Offers).Premium;

    /// <summary>A cost for everybody, loaded as a year's.</summary>
    private sealed class Costs(double pure) : IPremiumModel
    {
        public string Version => "costs/1";

        public LoadedPremium Of(ReadOnlySpan<double> attributes, string product) => new(0.5, 2 * pure, pure, 0.05 * pure, 0.375 * pure, 0.075 * pure);
    }

    /// <summary>Moves with whatever it is given.</summary>
    private sealed class SumsUp : IPremiumModel
    {
        public string Version => "sums/1";

        public LoadedPremium Of(ReadOnlySpan<double> attributes, string product)
        {
            double sum = 30;
            foreach (double value in attributes)
            {
                sum += double.IsNaN(value) ? 1 : value;
            }

            return new LoadedPremium(1, sum, sum, 0, 0, 0);
        }
    }
}

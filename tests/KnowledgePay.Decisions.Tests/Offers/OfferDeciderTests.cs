using CsCheck;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Partners;
using KnowledgePay.Decisions.Offers;
using KnowledgePay.Decisions.Profiles;

namespace KnowledgePay.Decisions.Tests.Offers;

public sealed class OfferDeciderTests
{
    private const string OnlyAdults = """{"all":[{"feature":"age","op":">=","value":18}]}""";

    [Fact]
    public void Each_stage_leaves_fewer_and_says_how_many()
    {
        OfferWorld world = new OfferWorld { Risk = 0.9f }
            .With(ProductKind.Membership, "elsewhere", channels: ["checkout"])
            .With(ProductKind.Membership, "adults", eligibility: OnlyAdults)
            .With(ProductKind.Loan, "loan")
            .With(ProductKind.Membership, "declined")
            .With(ProductKind.Membership, "pass");
        world.Profile.BirthYear = 2015;
        world.Profile.Offers = [new OfferMemory { Product = 3, Declined = 1, LastAnswerTicks = OfferWorld.Noon.AddDays(-1).UtcTicks }];
        OfferDecision decision = world.Decide();

        Assert.Equal(["pass"], decision.Answer.Offers.Select(offer => offer.ProductId));
        Assert.Equal(
            [("valid", 4), ("consent", 4), ("eligible", 3), ("suitable", 1), ("contact", 1), ("budget", 1), ("shown", 1)],
            decision.Stages.Select(stage => (stage.Stage, stage.Left)));
    }

    [Fact]
    public void Without_consent_no_rule_reads_the_person_and_only_impersonal_products_are_left()
    {
        OfferWorld world = new OfferWorld().With(ProductKind.Membership, "adults", eligibility: OnlyAdults).With(ProductKind.Membership, "pass");
        world.Profile.BirthYear = 1980;
        Assert.Equal(2, world.Decide().Answer.Offers.Length);
        world.Profile.Consent = world.Profile.Consent with { PartnerSharing = false };
        OfferDecision decision = world.Decide();
        Assert.Equal(["pass"], decision.Answer.Offers.Select(offer => offer.ProductId));
        Assert.DoesNotContain(decision.Record.Rules, trace => trace.Rule.Contains("adults", StringComparison.Ordinal));
    }

    [Fact]
    public void Parts_add_up_to_the_score_and_the_same_seed_decides_the_same() => Gen.Select(Gen.ULong, Gen.Long[1, 1_000_000], Gen.Long[1, 1_000_000]).Sample((seed, first, second) =>
    {
        OfferDecision Decide() => new OfferWorld { Seed = seed }
            .With(ProductKind.Membership, "a", $$"""{"value":{"currency":"CNY","minorUnits":{{first}}} }""")
            .With(ProductKind.Insurance, "b", $$"""{"value":{"currency":"CNY","minorUnits":{{second}}} }""")
            .Decide();
        OfferDecision decision = Decide();
        Assert.Equal(decision.Answer.Offers.Select(offer => (offer.ProductId, offer.Score)), Decide().Answer.Offers.Select(offer => (offer.ProductId, offer.Score)));
        Assert.True(decision.Answer.Offers[0].Score >= decision.Answer.Offers[1].Score);
        Assert.All(decision.Record.Candidates, (CandidateRecord one) => Assert.Equal(one.Score, one.Contributions.Sum(part => part.Value), 1e-9 * Math.Max(1, one.Score)));
    });
}

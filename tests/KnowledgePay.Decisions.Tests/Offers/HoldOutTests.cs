using CsCheck;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Partners;
using KnowledgePay.Decisions.Offers;

namespace KnowledgePay.Decisions.Tests.Offers;

public sealed class HoldOutTests
{
    private static readonly OfferSettings Half = OfferSettings.Default with { HoldOutShare = 0.5 };

    [Fact]
    public void As_many_are_held_out_as_was_said_and_always_the_same_until_the_period_ends()
    {
        int heldOut = 0, moved = 0;
        for (int person = 0; person < 2_000; person++)
        {
            OfferWorld world = World($"u{person}");
            OfferDecision decision = world.Decide(settings: OfferSettings.Default with { HoldOutShare = 0.2 });
            bool isHeldOut = decision.HeldOut.Contains(0);
            heldOut += isHeldOut ? 1 : 0;
            Assert.Equal(!isHeldOut, decision.Answer.Offers.Any(offer => offer.ProductId == "pass"));
            Assert.Equal(isHeldOut, World($"u{person}", seed: 9).Decide(settings: OfferSettings.Default with { HoldOutShare = 0.2 }).HeldOut.Contains(0));
            moved += World($"u{person}", now: OfferWorld.Noon.AddDays(91)).Decide(settings: OfferSettings.Default with { HoldOutShare = 0.2 }).HeldOut.Contains(0) != isHeldOut ? 1 : 0;
        }

        Assert.InRange(heldOut, 340, 460);
        Assert.InRange(moved, 2_000 * 0.24, 2_000 * 0.40);
    }

    [Fact]
    public void Lots_of_two_products_have_nothing_to_do_with_each_other()
    {
        int both = Enumerable.Range(0, 2_000).Count(person => World($"u{person}").Decide(settings: Half).HeldOut.Length == 2);
        Assert.InRange(both, 430, 570);
    }

    [Fact]
    public void Nobody_is_held_out_without_consent_or_where_it_is_off()
    {
        for (int person = 0; person < 200; person++)
        {
            Assert.Empty(World($"u{person}").Decide().HeldOut);
            OfferWorld world = World($"u{person}");
            world.Profile.Consent = world.Profile.Consent with { PartnerSharing = false };
            OfferDecision decision = world.Decide(settings: Half);
            Assert.Empty(decision.HeldOut);
            Assert.False(decision.IsOfTrial);
        }
    }

    [Fact]
    public void The_place_of_what_is_held_out_stays_empty_and_the_record_says_so()
    {
        OfferDecision decision = Enumerable.Range(0, 100).Select(person => World($"u{person}").Decide(1, Half)).First(one => !one.HeldOut.IsEmpty);
        Assert.Empty(decision.Answer.Offers);
        Assert.True(decision.IsOfTrial);
        Assert.Equal("p/" + Assert.Single(decision.HeldOutProducts).Id, decision.Record.Inputs.Single(input => input.Name == "heldOut").Text);
        Assert.Equal("none", decision.Record.Outcome);
    }

    [Fact]
    public void Uplift_is_a_part_of_the_score_and_who_is_put_off_is_not_shown() => Gen.Select(Gen.ULong, Gen.Double[-1, 1]).Sample((seed, uplift) =>
    {
        OfferWorld world = World("ann", seed: seed);
        world.Profile.LastSeenTicks = OfferWorld.Noon.UtcTicks;
        world.Uplift = new Known("p/pass", uplift);
        OfferDecision decision = world.Decide();
        RankedOffer plain = Single(World("ann", seed: seed).Decide(), 0);
        if (decision.Ranked.Any(one => one.Product == 0))
        {
            RankedOffer offer = Single(decision, 0);
            Assert.Equal(plain.Score + (uplift * 30), offer.Score, 1e-9);
            CandidateRecord candidate = decision.Record.Candidates.Single(one => one.Candidate == "p/pass");
            Assert.Equal(offer.Score, candidate.Contributions.Sum(part => part.Value), 1e-9);
            Assert.Equal(uplift, candidate.Contributions.Single(part => part.Name == "uplift").Input);
        }
        else
        {
            Assert.True(plain.Score + (uplift * 30) <= 0);
            Assert.Equal(1, decision.Stages.Single(stage => stage.Stage == "gain").Left);
        }

        Assert.Equal("known/1", decision.Answer.ModelVersions.ByKind["uplift"]);
        // Nothing was learned of who was never seen.
        world.Profile.LastSeenTicks = 0;
        Assert.Equal(plain.Score, Single(world.Decide(), 0).Score);
    });

    [Fact]
    public void Settings_out_of_range_are_named()
    {
        Assert.Empty(OfferSettings.Default.Faults());
        Assert.Equal(
            ["HoldOutShare", "HoldOutPeriod", "LoanPrior", "ProductsPerDay", "CoolDown", "PurchaseValueFen"],
            new OfferSettings { HoldOutShare = 0.6, HoldOutPeriod = TimeSpan.Zero, LoanPrior = 0, ProductsPerDay = -1, CoolDown = TimeSpan.FromDays(-1), PurchaseValueFen = -1 }
                .Faults().Select(fault => fault.Split(' ')[0]));
    }

    private static OfferWorld World(string user, ulong seed = 1, DateTimeOffset? now = null) =>
        new OfferWorld { UserId = user, Seed = seed, Now = now ?? OfferWorld.Noon }.With(ProductKind.Membership, "pass").With(ProductKind.Insurance, "cover");

    private static RankedOffer Single(OfferDecision decision, int product) => decision.Ranked.Single(one => one.Product == product);

    private sealed class Known(string of, double uplift) : IOfferUplift
    {
        public string Version => "known/1";

        public double Of(ReadOnlySpan<double> features, string product) => product == of ? uplift : 0;
    }
}

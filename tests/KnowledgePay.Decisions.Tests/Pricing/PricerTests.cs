using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Decisions.Pricing;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Projections;

namespace KnowledgePay.Decisions.Tests.Pricing;

public sealed class PricerTests
{
    private readonly PricingWorld _world = new();

    [Fact]
    public void An_unknown_course_is_not_found() =>
        Assert.Equal(("not-found", 404), (_world.Ask("go").Problem!.Type, _world.Ask("go").Problem!.Status));

    [Fact]
    public void An_unpublished_course_has_no_price()
    {
        _world.Course = _world.Course with { PublishedAt = _world.Now.AddSeconds(1) };
        Assert.Equal(("not-published", 409), (_world.Ask().Problem!.Type, _world.Ask().Problem!.Status));
    }

    [Fact]
    public void An_owned_course_has_no_price()
    {
        _world.Profile.Shelf = new CourseShelf { Ordinals = [PricingWorld.CourseOrdinal], Count = 1 };
        Assert.Equal(("already-owned", 409), (_world.Ask().Problem!.Type, _world.Ask().Problem!.Status));
    }

    [Fact]
    public void A_free_course_is_free()
    {
        _world.Course = _world.Course with { ListPrice = PricingWorld.Cny(0) };
        PriceDecision decision = _world.Decide();
        Assert.Equal((PricingWorld.Cny(0), false), (decision.Price, decision.Personalised));
        Assert.Contains(decision.Reasons, r => r.Code == PriceReasons.List);
    }

    [Fact]
    public void A_personal_price_says_so()
    {
        _world.Count(0, 400, 4);
        _world.Count(6, 400, 80);
        PriceDecision decision = _world.Decide();

        Assert.True(decision.Price < decision.ListPrice);
        Assert.True(decision.Personalised);
        Assert.Equal(PriceReasons.Personal, decision.Reasons[0].Code);
        Assert.Equal((true, decision.Price, decision.Rung), (decision.Quoted!.Personal, decision.Quoted.Price, decision.Quoted.Rung));
        Assert.Equal(_world.Now.AddMinutes(15), decision.ExpiresAt);
    }

    [Fact]
    public void The_crowd_moves_the_price_in_the_direction_of_its_answers()
    {
        _world.Count(0, 2_000, 20);
        _world.Count(8, 2_000, 500);
        Assert.Equal(8, _world.Decide().Rung);

        var inelastic = new PricingWorld();
        inelastic.Count(0, 2_000, 400);
        inelastic.Count(8, 2_000, 440);
        Assert.Equal(0, inelastic.Decide().Rung);
        Assert.Contains(inelastic.Decide().Reasons, r => r.Code == PriceReasons.List);
    }

    [Fact]
    public void Cheaper_competitors_lower_the_price_and_are_named()
    {
        Assert.Equal(0, _world.Decide().Rung);
        _world.Crowd.Market = [.. Enumerable.Range(0, 4).Select(i => new MarketPrice($"c{i}", PricingWorld.Cny(12_000), _world.Now.AddDays(-1).UtcTicks))];
        PriceDecision decision = _world.Decide();
        Assert.True(decision.Rung > 0);
        Assert.Contains(decision.Reasons, r => r.Code == PriceReasons.Market);
    }

    [Fact]
    public void A_bound_that_holds_the_price_up_is_named()
    {
        _world.Count(0, 2_000, 20);
        _world.Count(8, 2_000, 900);
        _world.Course = _world.Course with { FloorPrice = PricingWorld.Cny(17_000) };
        PriceDecision decision = _world.Decide();
        Assert.Equal(17_910, decision.Price.MinorUnits);
        Assert.Contains(decision.Reasons, r => r.Code == PriceReasons.Floor);
    }

    [Fact]
    public void The_next_day_may_have_another_price()
    {
        PriceDecision first = _world.Decide();
        _world.Remember(first);
        _world.Count(0, 2_000, 20);
        _world.Count(8, 2_000, 500);
        Assert.Equal(first.Price, _world.Decide().Price);
        _world.Now = _world.Now.AddHours(12);
        Assert.True(_world.Decide().Price < first.Price);
        Assert.NotNull(_world.Decide().Quoted);
    }

    [Fact]
    public void A_list_price_that_falls_below_the_days_quote_takes_it_along()
    {
        _world.Remember(_world.Decide());
        _world.Course = _world.Course with { ListPrice = PricingWorld.Cny(9_900) };
        PriceDecision decision = _world.Decide();
        Assert.Equal((9_900L, 0), (decision.Price.MinorUnits, decision.Rung));
        _world.Remember(decision);
        _world.Course = _world.Course with { ListPrice = PricingWorld.Cny(29_900) };
        Assert.Equal(9_900, _world.Decide().Price.MinorUnits);
    }

    [Fact]
    public void A_floor_that_rises_above_the_days_quote_lifts_it()
    {
        _world.Count(0, 2_000, 20);
        _world.Count(8, 2_000, 500);
        _world.Remember(_world.Decide());
        _world.Course = _world.Course with { FloorPrice = PricingWorld.Cny(15_000) };
        PriceDecision decision = _world.Decide();
        Assert.Equal(15_000, decision.Price.MinorUnits);
        Assert.Contains(decision.Reasons, r => r.Code == PriceReasons.Floor);
    }

    [Fact]
    public void A_personal_price_ends_with_its_consent_and_comes_back_with_it()
    {
        _world.Count(0, 2_000, 20);
        _world.Count(8, 2_000, 500);
        PriceDecision personal = _world.Decide();
        _world.Remember(personal);
        _world.Profile.Consent = PricingWorld.Consents(personalPricing: false);
        PriceDecision standard = _world.Decide();
        Assert.Equal((_world.Course.ListPrice, false), (standard.Price, standard.Personalised));
        _world.Remember(standard);
        _world.Profile.Consent = PricingWorld.Consents(personalPricing: true);
        _world.Count(0, 9_000, 4_000);
        Assert.Equal(personal.Price, _world.Decide().Price);
    }

    [Fact]
    public void Giving_consent_does_not_make_the_day_dearer()
    {
        _world.Profile.Consent = PricingWorld.Consents(personalPricing: false);
        _world.Course = _world.Course with { ListPrice = PricingWorld.Cny(9_900) };
        _world.Remember(_world.Decide());
        _world.Course = _world.Course with { ListPrice = PricingWorld.Cny(29_900) };
        _world.Profile.Consent = PricingWorld.Consents(personalPricing: true);
        Assert.True(_world.Decide().Price.MinorUnits <= 9_900);
    }

    [Fact]
    public void The_record_explains_the_choice()
    {
        _world.Count(0, 2_000, 40);
        _world.Count(8, 2_000, 300);
        _world.Profile.PriceResponse = new PriceResponse(9, 3, 2, 1, 0, 0);
        _world.Profile.Interests = ["cooking"];
        _world.Settings = PricingSettings.Default;
        PriceDecision decision = _world.Decide();
        _world.Profile.PriceResponse = default;
        DecisionRecord record = decision.ToRecord();

        Assert.Equal((DecisionKind.Price, "quoted", 9), (record.Kind, record.Outcome, record.Candidates.Length));
        CandidateRecord chosen = Assert.Single(record.Candidates, c => c.Propensity == 1);
        Assert.Equal(record.Candidates.Max(c => c.Score), chosen.Score);
        Assert.All(record.Candidates, c =>
        {
            double price = c.Contributions.Single(x => x.Name == "price").Input!.Value;
            double probability = DemandModel.Probability(c.Contributions.Sum(x => x.Value));
            Assert.Equal(c.Score, probability * price, 1e-6);
        });
        Assert.True(record.Inputs.Single(i => i.Name == "person.sensitivity").Number > 0);
        Assert.Equal(-0.15, chosen.Contributions.Single(x => x.Name == "interest").Value);
        Assert.All(record.Rules, r => Assert.True(r.Passed, r.ToString()));
        Assert.Contains(record.Rules, r => r is { Rule: "floor", Saw: not null });
        Assert.Equal(["catalogue", "demand", "pricing"], record.ModelVersions.ByKind.Keys);
    }

    [Fact]
    public void An_answer_and_its_token_agree()
    {
        PriceDecision decision = _world.Decide();
        var keys = new QuoteKeys(new QuoteKey(1, new byte[32]));
        QuoteClaims claims = decision.ToClaims(42);
        PriceAnswer answer = decision.ToAnswer(claims, QuoteToken.Create(claims, keys.Signing));
        Assert.True(QuoteToken.TryRead(answer.QuoteToken, keys, out QuoteClaims read, out _));
        Assert.Equal((answer.QuoteId, answer.Price, answer.ExpiresAt), (read.QuoteText, read.Price, read.ExpiresAt));
        Assert.Equal(answer.ListPrice, answer.Price + answer.Discount);
    }

    [Fact]
    public void Settings_out_of_range_are_named()
    {
        Assert.Empty(PricingSettings.Default.Faults());
        var wrong = new PricingSettings { LargestDiscountBasisPoints = 9_001, MinimumMarginBasisPoints = -1, QuoteLifetime = TimeSpan.Zero, MarketWindow = TimeSpan.Zero, StandingWeight = double.NaN, ExperimentScale = 2 };
        Assert.Equal(6, wrong.Faults().Count());
    }
}

using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.PricingGames;

namespace KnowledgePay.Learning.Tests.PricingGames;

public sealed class PricingGameTests
{
    private const int Rounds = 12_000;

    [Fact]
    public void The_engines_policy_beats_the_list_price_and_its_regret_falls()
    {
        PricingOutcome engine = PricingGame.Play(new PricingScenario(), "engine", Rounds, 3);
        PricingOutcome list = PricingGame.Play(new PricingScenario(), "list", Rounds, 3);
        Assert.True(engine.ExpectedMargin > 1.3 * list.ExpectedMargin);
        Assert.True(engine.Revenue > list.Revenue);
        double early = engine.RegretByRound[..(Rounds / 4)].Average();
        double late = engine.RegretByRound[^(Rounds / 4)..].Average();
        Assert.True(late < early / 3, $"{early} then {late}");
    }

    [Fact]
    public void No_policy_earns_more_than_the_oracle_in_expectation()
    {
        foreach (string policy in (string[])["engine", "list", "explore-then-commit", "thompson", "fixed-4"])
        {
            PricingOutcome outcome = PricingGame.Play(new PricingScenario { MarginalCost = 3_000 }, policy, 4_000, 1);
            Assert.True(outcome.ExpectedMargin <= outcome.OracleMargin * (1 + 1e-12), policy);
            Assert.All(outcome.RegretByRound, regret => Assert.True(regret >= -1e-9));
            Assert.Equal(outcome.OracleMargin - outcome.ExpectedMargin, outcome.RegretByRound.Sum(), 1e-3);
            Assert.Equal(4_000, outcome.RoundsByRung.Sum());
        }
    }

    [Fact]
    public void The_same_seed_plays_the_same_game()
    {
        PricingOutcome one = PricingGame.Play(new PricingScenario(), "thompson", 2_000, 9);
        PricingOutcome two = PricingGame.Play(new PricingScenario(), "thompson", 2_000, 9);
        Assert.Equal(one.RegretByRound, two.RegretByRound);
        Assert.Equal(one.Revenue, two.Revenue);
    }

    [Fact]
    public void Buyers_who_wait_for_a_discount_buy_less_at_prices_that_stay()
    {
        var market = new PricingScenario { Intercept = -0.5 };
        PricingOutcome all = PricingGame.Play(market, "list", 5_000, 1);
        PricingOutcome waiting = PricingGame.Play(market with { StrategicShare = 1, PatienceDays = 3 }, "list", 5_000, 1);
        // They buy at last, the latest ones after the game has ended.
        Assert.InRange(waiting.Sales, (long)(0.8 * all.Sales), all.Sales - 1);
    }

    [Fact]
    public void A_cheap_competitor_lowers_what_the_list_price_earns_and_what_the_oracle_asks()
    {
        var alone = new PricingScenario { Slope = 2.2 };
        PricingScenario contested = alone with { Competitors = [new Competitor { Name = "other", Price = 9_900, Undercut = 0.05, LowestPrice = 8_000 }] };
        PricingOutcome before = PricingGame.Play(alone, "engine", Rounds, 1);
        PricingOutcome after = PricingGame.Play(contested, "engine", Rounds, 1);
        Assert.True(after.ListMargin < before.ListMargin);
        Assert.True(after.ExpectedMargin > after.ListMargin);
    }

    [Fact]
    public void Wrong_policies_and_scenarios_are_refused()
    {
        using var folder = new TemporaryFolder();
        Assert.Throws<InputException>(() => PricingGame.Play(new PricingScenario(), "magic", 10, 1));
        Assert.Throws<InputException>(() => PricingGame.Play(new PricingScenario(), "fixed-18", 10, 1));
        Assert.Throws<InputException>(() => PricingScenario.Read(folder.Write("a.json", "{\"listPrice\": -1}")));
        Assert.Throws<InputException>(() => PricingScenario.Read(folder.Write("b.json", "{\"lisstPrice\": 1}")));
        Assert.Throws<InputException>(() => PricingScenario.Read(folder.Write("c.json", "not json")));
    }
}

using KnowledgePay.Decisions.Pricing;
using KnowledgePay.Decisions.Profiles;

namespace KnowledgePay.Decisions.Tests.Pricing;

/// <summary>A market of strangers with a demand that the engine does not know: it must learn it from its own quotes.</summary>
public sealed class PriceLearningTests(ITestOutputHelper output)
{
    private const int Visitors = 20_000;
    private const int VisitorsADay = 100;

    [Theory]
    [InlineData("elastic", -2.0, 3.0, 0.5, 1.5)]
    [InlineData("elastic", -2.0, 3.0, 1.0, 1.5)]
    [InlineData("middling", -1.0, 1.9, 0.5, 1.05)]
    [InlineData("middling", -1.0, 1.9, 1.0, 1.05)]
    [InlineData("inelastic", -1.2, 0.6, 0.5, 0.97)]
    [InlineData("inelastic", -1.2, 0.6, 1.0, 0.97)]
    public void Learned_prices_earn_more_than_list_prices_where_there_is_more_to_earn(string name, double intercept, double slope, double scale, double atLeast)
    {
        var world = new PricingWorld { Settings = PricingSettings.Default with { ExperimentScale = scale } };
        PriceLadder ladder = PriceLadder.Of(world.Course.ListPrice, null, null, world.Settings);
        double Bought(long price) => DemandModel.Probability(intercept - (slope * Math.Log(price / 19_900.0)));
        double oracle = Enumerable.Range(0, ladder.Deepest + 1).Max(r => ladder.PriceAt(r) * Bought(ladder.PriceAt(r)));
        double list = 19_900 * Bought(19_900);

        double earned = 0;
        double lateEarned = 0;
        int consenting = 0;
        int lateConsenting = 0;
        var random = new Random(20_260_314);
        for (int visitor = 0; visitor < Visitors; visitor++)
        {
            bool consents = random.NextDouble() < 0.7;
            world.Now = PricingWorld.Noon.AddDays(visitor / VisitorsADay);
            world.Profile = new UserProfile { Consent = PricingWorld.Consents(consents) };
            PriceDecision decision = world.Decide();
            bool buys = random.NextDouble() < Bought(decision.Price.MinorUnits);
            world.Count(decision.Rung, 1, buys ? 1 : 0);
            if (consents)
            {
                // Expected, not drawn, so that luck in the last draws is not mistaken for learning.
                double expected = decision.Price.MinorUnits * Bought(decision.Price.MinorUnits);
                (earned, consenting) = (earned + expected, consenting + 1);
                if (visitor >= Visitors * 3 / 4)
                {
                    (lateEarned, lateConsenting) = (lateEarned + expected, lateConsenting + 1);
                }
            }
        }

        double ofOracle = earned / consenting / oracle;
        double ofList = earned / consenting / list;
        double late = lateEarned / lateConsenting / oracle;
        output.WriteLine($"{name}, scale {scale}: {ofOracle:P1} of the oracle over all, {late:P1} in the last quarter, {ofList:F3} × list only (oracle {oracle / list:F3} ×)");
        Assert.True(late >= 0.97, $"{late:P1} of the oracle");
        Assert.True(ofList >= atLeast, $"{ofList:F3} × list only");
    }
}

using KnowledgePay.Contracts;
using KnowledgePay.Decisions.Pricing;
using KnowledgePay.Decisions.Profiles;

namespace KnowledgePay.Decisions.Tests.Pricing;

public sealed class PriceExperimentTests
{
    private static readonly DemandEstimate Demand = DemandModel.Estimate(
        DemandPrior.OfLevel(null, 1), 0, [50, 0, 0, 40, 0, 0, 0, 0, 30], [5, 0, 0, 6, 0, 0, 0, 0, 7]);

    [Fact]
    public void Everybody_who_is_priced_by_demand_has_the_same_draw_that_day()
    {
        var prices = new HashSet<Money>();
        for (int person = 0; person < 50; person++)
        {
            var world = new PricingWorld { Settings = PricingSettings.Default with { ExperimentScale = 1 }, Now = PricingWorld.Noon.AddMinutes(person) };
            world.Profile = new UserProfile { Consent = PricingWorld.Consents(true), Sequence = person };
            prices.Add(world.Decide().Price);
        }

        Assert.Single(prices);
    }

    [Fact]
    public void Days_and_courses_are_drawn_apart()
    {
        // Two draws that are clipped at the same corner are the same.
        Assert.InRange(Enumerable.Range(0, 200).SelectMany(day => new[] { Draw("chess", day), Draw("go", day) }).Distinct().Count(), 390, 400);
        Assert.Equal(Draw("chess", 1), Draw("chess", 1));
        Assert.Equal(default, PriceExperiment.Of("chess", 1, Demand, 0));
    }

    [Fact]
    public void Draws_spread_as_the_posterior_does()
    {
        double determinant = (Demand.InterceptCurvature * Demand.SlopeCurvature) - (Demand.CrossCurvature * Demand.CrossCurvature);
        PriceExperiment[] draws = [.. Enumerable.Range(0, 20_000).Select(day => Draw("chess", day))];

        Assert.Equal(0, draws.Average(d => d.InterceptShift), 0.02);
        Assert.Equal(0, draws.Average(d => d.SlopeShift), 0.03);
        // Clipping at two deviations takes some of the spread away.
        Assert.InRange(draws.Average(d => d.InterceptShift * d.InterceptShift) * determinant / Demand.SlopeCurvature, 0.85, 1.0);
        Assert.InRange(draws.Average(d => d.SlopeShift * d.SlopeShift) * determinant / Demand.InterceptCurvature, 0.85, 1.0);
        Assert.InRange(draws.Average(d => d.InterceptShift * d.SlopeShift) * determinant / -Demand.CrossCurvature, 0.75, 1.05);
        Assert.All(draws, d => Assert.True(Demand.Slope + d.SlopeShift >= DemandModel.SmallestSlope - 1e-12));
    }

    private static PriceExperiment Draw(string course, int day) => PriceExperiment.Of(course, day, Demand, 1);
}

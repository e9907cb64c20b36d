using CsCheck;
using KnowledgePay.Decisions.Pricing;

namespace KnowledgePay.Decisions.Tests.Pricing;

public sealed class DemandModelTests
{
    private static readonly DemandPrior Prior = DemandPrior.OfLevel("intermediate", 1);

    private static readonly Gen<int[]> Counts = Gen.OneOf(Gen.Int[0, 3], Gen.Int[0, 400], Gen.Int[0, 1_000_000_000]).Array[PriceLadder.Rungs];

    [Fact]
    public void Without_quotes_the_estimate_is_the_prior()
    {
        DemandEstimate estimate = DemandModel.Estimate(Prior, 0, [], []);

        Assert.Equal((Prior.Intercept, Prior.Slope, true), (estimate.Intercept, estimate.Slope, estimate.Converged));
    }

    [Fact]
    public void The_mode_is_what_a_brute_force_grid_finds()
    {
        int[] shown = new int[PriceLadder.Rungs];
        int[] bought = new int[PriceLadder.Rungs];
        (shown[0], bought[0], shown[3], bought[3], shown[8], bought[8]) = (300, 20, 120, 15, 90, 25);
        DemandEstimate estimate = DemandModel.Estimate(Prior, -0.1, shown, bought);

        double best = double.PositiveInfinity;
        (double A, double B) at = default;
        double[] x = [0.1, DemandModel.LogRelativeToList(3) + 0.1, DemandModel.LogRelativeToList(8) + 0.1];
        for (int i = -2_500; i <= 2_500; i++)
        {
            for (int j = 0; j <= 1_000; j++)
            {
                (double a, double b) = (i / 500.0, j / 250.0);
                double loss = DemandModel.Loss(Prior, [300, 120, 90], [20, 15, 25], x, a, b);
                if (loss < best)
                {
                    (best, at) = (loss, (a, b));
                }
            }
        }

        Assert.Equal(at.A, estimate.Intercept, 0.003);
        Assert.Equal(at.B, estimate.Slope, 0.005);
        Assert.True(DemandModel.Loss(Prior, [300, 120, 90], [20, 15, 25], x, estimate.Intercept, estimate.Slope) <= best);
    }

    [Fact]
    public void It_converges_for_any_counts_and_stays_finite() =>
        Gen.Select(Counts, Counts, Gen.Double[-0.7, 0.7], Gen.Double[0.1, 1]).Sample(
            (shown, bought, reference, margin) =>
            {
                DemandEstimate estimate = DemandModel.Estimate(DemandPrior.OfLevel(null, margin), reference, shown, bought);
                Assert.True(estimate.Converged, estimate.ToString());
                Assert.True(double.IsFinite(estimate.Intercept) && estimate.Slope >= DemandModel.SmallestSlope && double.IsFinite(estimate.Slope));
                Assert.InRange(estimate.Steps, 0, 30);
            },
            iter: 3_000);

    [Fact]
    public void A_purchase_makes_a_purchase_more_probable_at_that_price() =>
        Gen.Select(Gen.Int[1, 200].Array[PriceLadder.Rungs], Gen.Int[0, 18]).Sample((shown, rung) =>
        {
            int[] bought = [.. shown.Select((n, r) => n * (1 + r) / 40)];
            double before = DemandModel.Estimate(Prior, 0, shown, bought).Probability(DemandModel.LogRelativeToList(rung));
            bought[rung]++;
            shown[rung]++;
            double after = DemandModel.Estimate(Prior, 0, shown, bought).Probability(DemandModel.LogRelativeToList(rung));
            Assert.True(after > before);
        });

    [Fact]
    public void A_cached_estimate_is_kept_until_a_count_changes()
    {
        int[] shown = new int[PriceLadder.Rungs];
        int[] bought = new int[PriceLadder.Rungs];
        shown[2] = 40;
        bought[2] = 4;
        DemandEstimate cached = default;
        DemandEstimate first = DemandModel.Estimate(Prior, 0, shown, bought, ref cached);
        Assert.Equal(first, cached);
        cached = cached with { Intercept = 99 };
        Assert.Equal(99, DemandModel.Estimate(Prior, 0, shown, bought, ref cached).Intercept);
        bought[2]++;
        Assert.NotEqual(99, DemandModel.Estimate(Prior, 0, shown, bought, ref cached).Intercept);
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(0.6)]
    [InlineData(0.3)]
    public void The_prior_takes_the_sellers_price_for_the_best_one(double marginShare)
    {
        DemandPrior prior = DemandPrior.OfLevel("intermediate", marginShare);
        DemandEstimate demand = DemandModel.Estimate(prior, 0, [], []);
        double Margin(double price) => demand.Probability(Math.Log(price)) * (price - (1 - marginShare));

        Assert.True(Margin(1) > Margin(0.97));
        Assert.True(Margin(1) > Margin(1.03));
    }
}

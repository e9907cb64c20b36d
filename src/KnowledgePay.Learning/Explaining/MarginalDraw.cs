using KnowledgePay.Decisions.Offers;
using KnowledgePay.Learning.Risk;

namespace KnowledgePay.Learning.Explaining;

/// <summary>Draws a feature's value as it was spread in training, without any training row being kept.</summary>
internal static class MarginalDraw
{
    public static double Of(FeatureMarginal marginal, ref SeededRandom random)
    {
        if (random.NextDouble() < marginal.Missing)
        {
            return double.NaN;
        }

        double at = random.NextDouble();
        if (marginal.Shares.Count > 0)
        {
            for (int level = 0; level < marginal.Shares.Count; level++)
            {
                at -= marginal.Shares[level];
                if (at < 0)
                {
                    return level;
                }
            }

            return marginal.Shares.Count - 1;
        }

        // Between two quantiles: either, so that whole numbers stay whole and codes stay codes.
        double place = at * (marginal.Quantiles.Count - 1);
        return marginal.Quantiles[(int)Math.Round(place)];
    }
}

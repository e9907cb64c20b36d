using KnowledgePay.Learning.Numerics;

namespace KnowledgePay.Learning.Calibration;

/// <summary>A margin as log-odds: slope × margin + intercept (Platt 1999, with his targets that never reach 0 and 1 replaced by a weak prior on the slope).</summary>
public readonly record struct PlattScaling(double Slope, double Intercept)
{
    public double LogOdds(double margin) => (Slope * margin) + Intercept;

    /// <summary>By maximum likelihood on margins that no training row's own outcome has shaped.</summary>
    public static PlattScaling Fit(ReadOnlySpan<double> margins, ReadOnlySpan<byte> outcomes)
    {
        double mean = 0;
        foreach (double margin in margins)
        {
            mean += margin / margins.Length;
        }

        double variance = 0;
        foreach (double margin in margins)
        {
            variance += (margin - mean) * (margin - mean) / margins.Length;
        }

        double deviation = Math.Sqrt(variance);
        if (deviation < 1e-12)
        {
            double rate = RateOf(outcomes);
            return new PlattScaling(0, Math.Log(rate / (1 - rate)));
        }

        var x = new double[margins.Length];
        for (int i = 0; i < x.Length; i++)
        {
            x[i] = (margins[i] - mean) / deviation;
        }

        double[] beta = RidgeLogistic.Fit(x, 1, outcomes, 0.5);

        // A margin that ranks the wrong way is worth nothing; it is not turned around.
        double slope = Math.Max(beta[1], 0) / deviation;
        return new PlattScaling(slope, beta[0] - (slope * mean));
    }

    private static double RateOf(ReadOnlySpan<byte> outcomes)
    {
        int positives = 0;
        foreach (byte outcome in outcomes)
        {
            positives += outcome;
        }

        return (positives + 0.5) / (outcomes.Length + 1.0);
    }
}

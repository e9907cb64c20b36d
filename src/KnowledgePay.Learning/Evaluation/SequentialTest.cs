namespace KnowledgePay.Learning.Evaluation;

/// <summary>What a sum of differences says so far.</summary>
/// <param name="PValue">How surprising it would be had neither side the better of it, 0 to 1; holds however often one looks.</param>
/// <param name="Margin">Half the width of the interval around the sum that holds the true one with 95 % at every look.</param>
public readonly record struct SequentialResult(double PValue, double Margin)
{
    public const double Level = 0.05;

    /// <summary>Whether it may be taken for settled.</summary>
    public bool IsSettled => PValue <= Level;
}

/// <summary>A test that may be looked at as often as one likes while the data come in, and stopped at any look.</summary>
/// <remarks>
/// Normal mixture over the effect (Robbins, "Statistical methods related to the law of the iterated logarithm", 1970; Howard, Ramdas, McAuliffe and Sekhon,
/// "Time-uniform, nonparametric, nonasymptotic confidence sequences", 2021, §3.2): with sum S, variance V so far and ρ the variance at which it is sharpest,
/// E = √(ρ/(V+ρ)) · exp(S²/(2(V+ρ))) is a martingale where the mean is 0, so that it exceeds 1/α ever with probability at most α.
/// The variance is estimated, so that this holds for large samples.
/// </remarks>
public static class SequentialTest
{
    /// <param name="sum">Of the differences.</param>
    /// <param name="variance">Of that sum.</param>
    /// <param name="sharpest">The variance at which the interval is narrowest for its sample, more than 0; to be chosen before the data.</param>
    public static SequentialResult Of(double sum, double variance, double sharpest)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sharpest);
        ArgumentOutOfRangeException.ThrowIfNegative(variance);
        double whole = variance + sharpest;
        double logE = (0.5 * Math.Log(sharpest / whole)) + (sum * sum / (2 * whole));
        double margin = Math.Sqrt(whole * Math.Log(whole / (sharpest * SequentialResult.Level * SequentialResult.Level)));
        return new SequentialResult(Math.Min(1, Math.Exp(-logE)), margin);
    }
}

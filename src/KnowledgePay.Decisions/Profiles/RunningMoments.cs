namespace KnowledgePay.Decisions.Profiles;

/// <summary>Streaming mean and variance (Welford 1962).</summary>
/// <remarks><see cref="SumOfSquares"/> is of the deviations from the mean.</remarks>
[GenerateSerializer, Immutable, Alias("kp.RunningMoments")]
public readonly record struct RunningMoments([property: Id(0)] int Count, [property: Id(1)] double Mean, [property: Id(2)] double SumOfSquares)
{
    /// <summary>Values after which <see cref="Within"/> knows enough to call one an outlier.</summary>
    public const int ValuesBeforeBounds = 8;

    /// <summary>Standard deviations from the mean at which the bounds lie.</summary>
    public const double BoundDeviations = 6;

    /// <summary>Of the sample; 0 with fewer than two values.</summary>
    public double Variance => Count > 1 ? SumOfSquares / (Count - 1) : 0;

    public double StandardDeviation => Math.Sqrt(Variance);

    /// <summary>The moments with one more value. B. P. Welford, Technometrics 4(3), 1962.</summary>
    public RunningMoments Plus(double value)
    {
        int count = Count == int.MaxValue ? Count : Count + 1;
        double delta = value - Mean;
        double mean = Mean + (delta / count);
        return new RunningMoments(count, mean, SumOfSquares + (delta * (value - mean)));
    }

    /// <summary>The value drawn in to mean ± 6 standard deviations once there are 8 values; before that as it is.</summary>
    /// <param name="smallestDeviation">The deviation is taken to be at least this, so that eight equal values do not make everything else an outlier.</param>
    /// <param name="isOutlier">Whether the value had to be drawn in.</param>
    /// <remarks>
    /// Drawn in (winsorised) and not thrown away: one freak value moves the mean by little, while a lasting change of habit still gets through,
    /// because the bounds move with it.
    /// </remarks>
    public double Within(double value, double smallestDeviation, out bool isOutlier)
    {
        isOutlier = false;
        if (Count < ValuesBeforeBounds)
        {
            return value;
        }

        double reach = BoundDeviations * Math.Max(StandardDeviation, smallestDeviation);
        isOutlier = Math.Abs(value - Mean) > reach;
        return isOutlier ? Math.Clamp(value, Mean - reach, Mean + reach) : value;
    }
}

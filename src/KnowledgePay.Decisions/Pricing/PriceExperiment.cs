namespace KnowledgePay.Decisions.Pricing;

/// <summary>The demand curve that a course's prices go by today: one draw from what is still uncertain (Thompson sampling).</summary>
/// <remarks>
/// The best price under the most probable curve alone can stay where it is for ever, since nothing is learned about prices that are never
/// quoted (incomplete learning: den Boer 2015, Surveys in Operations Research and Management Science 20). The draw belongs to the course and
/// the UTC day and to nobody: all who are priced by demand that day are priced by the same curve, so chance never sets two people apart.
/// It comes from the Laplace approximation of the posterior, and so fades out as quotes come in.
/// </remarks>
/// <param name="InterceptShift">Drawn less most probable intercept.</param>
/// <param name="SlopeShift">Drawn less most probable slope.</param>
public readonly record struct PriceExperiment(double InterceptShift, double SlopeShift)
{
    /// <summary>Standard deviations that a draw may be away.</summary>
    private const double LargestDeviation = 2;

    /// <param name="day"><see cref="DateOnly.DayNumber"/> in UTC.</param>
    /// <param name="scale">Standard deviations of the draw in those of the posterior; 0 draws nothing.</param>
    public static PriceExperiment Of(string courseId, int day, in DemandEstimate demand, double scale)
    {
        if (scale <= 0)
        {
            return default;
        }

        ulong hash = 14695981039346656037;
        foreach (char c in courseId)
        {
            hash = (hash ^ c) * 1099511628211;
        }

        hash = Mix(hash ^ ((ulong)(uint)day * 0x9E3779B97F4A7C15));
        double radius = Math.Sqrt(-2 * Math.Log(1 - Unit(hash)));
        double angle = 2 * Math.PI * Unit(Mix(hash + 0x9E3779B97F4A7C15));
        double first = scale * Math.Clamp(radius * Math.Cos(angle), -LargestDeviation, LargestDeviation);
        double second = scale * Math.Clamp(radius * Math.Sin(angle), -LargestDeviation, LargestDeviation);

        // Cholesky factor of the covariance, the inverse of the curvature.
        (double haa, double hab, double hbb) = (demand.InterceptCurvature, demand.CrossCurvature, demand.SlopeCurvature);
        double determinant = (haa * hbb) - (hab * hab);
        if (!(determinant > 0))
        {
            return default;
        }

        double l11 = Math.Sqrt(hbb / determinant);
        double l21 = -hab / determinant / l11;
        double slope = (l21 * first) + (Math.Sqrt(Math.Max((haa / determinant) - (l21 * l21), 0)) * second);
        return new PriceExperiment(l11 * first, Math.Max(slope, DemandModel.SmallestSlope - demand.Slope));
    }

    /// <summary>SplitMix64's finaliser (Steele, Lea and Flood 2014).</summary>
    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>0 to below 1.</summary>
    private static double Unit(ulong bits) => (bits >> 11) * (1.0 / (1UL << 53));
}

namespace KnowledgePay.Decisions.Projections;

/// <summary>Decayed sums whose terms never have to be touched again.</summary>
/// <remarks>
/// Cormode, Shkapenyuk, Srivastava and Xu, "Forward decay: a practical time decay model for streaming systems", ICDE 2009: each happening at t counts
/// weight · 2^((t − landmark) ⁄ half-life) for good, and a reader divides the sum by 2^((now − landmark) ⁄ half-life). Additions commute, late ones included.
/// The landmark moves forward before the numbers grow out of a double; every sum is then scaled by the same power of two, so what is read stays what it was.
/// </remarks>
public static class ForwardDecay
{
    public const long DayHalfLife = TimeSpan.TicksPerDay;
    public const long FortnightHalfLife = 14 * TimeSpan.TicksPerDay;

    /// <summary>Distance from the landmark at which it is moved: 2^64 at the shorter half-life.</summary>
    public const long LandmarkReach = 64 * TimeSpan.TicksPerDay;

    /// <summary>2^((to − from) ⁄ half-life).</summary>
    public static double Growth(long fromTicks, long toTicks, long halfLifeTicks) =>
        double.Exp2((double)(toTicks - fromTicks) / halfLifeTicks);
}

/// <summary>How much each kind of effect says about present interest in a course.</summary>
public static class TrendWeights
{
    /// <summary>1 for a course taken, 0.5 more when it was ordered, 0.1 for a view, 0.2 for a price asked, a completion or a rating; 0 for all else.</summary>
    public static double Of(EffectKind kind) => kind switch
    {
        EffectKind.CourseViewed => 0.1,
        EffectKind.PriceQuoted => 0.2,
        EffectKind.CourseTaken => 1,
        EffectKind.OrderPlaced => 0.5,
        EffectKind.CourseCompleted => 0.2,
        EffectKind.CourseRated => 0.2,
        _ => 0,
    };
}

namespace KnowledgePay.Decisions.Profiles;

/// <summary>Exponential decay by half-life, in ticks.</summary>
public static class Decay
{
    public const long Hour = TimeSpan.TicksPerHour;
    public const long Day = TimeSpan.TicksPerDay;
    public const long Week = 7 * Day;
    public const long Month = 30 * Day;

    /// <summary>Of category and concept affinities.</summary>
    public const long AffinityHalfLife = 60 * Day;
    /// <summary>Of the taste vector.</summary>
    public const long TasteHalfLife = 45 * Day;
    /// <summary>Of the answers to prices.</summary>
    public const long PriceHalfLife = 90 * Day;
    /// <summary>Of the rolling payment risk.</summary>
    public const long RiskHalfLife = 30 * Day;

    /// <summary>2^(−elapsed ⁄ half-life), 0 to 1; 1 when nothing elapsed or time ran backwards.</summary>
    public static double Factor(long elapsedTicks, long halfLifeTicks) =>
        elapsedTicks <= 0 ? 1 : double.Exp2(-((double)elapsedTicks / halfLifeTicks));
}

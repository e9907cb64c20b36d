using KnowledgePay.Contracts;
using KnowledgePay.Decisions.Credit;
using KnowledgePay.Decisions.Profiles;

namespace KnowledgePay.Decisions.Segmentation;

/// <summary>What learned segments read of a person. The numbers are positions; the names (<see cref="SegmentFeatures.Names"/>) are what is stored.</summary>
public enum SegmentFeature : byte
{
    RecencyDays = 0,
    TenureDays,
    ActivityWeek,
    ActivityMonth,
    Views,
    CoursesOwned,
    CompletionRate,
    MeanProgress,
    Purchases,
    SpentYuan,
    RefundRate,
    PriceSensitivity,
    MeanDiscountBought,
    StarsMean,
    SentimentMean,
    OffersAccepted,
    AgeYears,
}

/// <summary>Reads the features of a person at a moment: the same where people are assigned and where segments are learned.</summary>
/// <remarks>Days, levels, counts and money are as ln(1 + x), so that a few heavy users do not make all distances. Neither gender, region, income nor anything of loans and risk is read: segments are for reports and offers.</remarks>
public static class SegmentFeatures
{
    /// <summary>The column of declared occupations, beside the numbers.</summary>
    public const string Occupation = "occupation";

    private static readonly string[] All = Array.ConvertAll(Enum.GetNames<SegmentFeature>(), n => char.ToLowerInvariant(n[0]) + n[1..]);

    public static int Count => All.Length;

    /// <summary>camelCase, by feature.</summary>
    public static IReadOnlyList<string> Names => All;

    /// <summary>Whether a person can have a segment: was seen, and lets their data be used so.</summary>
    public static bool CanHave(UserProfile profile) => profile.Consent.Personalisation && profile.LastSeenTicks > 0;

    /// <summary>Writes <see cref="Count"/> values; NaN where there is none.</summary>
    /// <exception cref="ArgumentException">The span is shorter than <see cref="Count"/>.</exception>
    public static void Read(UserProfile profile, DateTimeOffset now, CurrencyScale scale, Span<double> values)
    {
        if (values.Length < All.Length)
        {
            throw new ArgumentException($"Needs room for {All.Length} features, not {values.Length}.", nameof(values));
        }

        ActivityLevels activity = profile.CurrentActivity(now);
        int accepted = 0;
        foreach (ref readonly OfferMemory offer in profile.Offers.AsSpan())
        {
            accepted += offer.Accepted;
        }

        values[(int)SegmentFeature.RecencyDays] = Log(DaysSince(profile.LastSeenTicks, now));
        values[(int)SegmentFeature.TenureDays] = Log(DaysSince(profile.FirstSeenTicks, now));
        values[(int)SegmentFeature.ActivityWeek] = Log(activity.Week);
        values[(int)SegmentFeature.ActivityMonth] = Log(activity.Month);
        values[(int)SegmentFeature.Views] = Log(profile.Views);
        values[(int)SegmentFeature.CoursesOwned] = Log(profile.Shelf.Count);
        values[(int)SegmentFeature.CompletionRate] = profile.CompletionRate() ?? double.NaN;
        values[(int)SegmentFeature.MeanProgress] = profile.MeanProgress() ?? double.NaN;
        values[(int)SegmentFeature.Purchases] = Log(profile.Purchases);
        values[(int)SegmentFeature.SpentYuan] = Log((double)(CreditAttributes.SpentFen(profile, scale) / 100m));
        values[(int)SegmentFeature.RefundRate] = profile.Purchases > 0 ? Math.Min(1, (double)profile.Refunds / profile.Purchases) : double.NaN;
        values[(int)SegmentFeature.PriceSensitivity] = profile.PriceSensitivity(now);
        values[(int)SegmentFeature.MeanDiscountBought] = profile.MeanDiscountBought() ?? double.NaN;
        values[(int)SegmentFeature.StarsMean] = profile.Stars.Count > 0 ? profile.Stars.Mean : double.NaN;
        values[(int)SegmentFeature.SentimentMean] = profile.Sentiment.Count > 0 ? profile.Sentiment.Mean : double.NaN;
        values[(int)SegmentFeature.OffersAccepted] = Log(accepted);
        values[(int)SegmentFeature.AgeYears] = profile.Age(now) ?? double.NaN;
    }

    private static double Log(double value) => Math.Log(1 + Math.Max(0, value));

    private static double DaysSince(long ticks, DateTimeOffset now) => ticks == 0 ? 0 : Math.Max(0, now.UtcTicks - ticks) / (double)TimeSpan.TicksPerDay;
}

using KnowledgePay.Contracts;

namespace KnowledgePay.Decisions.Profiles;

/// <summary>The numeric features of a person. The numbers are positions; the names (<see cref="ProfileFeatures.Names"/>) are what is stored and never changes.</summary>
public enum ProfileFeature
{
    RecencyDays,
    TenureDays,
    ActivityHour,
    ActivityDay,
    ActivityWeek,
    ActivityMonth,
    Frequency30d,
    Views,
    Enrolments,
    CoursesOwned,
    Completions,
    CompletionRate,
    MeanProgress,
    Purchases,
    DaysSincePurchase,
    MonetaryMinor,
    Refunds,
    RefundRate,
    Chargebacks,
    PaymentsSucceeded,
    PaymentsFailed,
    PaymentsAbandoned,
    PaymentFailureRate,
    MeanLogPayment,
    DeviationLogPayment,
    PriceSensitivity,
    MeanDiscountSeen,
    MeanDiscountBought,
    FullPriceShare,
    RiskScore,
    Devices,
    Loans,
    InstallmentsPaid,
    InstallmentsMissed,
    WorstDaysLate,
    LoansDefaulted,
    Claims,
    OffersShown,
    OffersAccepted,
    OffersDeclined,
    SentimentMean,
    StarsMean,
    ViewSecondsMean,
    AgeYears,
    Followers,
    SocialNetworks,
    TasteNorm,
    MissingValues,
    OutlierValues,
}

/// <summary>Reads every feature of a person at a moment; for records, views and scorecards.</summary>
public static class ProfileFeatures
{
    private static readonly string[] All = Array.ConvertAll(Enum.GetNames<ProfileFeature>(), n => char.ToLowerInvariant(n[0]) + n[1..]);

    public static int Count => All.Length;

    /// <summary>camelCase, by feature.</summary>
    public static IReadOnlyList<string> Names => All;

    public static string NameOf(ProfileFeature feature) => All[(int)feature];

    /// <summary>Writes <see cref="Count"/> values; NaN where there is none (nothing happened, nothing was said).</summary>
    /// <remarks>
    /// <c>frequency30d</c> is the month level × ln 2: the events in 30 days of somebody who goes on at this rate. <c>monetaryMinor</c> is lifetime spend in the
    /// currency with the most, in minor units, and <c>meanLogPayment</c> the mean of ln(minor units + 1): features for comparing, not amounts to charge.
    /// </remarks>
    /// <exception cref="ArgumentException">The span is shorter than <see cref="Count"/>.</exception>
    public static void Read(UserProfile profile, DateTimeOffset now, Span<double> values)
    {
        if (values.Length < All.Length)
        {
            throw new ArgumentException($"Needs room for {All.Length} features, not {values.Length}.", nameof(values));
        }

        var to = new Writer(values);
        ReadActivity(profile, now, to);
        ReadMoney(profile, now, to);
        ReadContracts(profile, to);
        to[ProfileFeature.SentimentMean] = MeanOf(profile.Sentiment);
        to[ProfileFeature.StarsMean] = MeanOf(profile.Stars);
        to[ProfileFeature.ViewSecondsMean] = MeanOf(profile.ViewSeconds);
        to[ProfileFeature.AgeYears] = profile.Age(now) ?? double.NaN;
        to[ProfileFeature.Followers] = profile.SocialNetworks > 0 ? profile.Followers : double.NaN;
        to[ProfileFeature.SocialNetworks] = profile.SocialNetworks;
        to[ProfileFeature.TasteNorm] = profile.Taste is { } taste
            ? System.Numerics.Tensors.TensorPrimitives.Norm<float>(taste) * Decay.Factor(now.UtcTicks - profile.TasteTicks, Decay.TasteHalfLife)
            : double.NaN;
        to[ProfileFeature.MissingValues] = profile.MissingValues;
        to[ProfileFeature.OutlierValues] = profile.OutlierValues;
    }

    private static void ReadActivity(UserProfile profile, DateTimeOffset now, Writer to)
    {
        ActivityLevels activity = profile.CurrentActivity(now);
        to[ProfileFeature.RecencyDays] = DaysSince(profile.LastSeenTicks, now);
        to[ProfileFeature.TenureDays] = DaysSince(profile.FirstSeenTicks, now);
        to[ProfileFeature.ActivityHour] = activity.Hour;
        to[ProfileFeature.ActivityDay] = activity.Day;
        to[ProfileFeature.ActivityWeek] = activity.Week;
        to[ProfileFeature.ActivityMonth] = activity.Month;
        to[ProfileFeature.Frequency30d] = activity.Month * Math.Log(2);
        to[ProfileFeature.Views] = profile.Views;
        to[ProfileFeature.Enrolments] = profile.Enrolments;
        to[ProfileFeature.CoursesOwned] = profile.Shelf.Count;
        to[ProfileFeature.Completions] = profile.Completions;
        to[ProfileFeature.CompletionRate] = profile.CompletionRate() ?? double.NaN;
        to[ProfileFeature.MeanProgress] = profile.MeanProgress() ?? double.NaN;
    }

    private static void ReadMoney(UserProfile profile, DateTimeOffset now, Writer to)
    {
        to[ProfileFeature.Purchases] = profile.Purchases;
        to[ProfileFeature.DaysSincePurchase] = DaysSince(profile.LastPurchaseTicks, now);
        to[ProfileFeature.MonetaryMinor] = profile.LargestSpend() is { } spent ? spent.MinorUnits : double.NaN;
        to[ProfileFeature.Refunds] = profile.Refunds;
        to[ProfileFeature.RefundRate] = profile.Purchases > 0 ? Math.Min(1, (double)profile.Refunds / profile.Purchases) : double.NaN;
        to[ProfileFeature.Chargebacks] = profile.Chargebacks;
        to[ProfileFeature.PaymentsSucceeded] = profile.PaymentsSucceeded;
        to[ProfileFeature.PaymentsFailed] = profile.PaymentsFailed;
        to[ProfileFeature.PaymentsAbandoned] = profile.PaymentsAbandoned;
        to[ProfileFeature.PaymentFailureRate] = profile.PaymentFailureRate() ?? double.NaN;
        to[ProfileFeature.MeanLogPayment] = MeanOf(profile.LogPaymentAmount);
        to[ProfileFeature.DeviationLogPayment] = profile.LogPaymentAmount.Count > 1 ? profile.LogPaymentAmount.StandardDeviation : double.NaN;
        to[ProfileFeature.PriceSensitivity] = profile.PriceSensitivity(now);
        to[ProfileFeature.MeanDiscountSeen] = profile.MeanDiscountSeen() ?? double.NaN;
        to[ProfileFeature.MeanDiscountBought] = profile.MeanDiscountBought() ?? double.NaN;
        to[ProfileFeature.FullPriceShare] = profile.FullPriceShare() ?? double.NaN;
        to[ProfileFeature.RiskScore] = profile.CurrentRisk(now);
        to[ProfileFeature.Devices] = profile.Devices?.Length ?? 0;
    }

    private static void ReadContracts(UserProfile profile, Writer to)
    {
        int worst = -1;
        foreach (LoanState loan in profile.Loans ?? [])
        {
            worst = Math.Max(worst, loan.WorstDaysLate);
        }

        long shown = 0;
        long accepted = 0;
        long declined = 0;
        foreach (ref readonly OfferMemory offer in profile.Offers.AsSpan())
        {
            shown += offer.Shown;
            accepted += offer.Accepted;
            declined += offer.Declined;
        }

        to[ProfileFeature.Loans] = profile.Loans?.Length ?? 0;
        to[ProfileFeature.InstallmentsPaid] = profile.InstallmentsPaid;
        to[ProfileFeature.InstallmentsMissed] = profile.InstallmentsMissed;
        to[ProfileFeature.WorstDaysLate] = worst >= 0 ? worst : double.NaN;
        to[ProfileFeature.LoansDefaulted] = profile.LoansDefaulted;
        to[ProfileFeature.Claims] = profile.Claims;
        to[ProfileFeature.OffersShown] = shown;
        to[ProfileFeature.OffersAccepted] = accepted;
        to[ProfileFeature.OffersDeclined] = declined;
    }

    private static double DaysSince(long ticks, DateTimeOffset now) =>
        ticks == 0 ? double.NaN : Math.Max(0, now.UtcTicks - ticks) / (double)TimeSpan.TicksPerDay;

    private static double MeanOf(RunningMoments moments) => moments.Count == 0 ? double.NaN : moments.Mean;

    private readonly ref struct Writer(Span<double> values)
    {
        private readonly Span<double> _values = values;

        public double this[ProfileFeature feature]
        {
            set => _values[(int)feature] = value;
        }
    }
}

using KnowledgePay.Contracts.Events;
using KnowledgePay.Decisions.Credit;
using KnowledgePay.Decisions.Profiles;

namespace KnowledgePay.Decisions.Fraud;

/// <summary>What a fraud model reads of a payment and of who makes it. The numbers are positions; the names (<see cref="PaymentAttributes.Names"/>) are what is stored.</summary>
public enum PaymentAttribute : byte
{
    AmountYuan = 0,
    AmountDeviation,
    NewDevice,
    DevicesKnown,
    AttemptsLastHour,
    PaymentFailureRate,
    PaymentsSucceeded,
    Chargebacks,
    RefundRate,
    DaysSinceFirstSeen,
    DaysSincePurchase,
    ActivityWeek,
    CoursesOwned,
    InstallmentsMissed,
    LoansDefaulted,

    /// <summary>The way of paying, as its place among the model's names.</summary>
    Method,
}

/// <summary>Reads the attributes of a payment from the event and the profile as it was before it: the same when the payment comes in and when a model is learned from the journal.</summary>
/// <remarks>Contract data and plain counters only. Neither gender, age, region, occupation, education nor income, and no profiling that a person can refuse.</remarks>
public static class PaymentAttributes
{
    private static readonly string[] All = Array.ConvertAll(Enum.GetNames<PaymentAttribute>(), n => char.ToLowerInvariant(n[0]) + n[1..]);

    public static int Count => All.Length;

    /// <summary>camelCase, by attribute.</summary>
    public static IReadOnlyList<string> Names => All;

    /// <summary>By attribute: +1 when a higher value may only be riskier, −1 when it may only be safer, 0 for either.</summary>
    public static IReadOnlyList<int> Directions { get; } = [0, 1, 1, 0, 1, 1, -1, 1, 1, -1, 0, 0, -1, 1, 1, 0];

    /// <summary>Writes <see cref="Count"/> values; NaN where there is none.</summary>
    /// <param name="profile">As it was before the payment.</param>
    /// <param name="at">When the payment was attempted.</param>
    /// <param name="method">Place of the payment's method among the model's names.</param>
    /// <param name="scale">Brings amounts of different currencies to comparable ones.</param>
    /// <exception cref="ArgumentException">The span is shorter than <see cref="Count"/>.</exception>
    public static void Read(UserProfile profile, PaymentAttempted payment, DateTimeOffset at, double method, CurrencyScale scale, Span<double> values)
    {
        if (values.Length < All.Length)
        {
            throw new ArgumentException($"Needs room for {All.Length} attributes, not {values.Length}.", nameof(values));
        }

        long ticks = at.UtcTicks;
        bool hasAmount = payment.Amount.IsValidPrice;
        RunningMoments usual = profile.LogPaymentAmount;
        values[(int)PaymentAttribute.AmountYuan] = hasAmount ? (double)(scale.ToFen(payment.Amount) / 100m) : double.NaN;
        values[(int)PaymentAttribute.AmountDeviation] = hasAmount && usual.Count > 1
            ? (Math.Log(payment.Amount.MinorUnits + 1) - usual.Mean) / Math.Max(usual.StandardDeviation, ProfileFold.LeastLogAmountDeviation)
            : double.NaN;
        values[(int)PaymentAttribute.NewDevice] = string.IsNullOrEmpty(payment.DeviceId) || profile.Devices is not { } devices ? double.NaN
            : Array.IndexOf(devices, Profiles.StableHash.Of(payment.DeviceId)) < 0 ? 1 : 0;
        values[(int)PaymentAttribute.DevicesKnown] = profile.Devices?.Length ?? 0;
        values[(int)PaymentAttribute.AttemptsLastHour] = profile.PaymentVelocity * Decay.Factor(ticks - profile.PaymentVelocityTicks, Decay.Hour);
        values[(int)PaymentAttribute.PaymentFailureRate] = profile.PaymentFailureRate() ?? double.NaN;
        values[(int)PaymentAttribute.PaymentsSucceeded] = profile.PaymentsSucceeded;
        values[(int)PaymentAttribute.Chargebacks] = profile.Chargebacks;
        values[(int)PaymentAttribute.RefundRate] = profile.Purchases > 0 ? Math.Min(1, (double)profile.Refunds / profile.Purchases) : double.NaN;
        values[(int)PaymentAttribute.DaysSinceFirstSeen] = profile.FirstSeenTicks == 0 ? 0 : DaysSince(profile.FirstSeenTicks, ticks);
        values[(int)PaymentAttribute.DaysSincePurchase] = profile.LastPurchaseTicks == 0 ? double.NaN : DaysSince(profile.LastPurchaseTicks, ticks);
        values[(int)PaymentAttribute.ActivityWeek] = profile.CurrentActivity(at).Week;
        values[(int)PaymentAttribute.CoursesOwned] = profile.Shelf.Count;
        values[(int)PaymentAttribute.InstallmentsMissed] = profile.InstallmentsMissed;
        values[(int)PaymentAttribute.LoansDefaulted] = profile.LoansDefaulted;
        values[(int)PaymentAttribute.Method] = method;
    }

    private static double DaysSince(long then, long now) => Math.Max(0, now - then) / (double)TimeSpan.TicksPerDay;
}

using KnowledgePay.Decisions.Credit;
using KnowledgePay.Decisions.Profiles;

namespace KnowledgePay.Decisions.Premiums;

/// <summary>What expected claims are read from. The numbers are positions; the names (<see cref="PolicyAttributes.Names"/>) are what is stored.</summary>
public enum PolicyAttribute : byte
{
    ClaimsBefore = 0,
    RefundRate,
    FailedPaymentRate,
    MissedInstallmentRate,
    CompletionRate,
    MeanPurchaseYuan,
}

/// <summary>Reads a person's attributes at a moment: the same where a premium is quoted and where premiums are learned.</summary>
/// <remarks>
/// Money is as ln(1 + yuan). Loyalty, devices and visits may never raise a price, so that nothing of how long, how often or on what somebody was here is read; gender, age, region, occupation, education and
/// income are not read either.
/// </remarks>
public static class PolicyAttributes
{
    /// <summary>The column of insured products, beside the numbers: <c>partner/product</c>.</summary>
    public const string Product = "product";

    private static readonly string[] All = Array.ConvertAll(Enum.GetNames<PolicyAttribute>(), n => char.ToLowerInvariant(n[0]) + n[1..]);

    public static int Count => All.Length;

    /// <summary>camelCase, by attribute.</summary>
    public static IReadOnlyList<string> Names => All;

    /// <summary>Writes <see cref="Count"/> values; NaN where there is none.</summary>
    /// <exception cref="ArgumentException">The span is shorter than <see cref="Count"/>.</exception>
    public static void Read(UserProfile profile, CurrencyScale scale, Span<double> values)
    {
        if (values.Length < All.Length)
        {
            throw new ArgumentException($"Needs room for {All.Length} attributes, not {values.Length}.", nameof(values));
        }

        values[(int)PolicyAttribute.ClaimsBefore] = profile.Claims;
        values[(int)PolicyAttribute.RefundRate] = Rate(profile.Refunds, profile.Purchases);
        values[(int)PolicyAttribute.FailedPaymentRate] = Rate(profile.PaymentsFailed, (long)profile.PaymentsFailed + profile.PaymentsSucceeded);
        values[(int)PolicyAttribute.MissedInstallmentRate] = Rate(profile.InstallmentsMissed, (long)profile.InstallmentsMissed + profile.InstallmentsPaid);
        values[(int)PolicyAttribute.CompletionRate] = profile.CompletionRate() ?? double.NaN;
        values[(int)PolicyAttribute.MeanPurchaseYuan] = profile.Purchases > 0 ? Math.Log(1 + (double)(CreditAttributes.SpentFen(profile, scale) / 100m / profile.Purchases)) : double.NaN;
    }

    private static double Rate(long part, long whole) => whole > 0 ? Math.Min(1, (double)part / whole) : double.NaN;
}

using KnowledgePay.Contracts;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Rules;

namespace KnowledgePay.Decisions.Credit;

/// <summary>Reads the scorecard's attributes from a profile.</summary>
public static class CreditAttributes
{
    private const double DaysAMonth = 365.25 / 12;

    /// <summary>One value an attribute, NaN where there is none.</summary>
    public static double[] Read(in CreditContext context) => Read(context.Decision.Profile, context.Standing.Risk, context.Decision.Now, context.Policy.Scale);

    /// <summary>The same of a profile at a moment, for learning from what was known then.</summary>
    /// <param name="risk">Rolling payment risk at that moment.</param>
    public static double[] Read(UserProfile profile, float risk, DateTimeOffset now, CurrencyScale scale)
    {
        long payments = (long)profile.PaymentsSucceeded + profile.PaymentsFailed;
        double[] values = new double[CreditScorecard.AttributeCount];
        values[(int)CreditAttribute.MonthsSinceFirstSeen] = MonthsSinceFirstSeen(profile, now);
        values[(int)CreditAttribute.Purchases] = profile.Purchases;
        values[(int)CreditAttribute.SpentYuan] = (double)(SpentFen(profile, scale) / 100m);
        values[(int)CreditAttribute.PaymentFailureRate] = payments > 0 ? (double)profile.PaymentsFailed / payments : double.NaN;
        values[(int)CreditAttribute.Chargebacks] = profile.Chargebacks;
        values[(int)CreditAttribute.RefundRate] = profile.Purchases > 0 ? (double)profile.Refunds / profile.Purchases : double.NaN;
        values[(int)CreditAttribute.RollingRisk] = risk;
        values[(int)CreditAttribute.InstallmentsPaid] = LoanBook.Paid(profile);
        values[(int)CreditAttribute.InstallmentsMissed] = LoanBook.Missed(profile);
        values[(int)CreditAttribute.LoansDefaulted] = LoanBook.Defaults(profile);
        values[(int)CreditAttribute.CompletionRate] = RuleFeatures.CompletionRateOf(profile);
        values[(int)CreditAttribute.ActivityMonth] = RuleFeatures.ActivityMonthOf(profile, now);
        values[(int)CreditAttribute.OpenExposureYuan] = (double)(OutstandingFen(profile, scale) / 100m);
        values[(int)CreditAttribute.DisposableIncomeYuan] = IncomeBands.MonthlyDisposableFen(profile.IncomeBand) is { } fen ? (double)(fen / 100m) : double.NaN;
        return values;
    }

    /// <summary>0 for somebody never seen.</summary>
    public static double MonthsSinceFirstSeen(UserProfile profile, DateTimeOffset now) =>
        profile.FirstSeenTicks == 0 ? 0 : Math.Max(0, (now.UtcTicks - profile.FirstSeenTicks) / (double)TimeSpan.TicksPerDay / DaysAMonth);

    /// <summary>Lifetime spend on the policy's scale; currencies that the scale does not know count nothing.</summary>
    public static decimal SpentFen(UserProfile profile, CurrencyScale scale)
    {
        decimal sum = 0;
        foreach (Money money in profile.Spent ?? [])
        {
            sum += scale.Knows(money.Currency) ? Math.Max(0, scale.ToFen(money)) : 0;
        }

        return sum;
    }

    /// <summary>What is left of all principals; a currency that the scale does not know counts as yuan.</summary>
    public static decimal OutstandingFen(UserProfile profile, CurrencyScale scale)
    {
        decimal sum = 0;
        foreach (LoanState loan in profile.Loans ?? [])
        {
            sum += scale.ToFen(LoanBook.Outstanding(loan));
        }

        return sum;
    }
}

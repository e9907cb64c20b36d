using System.Collections.Immutable;
using System.Globalization;
using KnowledgePay.Decisions.Reasons;

namespace KnowledgePay.Decisions.Credit;

/// <summary>What the scorecard reads of a person. Amounts are on the policy's scale (<see cref="CurrencyScale"/>).</summary>
public enum CreditAttribute : byte
{
    MonthsSinceFirstSeen = 0,
    Purchases,
    SpentYuan,
    PaymentFailureRate,
    Chargebacks,
    RefundRate,
    RollingRisk,
    InstallmentsPaid,
    InstallmentsMissed,
    LoansDefaulted,
    CompletionRate,
    ActivityMonth,
    OpenExposureYuan,
    DisposableIncomeYuan,
}

/// <summary>Points for values below a bound (and at or above the bound of the bin before).</summary>
public readonly record struct ScoreBin(double Below, int Points);

/// <summary>One row of the scorecard.</summary>
public sealed class ScoreAttribute
{
    public required CreditAttribute Attribute { get; init; }
    /// <summary>The name in decision records.</summary>
    public required string Name { get; init; }
    /// <summary>The reason that is named when too many points are lost here.</summary>
    public required string ReasonCode { get; init; }
    /// <summary>Ascending; the last is unbounded.</summary>
    public required ImmutableArray<ScoreBin> Bins { get; init; }
    /// <summary>Points when there is no value.</summary>
    public required int MissingPoints { get; init; }

    public int LargestPoints => Math.Max(MissingPoints, Bins.Max(b => b.Points));

    /// <summary>Points for a value; NaN is a missing one.</summary>
    public int PointsOf(double value) => double.IsNaN(value) ? MissingPoints : Bins[BinOf(value)].Points;

    /// <summary>The bin's bounds in words.</summary>
    public string Describe(double value)
    {
        if (double.IsNaN(value))
        {
            return "missing";
        }

        int bin = BinOf(value);
        string from = bin == 0 ? "" : Bins[bin - 1].Below.ToString(CultureInfo.InvariantCulture) + " <= ";
        string to = bin == Bins.Length - 1 ? "" : " < " + Bins[bin].Below.ToString(CultureInfo.InvariantCulture);
        return $"{from}{Name}{to}";
    }

    private int BinOf(double value)
    {
        int bin = 0;
        while (bin < Bins.Length - 1 && value >= Bins[bin].Below)
        {
            bin++;
        }

        return bin;
    }
}

/// <summary>A points scorecard: points by attribute, added up. <see cref="V1"/> is an expert's; others are learned from how loans went.</summary>
/// <remarks>
/// Scale (Siddiqi, <i>Credit Risk Scorecards</i>, 2006, ch. 6): 30 good to 1 bad at 600 points, and the odds double every 40 points; PD = 1/(1 + odds). Gender, region, education, occupation and age are not in it.
/// </remarks>
public sealed class CreditScorecard
{
    public const int AttributeCount = (int)CreditAttribute.DisposableIncomeYuan + 1;

    /// <summary>Points at which <see cref="OddsAtBase"/> loans go well for one that does not.</summary>
    public const int BaseScore = 600;

    /// <inheritdoc cref="BaseScore"/>
    public const int OddsAtBase = 30;

    /// <summary>Points that double the odds.</summary>
    public const int PointsToDouble = 40;

    private const double Last = double.PositiveInfinity;

    /// <summary>Version 1, by judgement: what decides until there are outcomes to learn from.</summary>
    public static readonly CreditScorecard V1 = new("expert-1", 341,
    [
        Row(CreditAttribute.MonthsSinceFirstSeen, "monthsSinceFirstSeen", ReasonCodes.CreditShortHistory, 0, (1, 0), (3, 8), (12, 20), (24, 30), (Last, 36)),
        Row(CreditAttribute.Purchases, "purchases", ReasonCodes.CreditFewPurchases, 0, (1, 0), (3, 10), (10, 20), (Last, 28)),
        Row(CreditAttribute.SpentYuan, "spentYuan", ReasonCodes.CreditLowSpend, 0, (100, 0), (1_000, 8), (5_000, 16), (Last, 22)),
        Row(CreditAttribute.PaymentFailureRate, "paymentFailureRate", ReasonCodes.CreditPaymentFailures, 14, (0.05, 30), (0.2, 20), (0.5, 8), (Last, 0)),
        Row(CreditAttribute.Chargebacks, "chargebacks", ReasonCodes.CreditChargebacks, 30, (1, 30), (2, 5), (Last, 0)),
        Row(CreditAttribute.RefundRate, "refundRate", ReasonCodes.CreditRefunds, 8, (0.05, 14), (0.2, 8), (Last, 0)),
        Row(CreditAttribute.RollingRisk, "rollingRisk", ReasonCodes.CreditPaymentRisk, 20, (0.1, 45), (0.2, 34), (0.35, 20), (0.5, 8), (Last, 0)),
        Row(CreditAttribute.InstallmentsPaid, "installmentsPaid", ReasonCodes.CreditNoLoanHistory, 10, (1, 10), (6, 18), (12, 26), (Last, 32)),
        Row(CreditAttribute.InstallmentsMissed, "installmentsMissed", ReasonCodes.CreditMissedPayments, 40, (1, 40), (2, 14), (3, 4), (Last, 0)),
        Row(CreditAttribute.LoansDefaulted, "loansDefaulted", ReasonCodes.CreditLoanDefaulted, 40, (1, 40), (Last, 0)),
        Row(CreditAttribute.CompletionRate, "completionRate", ReasonCodes.CreditLowCompletion, 4, (0.1, 2), (0.3, 6), (0.6, 10), (Last, 14)),
        Row(CreditAttribute.ActivityMonth, "activityMonth", ReasonCodes.CreditLowActivity, 2, (1, 2), (5, 6), (20, 10), (Last, 12)),
        Row(CreditAttribute.OpenExposureYuan, "openExposureYuan", ReasonCodes.CreditOpenExposure, 18, (1_000, 18), (5_000, 12), (20_000, 5), (Last, 0)),
        Row(CreditAttribute.DisposableIncomeYuan, "disposableIncomeYuan", ReasonCodes.CreditIncome, 8, (1_500, 4), (3_000, 10), (6_000, 16), (Last, 22)),
    ]);

    /// <param name="basePoints">What everybody starts with.</param>
    /// <param name="attributes">One row for each <see cref="CreditAttribute"/>, in its order.</param>
    public CreditScorecard(string version, int basePoints, ImmutableArray<ScoreAttribute> attributes)
    {
        if (attributes.Length != AttributeCount || attributes.Where((a, i) => (int)a.Attribute != i).Any())
        {
            throw new ArgumentException("Expected one row for each attribute, in order.", nameof(attributes));
        }

        Version = version;
        BasePoints = basePoints;
        Attributes = attributes;
    }

    public string Version { get; }

    public int BasePoints { get; }

    public ImmutableArray<ScoreAttribute> Attributes { get; }

    /// <summary>Score of a person; <paramref name="points"/> receives what each attribute gave.</summary>
    /// <param name="values">One value an attribute; NaN for a missing one.</param>
    public int Score(ReadOnlySpan<double> values, Span<int> points)
    {
        int score = BasePoints;
        for (int i = 0; i < Attributes.Length; i++)
        {
            points[i] = Attributes[i].PointsOf(values[i]);
            score += points[i];
        }

        return score;
    }

    /// <summary>Probability of default, 0 to 1.</summary>
    public static double ProbabilityOfDefault(int score) => 1 / (1 + (OddsAtBase * Math.Pow(2, (score - BaseScore) / (double)PointsToDouble)));

    private static ScoreAttribute Row(CreditAttribute attribute, string name, string reason, int missing, params ReadOnlySpan<(double Below, int Points)> bins)
    {
        var all = ImmutableArray.CreateBuilder<ScoreBin>(bins.Length);
        foreach ((double below, int points) in bins)
        {
            all.Add(new ScoreBin(below, points));
        }

        return new() { Attribute = attribute, Name = name, ReasonCode = reason, MissingPoints = missing, Bins = all.MoveToImmutable() };
    }
}

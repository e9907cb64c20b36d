namespace KnowledgePay.Decisions.Profiles;

/// <summary>The rolling payment risk: 0 for nothing seen, towards 1 with each bad sign, halved by every 30 quiet days.</summary>
/// <remarks>
/// A sign of weight w takes the score r to r + w·(1 − r) (a noisy-or, so that it never passes 1); a good sign takes r to r·g.
/// A sign that arrives late weighs as much as it would by now.
/// <list type="table">
/// <item><term>default on a loan</term><description>0.60</description></item>
/// <item><term>chargeback</term><description>0.50</description></item>
/// <item><term>missed instalment</term><description>0.15, and 0.25 from 30 days late</description></item>
/// <item><term>velocity</term><description>0.10 for each attempt beyond about 4 in an hour</description></item>
/// <item><term>failed payment</term><description>0.08</description></item>
/// <item><term>device that never paid before, when others did</term><description>0.05</description></item>
/// <item><term>abandoned payment, refund</term><description>0.03</description></item>
/// <item><term>successful payment</term><description>r × 0.85</description></item>
/// <item><term>instalment paid</term><description>r × 0.90</description></item>
/// </list>
/// Expert weights. Where a learned fraud model scored a payment (<see cref="Fraud.FraudModel"/>), its score stands for the signs of velocity, device, failure and abandonment: the rolling risk is at
/// least that score, and decays from there. What others tell later (chargebacks, refunds, instalments, defaults) goes on to count as above.
/// </remarks>
public static class PaymentRisk
{
    public const float Defaulted = 0.60f;
    public const float ChargedBack = 0.50f;
    public const float Missed = 0.15f;
    public const float MissedLong = 0.25f;
    public const float Velocity = 0.10f;
    public const float Failed = 0.08f;
    public const float NewDevice = 0.05f;
    public const float Abandoned = 0.03f;
    public const float Refunded = 0.03f;

    public const float AfterSuccess = 0.85f;
    public const float AfterInstallment = 0.90f;

    /// <summary>Decayed attempts (half-life one hour) above which another attempt is a sign.</summary>
    public const float VelocityThreshold = 4f;

    /// <summary>Days late from which a missed instalment weighs more.</summary>
    public const int LongDaysLate = 30;

    /// <summary>The score at a moment, 0 to 1.</summary>
    public static float At(UserProfile profile, long nowTicks) =>
        (float)(profile.RiskScore * Decay.Factor(nowTicks - profile.RiskTicks, Decay.RiskHalfLife));

    internal static void Raise(UserProfile profile, long ticks, float weight)
    {
        weight *= Settle(profile, ticks);
        profile.RiskScore = Math.Clamp(profile.RiskScore + (weight * (1 - profile.RiskScore)), 0f, 1f);
    }

    /// <summary>A learned score of a payment: the rolling risk is no lower.</summary>
    internal static void AtLeast(UserProfile profile, long ticks, float score)
    {
        score *= Settle(profile, ticks);
        profile.RiskScore = Math.Max(profile.RiskScore, Math.Clamp(score, 0f, 1f));
    }

    internal static void Ease(UserProfile profile, long ticks, float factor)
    {
        Settle(profile, ticks);
        profile.RiskScore *= factor;
    }

    private static float Settle(UserProfile profile, long ticks)
    {
        if (ticks <= profile.RiskTicks)
        {
            return (float)Decay.Factor(profile.RiskTicks - ticks, Decay.RiskHalfLife);
        }

        profile.RiskScore = At(profile, ticks);
        profile.RiskTicks = ticks;
        return 1;
    }
}

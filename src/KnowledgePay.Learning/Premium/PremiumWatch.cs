using KnowledgePay.Decisions.Premiums;
using KnowledgePay.Learning.Risk;

namespace KnowledgePay.Learning.Premium;

/// <summary>A policy and what was claimed under it.</summary>
/// <param name="To">When its cover ended, or up to when claims are known.</param>
/// <param name="Values">What was known of the holder when it began.</param>
/// <param name="Claims">When, and of how many yuan.</param>
public sealed record WatchedPolicy(DateTimeOffset From, DateTimeOffset To, double[] Values, string Product, IReadOnlyList<(DateTimeOffset At, double Yuan)> Claims);

/// <summary>Whether claims came as a model expects them, on cover that it did not learn from.</summary>
/// <param name="Policies">In force at any time since it learned.</param>
/// <param name="Years">Of cover since.</param>
/// <param name="Expected">Claims, by the model.</param>
/// <param name="Observed">Claims that came.</param>
/// <param name="Deviation">(Observed − Expected) in standard deviations; claims scatter more than Poisson's by Pearson's dispersion where it is above 1.</param>
/// <param name="ExpectedYuan">What they cost, by the model.</param>
/// <param name="ObservedYuan">What they cost.</param>
/// <param name="CostDeviation">Likewise, the variance being the sum of the squared amounts, at least one of the mean size for each expected claim.</param>
public sealed record PremiumFinding(int Policies, double Years, double Expected, int Observed, double Deviation, double ExpectedYuan, double ObservedYuan, double CostDeviation);

/// <summary>How a model of claims does since it learned.</summary>
public sealed record PremiumWatch(PremiumFinding? Balance, IReadOnlyList<DriftFinding> Drift, IReadOnlyList<WatchAlarm> Alarms)
{
    /// <summary>Claims cost more or less than the model says, beyond chance.</summary>
    public const string Unbalanced = "unbalanced";

    /// <summary>All alarms.</summary>
    public static IReadOnlyList<string> Codes { get; } = [OutcomeWatch.Miscalibrated, Unbalanced, OutcomeWatch.Shifted];

    private const double DaysOfYear = 365.25;
    private const double AlarmingDeviation = 3;
    private const double LeastExpected = 5;
    private const double NegligibleGap = 0.1;

    /// <param name="expected">What a year of a policy's cover costs by the model that serves.</param>
    /// <param name="terms">Of the window, how long after it happened a claim may be reported, nothing is read: the policies end where claims are known.</param>
    public static PremiumWatch Of(IReadOnlyList<WatchedPolicy> policies, Func<WatchedPolicy, LoadedPremium> expected, IReadOnlyList<string> attributes, WatchTerms terms)
    {
        PremiumFinding? balance = Balanced(policies, expected, terms.Learned);
        IReadOnlyList<DriftFinding> drift = PopulationDrift.Between(
            [.. policies.Where(one => terms.IsKnown(one.From))], [.. policies.Where(one => terms.IsRecent(one.From))], OutcomeWatch.FewestCompared,
            one => expected(one).Pure, [.. attributes.Select(name => (name, 0))], (one, i) => one.Values[i]);
        return new PremiumWatch(balance, drift, [.. AlarmsOf(balance, drift)]);
    }

    private static PremiumFinding? Balanced(IReadOnlyList<WatchedPolicy> policies, Func<WatchedPolicy, LoadedPremium> expected, DateTimeOffset? learned)
    {
        double years = 0, claims = 0, pearson = 0, yuan = 0, paid = 0, squares = 0;
        int held = 0, came = 0;
        foreach (WatchedPolicy policy in policies)
        {
            DateTimeOffset from = learned > policy.From ? learned.Value : policy.From;
            double cover = (policy.To - from).TotalDays / DaysOfYear;
            if (!(cover > 0))
            {
                continue;
            }

            LoadedPremium premium = expected(policy);
            double mean = premium.Frequency * cover;
            int own = 0;
            foreach ((DateTimeOffset at, double amount) in policy.Claims)
            {
                if (at > from)
                {
                    own++;
                    paid += amount;
                    squares += amount * amount;
                }
            }

            held++;
            years += cover;
            claims += mean;
            came += own;
            yuan += premium.Pure * cover;
            pearson += mean > 0 ? (own - mean) * (own - mean) / mean : 0;
        }

        if (held == 0)
        {
            return null;
        }

        double size = claims > 0 ? yuan / claims : 0;
        double variance = claims * Math.Max(1, pearson / held), cost = Math.Max(squares, claims * size * size);
        return new PremiumFinding(
            held, years, claims, came, variance > 0 ? (came - claims) / Math.Sqrt(variance) : 0, yuan, paid, cost > 0 ? (paid - yuan) / Math.Sqrt(cost) : 0);
    }

    private static IEnumerable<WatchAlarm> AlarmsOf(PremiumFinding? balance, IReadOnlyList<DriftFinding> drift)
    {
        if (balance is { } one && Math.Max(one.Expected, one.Observed) >= LeastExpected)
        {
            if (IsOff(one.Deviation, one.Observed, one.Expected))
            {
                yield return new WatchAlarm(OutcomeWatch.Miscalibrated, FormattableString.Invariant($"{one.Observed} claims came where {one.Expected:F1} were expected ({one.Deviation:+0.0;-0.0} standard deviations)."));
            }

            if (IsOff(one.CostDeviation, one.ObservedYuan, one.ExpectedYuan))
            {
                yield return new WatchAlarm(Unbalanced, FormattableString.Invariant($"Claims cost {one.ObservedYuan:F0} yuan where {one.ExpectedYuan:F0} were expected ({one.CostDeviation:+0.0;-0.0} standard deviations)."));
            }
        }

        if (drift.FirstOrDefault(found => found.Name == PopulationDrift.Score && found.Verdict == DriftVerdict.Shifted) is { } shifted)
        {
            yield return new WatchAlarm(OutcomeWatch.Shifted, FormattableString.Invariant($"Who takes insurance has changed: the expected cost's population stability index is {shifted.Index:F2}."));
        }
    }

    private static bool IsOff(double deviation, double observed, double expected) =>
        Math.Abs(deviation) > AlarmingDeviation && Math.Abs(observed - expected) > NegligibleGap * expected;
}

using KnowledgePay.Decisions.Premiums;
using KnowledgePay.Learning.Premium;
using KnowledgePay.Learning.Risk;

namespace KnowledgePay.Learning.Tests.Premium;

public sealed class PremiumWatchTests
{
    private const double Frequency = 0.4;
    private const double MeanClaim = 900;

    private static readonly DateTimeOffset Now = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Learned = Now.AddDays(-200);
    private static readonly WatchTerms Terms = new(Now, Learned, TimeSpan.Zero, TimeSpan.FromDays(60), null);

    [Fact]
    public void Claims_that_come_as_expected_raise_no_alarm_and_only_cover_since_the_model_learned_counts()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            // What was claimed before it learned is another matter altogether.
            PremiumWatch watch = Watch([.. Policies(seed, 400, -400, Frequency * 20, until: Learned), .. Policies(seed, 600, -150, Frequency)]);
            Assert.Empty(watch.Alarms);
            Assert.Equal(600, watch.Balance!.Policies);
            Assert.InRange(watch.Balance.Deviation, -4, 4);
            Assert.Equal(watch.Balance.Years * Frequency, watch.Balance.Expected, 1e-6);
            Assert.Equal(watch.Balance.Expected * MeanClaim, watch.Balance.ExpectedYuan, 1e-3);
        }
    }

    [Fact]
    public void More_claims_and_dearer_ones_are_told_apart()
    {
        PremiumWatch more = Watch(Policies(1, 600, -150, 2 * Frequency));
        Assert.Equal([OutcomeWatch.Miscalibrated, PremiumWatch.Unbalanced], more.Alarms.Select(alarm => alarm.Code));
        Assert.True(more.Balance!.Deviation > 3, more.Balance.ToString());
        PremiumWatch dearer = Watch(Policies(2, 600, -150, Frequency, size: 3));
        Assert.Equal([PremiumWatch.Unbalanced], dearer.Alarms.Select(alarm => alarm.Code));
        PremiumWatch fewer = Watch(Policies(3, 600, -150, Frequency / 3));
        Assert.Contains(OutcomeWatch.Miscalibrated, fewer.Alarms.Select(alarm => alarm.Code));
        Assert.True(fewer.Balance!.Deviation < -3 && fewer.Balance.CostDeviation < -3, fewer.Balance.ToString());
    }

    [Fact]
    public void Other_holders_than_it_learned_from_are_reported_and_few_are_not_compared()
    {
        WatchedPolicy[] then = Policies(4, 300, -350, Frequency, value: 1), now = Policies(5, 300, -50, Frequency, value: 2);
        PremiumWatch shifted = Watch([.. then, .. now]);
        Assert.Contains(OutcomeWatch.Shifted, shifted.Alarms.Select(alarm => alarm.Code));
        Assert.Equal([PopulationDrift.Score, "holder"], shifted.Drift.Select(one => one.Name));
        Assert.Empty(Watch([.. then, .. now.Take(50)]).Drift);
    }

    [Fact]
    public void Without_cover_since_there_is_nothing_to_say()
    {
        Assert.Null(Watch([]).Balance);
        Assert.Null(Watch(Policies(6, 10, -400, Frequency, until: Learned)).Balance);
    }

    private static PremiumWatch Watch(IReadOnlyList<WatchedPolicy> policies) => PremiumWatch.Of(
        policies, policy => new LoadedPremium(Frequency * Math.Max(1, policy.Values[0]), MeanClaim, Frequency * Math.Max(1, policy.Values[0]) * MeanClaim, 0, 0, 0), ["holder"], Terms);

    /// <summary>Half a year of cover each, from about a day on, with so many claims a year.</summary>
    private static WatchedPolicy[] Policies(int seed, int count, int day, double frequency, double size = 1, double value = 0, DateTimeOffset? until = null)
    {
        var random = new Random(seed);
        var policies = new WatchedPolicy[count];
        for (int i = 0; i < count; i++)
        {
            DateTimeOffset from = Now.AddDays(day + (10 * random.NextDouble())), end = until ?? (from.AddDays(180) < Now ? from.AddDays(180) : Now);
            var claims = new List<(DateTimeOffset, double)>();
            for (double at = Wait(); at < (end - from).TotalDays; at += Wait())
            {
                claims.Add((from.AddDays(at), size * MeanClaim * (0.5 + random.NextDouble())));
            }

            policies[i] = new WatchedPolicy(from, end, [value + random.NextDouble()], "p/cover", claims);
        }

        return policies;

        double Wait() => -Math.Log(1 - random.NextDouble()) * 365.25 / frequency;
    }
}

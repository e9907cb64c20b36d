using CsCheck;
using KnowledgePay.Learning.Fairness;

namespace KnowledgePay.Learning.Tests.Fairness;

public sealed class MitigationTests
{
    private static readonly string[] Names = ["a", "b", "c"];

    [Fact]
    public void Among_reweighed_rows_the_outcome_does_not_depend_on_the_group() => Gen.ULong.Sample(seed =>
    {
        (int[] groups, bool[] positive, _) = World(3_000, seed);
        byte[] outcomes = [.. positive.Select(one => one ? (byte)1 : (byte)0)];
        (int[] rows, IReadOnlyList<CellWeight> weights) = Reweighing.Sample(groups, Names, outcomes, seed);
        Assert.Equal(rows, rows.Distinct().Order());
        double all = rows.Average(row => outcomes[row]);
        foreach (IGrouping<int, int> group in rows.GroupBy(row => groups[row]))
        {
            // To within a row of each outcome.
            Assert.InRange(group.Average(row => outcomes[row]) - all, -4.0 / group.Count(), 4.0 / group.Count());
        }

        // A group's share of the rows stays what it was, and no more is left out than must be: one cell is whole.
        Assert.All(Enumerable.Range(0, 3), g => Assert.InRange(
            ((double)rows.Count(row => groups[row] == g) / rows.Length) - ((double)groups.Count(one => one == g) / groups.Length), -0.01, 0.01));
        Assert.Contains(weights, weight => weight.Kept >= weight.Rows - 1);
        Assert.All(weights, weight => Assert.Equal(weight.Rows, groups.Where((g, row) => Names[g] == weight.Group && positive[row] == weight.Positive).Count()));
        // Where nothing depends on the group, nothing is left out.
        Assert.Equal(400, Reweighing.Sample([.. Enumerable.Range(0, 400).Select(i => i % 2)], Names, [.. Enumerable.Range(0, 400).Select(i => (byte)(i / 2 % 2))], seed).Rows.Length);
    }, iter: 30);

    [Fact]
    public void Thresholds_by_group_meet_the_target_and_favour_as_many_as_before() =>
        Gen.Select(Gen.ULong, Gen.Double[0.5, 1.0], Gen.Bool).Sample((seed, target, parity) =>
        {
            (int[] groups, bool[] positive, double[] scores) = World(3_000, seed);
            var decisions = new AuditedDecisions([.. scores.Select(score => score >= 0.55)], positive, scores);
            ThresholdMitigation found = GroupThresholds.Find("g", groups, Names, decisions, parity ? MitigationGoal.Parity : MitigationGoal.Opportunity, target)!;
            // Rates move in steps of a person.
            Assert.True(found.RatioAfter >= Math.Min(target, 0.985) - 1e-9, $"{found.RatioAfter} after, {target} asked");
            if (found.RatioBefore >= target)
            {
                Assert.Equal((0, 0.0, found.AccuracyBefore), (found.Changed, found.Step, found.AccuracyAfter));
            }

            if (parity)
            {
                Assert.InRange(found.SelectionRateAfter - found.SelectionRateBefore, -0.003, 0.003);
            }

            foreach (GroupThreshold group in found.Groups)
            {
                int[] rows = [.. Enumerable.Range(0, groups.Length).Where(row => Names[groups[row]] == group.Group)];
                Assert.Equal(group.Rows, rows.Length);
                Assert.Equal((double)rows.Count(row => scores[row] >= group.Threshold) / rows.Length, group.SelectionRateAfter, 12);
                Assert.Equal(rows.Count(row => scores[row] >= group.Threshold != decisions.Favourable[row]), group.Changed);
            }

            Assert.Equal(found.Changed, found.Groups.Sum(group => group.Changed));
        }, iter: 60);

    [Fact]
    public void A_nearer_target_costs_no_less()
    {
        (int[] groups, bool[] positive, double[] scores) = World(20_000, seed: 3);
        var decisions = new AuditedDecisions([.. scores.Select(score => score >= 0.55)], positive, scores);
        int changed = 0;
        foreach (double target in (double[])[0.5, 0.8, 0.9, 1.0])
        {
            ThresholdMitigation found = GroupThresholds.Find("g", groups, Names, decisions, MitigationGoal.Parity, target)!;
            Assert.True(found.Changed >= changed);
            changed = found.Changed;
        }

        Assert.True(changed > 0);
    }

    [Fact]
    public void Equal_scores_stand_or_fall_together_and_one_group_is_none_to_compare()
    {
        double[] scores = [.. Enumerable.Repeat(0.4, 60), .. Enumerable.Repeat(0.6, 40), .. Enumerable.Repeat(0.6, 100)];
        int[] groups = [.. Enumerable.Repeat(0, 100), .. Enumerable.Repeat(1, 100)];
        bool[] positive = [.. Enumerable.Range(0, 200).Select(i => i % 2 == 0)];
        var decisions = new AuditedDecisions([.. scores.Select(score => score > 0.5)], positive, scores);
        ThresholdMitigation found = GroupThresholds.Find("g", groups, Names, decisions, MitigationGoal.Parity, 1)!;
        Assert.All(found.Groups, group => Assert.True(group.SelectionRateAfter is 0 or 0.4 or 1));
        Assert.Null(GroupThresholds.Find("g", new int[200], Names, decisions, MitigationGoal.Parity, 1));
        Assert.Throws<ArgumentException>(() => GroupThresholds.Find("g", groups, Names, decisions with { Scores = null }, MitigationGoal.Parity, 1));
    }

    /// <summary>Three groups of different sizes and rates; a score that tells of the outcome.</summary>
    private static (int[] Groups, bool[] Positive, double[] Scores) World(int rows, ulong seed)
    {
        var random = new Random((int)(seed % int.MaxValue));
        double[] rate = [0.7, 0.5, 0.35];
        int[] groups = [.. Enumerable.Range(0, rows).Select(_ => random.Next(10) switch { < 5 => 0, < 8 => 1, _ => 2 })];
        bool[] positive = [.. groups.Select(group => random.NextDouble() < rate[group])];
        double[] scores = [.. positive.Select((one, row) => (0.5 * random.NextDouble()) + (one ? 0.35 : 0.15) + (0.1 * rate[groups[row]]))];
        return (groups, positive, scores);
    }
}

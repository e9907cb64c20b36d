using System.Globalization;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.OffPolicy;

namespace KnowledgePay.Learning.Tests.OffPolicy;

public sealed class PolicyEvaluationTests(ITestOutputHelper output)
{
    private static readonly double[] Reward = [0.1, 0.3, 0.6];
    private static readonly double[] Logging = [0.6, 0.3, 0.1];

    [Fact]
    public void Every_estimator_finds_the_value_that_is_known_by_construction()
    {
        using var folder = new TemporaryFolder();
        DecisionLog log = Made(folder, 20_000);
        PolicyEvaluation found = PolicyEvaluation.Of(log, TargetPolicy.Of("uniform", log, "a", CancellationToken.None), 30, 1);
        double value = Reward.Average();
        foreach (PolicyValue estimate in (PolicyValue[])[found.InversePropensity, found.SelfNormalised, found.DirectMethod!.Value, found.DoublyRobust!.Value])
        {
            Assert.Equal(value, estimate.Value, 0.03);
            Assert.InRange(value, estimate.Low - 0.01, estimate.High + 0.01);
        }

        Assert.Equal(1, found.MeanWeight, 0.05);
        // Σ p·w² = Σ (1/9)/p over actions, its inverse is the share of rows that count.
        double share = 1 / Logging.Sum(p => 1 / 9.0 / p);
        Assert.Equal(share * 20_000, found.EffectiveSampleSize, 0.05 * 20_000);
    }

    [Fact]
    public void The_logging_policy_is_worth_exactly_the_mean_reward()
    {
        using var folder = new TemporaryFolder();
        DecisionLog log = Made(folder, 1_000);
        PolicyEvaluation found = PolicyEvaluation.Of(log, TargetPolicy.Of("logging", log, "a", CancellationToken.None), 30, 1);
        Assert.Equal(found.LoggingValue, found.InversePropensity.Value);
        Assert.Equal(found.LoggingValue, found.SelfNormalised.Value);
        Assert.Equal(found.LoggingValue, found.DoublyRobust!.Value.Value);
        Assert.Equal(1_000, found.EffectiveSampleSize);
    }

    [Fact]
    public void An_effective_sample_size_of_a_handful_is_refused()
    {
        using var folder = new TemporaryFolder();
        string log = "a,r,p\n" + string.Concat(Enumerable.Range(0, 500).Select(i => $"x,{i % 2},0.99\n")) + "y,1,0.01\ny,0,0.01\n";
        DecisionLog read = DecisionLog.Read(folder.Write("l.csv", log), "a", "r", "p", [], CancellationToken.None);
        TargetPolicy policy = TargetPolicy.Of(folder.Write("p.csv", "action,probability\nx,0\ny,1\n"), read, "a", CancellationToken.None);
        WorkFailedException refused = Assert.Throws<WorkFailedException>(() => PolicyEvaluation.Of(read, policy, 30, 1));
        Assert.Contains("effective sample size of 2.0", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_policy_may_depend_on_the_context_or_be_given_row_by_row()
    {
        using var folder = new TemporaryFolder();
        DecisionLog log = Made(folder, 3_000, "c");
        TargetPolicy byContext = TargetPolicy.Of(folder.Write("p.csv", "c,action,probability\nu,0,1\nv,2,1\n"), log, "a", CancellationToken.None);
        PolicyEvaluation found = PolicyEvaluation.Of(log, byContext, 30, 1);
        Assert.Equal((Reward[0] + Reward[2]) / 2, found.SelfNormalised.Value, 0.1);

        string byRow = "row,action,probability\n" + string.Concat(Enumerable.Range(0, log.Rows).Select(row => $"{row},{(row % 2 == 0 ? 0 : 2)},1\n"));
        PolicyEvaluation same = PolicyEvaluation.Of(log, TargetPolicy.Of(folder.Write("r.csv", byRow), log, "a", CancellationToken.None), 30, 1);
        Assert.Equal(found.InversePropensity.Value, same.InversePropensity.Value);

        string taken = "probability\n" + string.Concat(Enumerable.Range(0, log.Rows).Select(row => (log.Actions[log.Action[row]] == (row % 2 == 0 ? "0" : "2") ? "1" : "0") + "\n"));
        PolicyEvaluation alone = PolicyEvaluation.Of(log, TargetPolicy.Of(folder.Write("t.csv", taken), log, "a", CancellationToken.None), 30, 1);
        Assert.Equal(found.InversePropensity.Value, alone.InversePropensity.Value);
        Assert.Null(alone.DoublyRobust);
    }

    [Theory]
    [InlineData("a,r,p\nx,1,0\n", ":2:5:")]
    [InlineData("a,r,p\nx,1,0.5\ny,,0.5\n", ":3:3:")]
    [InlineData("a,r,p\nx,good,0.5\n", ":2:3:")]
    public void A_log_that_cannot_be_is_refused_with_its_place(string text, string place)
    {
        using var folder = new TemporaryFolder();
        InputException refused = Assert.Throws<InputException>(() => DecisionLog.Read(folder.Write("l.csv", text), "a", "r", "p", [], CancellationToken.None));
        Assert.Contains(place, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Probabilities_that_do_not_add_up_are_refused()
    {
        using var folder = new TemporaryFolder();
        DecisionLog log = Made(folder, 100);
        Assert.Throws<InputException>(() => TargetPolicy.Of(folder.Write("p.csv", "action,probability\n0,0.5\n1,0.3\n"), log, "a", CancellationToken.None));
        Assert.Throws<InputException>(() => TargetPolicy.Of(folder.Write("q.csv", "action,probability\n0,0.5\nnever,0.5\n"), log, "a", CancellationToken.None));
    }

    [Fact]
    public void In_the_open_bandit_data_the_random_policy_is_worth_exactly_its_mean_click()
    {
        DecisionLog log = DecisionLog.Read(SharedData.File("bandit-zozo/random-men.csv.gz"), "item_id", "click", "propensity_score", ["position"], TestContext.Current.CancellationToken);
        PolicyEvaluation found = PolicyEvaluation.Of(log, TargetPolicy.Of("uniform", log, "item_id", CancellationToken.None), 30, 1);
        output.WriteLine($"IPS {found.InversePropensity.Value}, mean click {log.Reward.Average()}");
        Assert.Equal(log.Reward.Average(), found.InversePropensity.Value);
        DecisionLog sampled = DecisionLog.Read(SharedData.File("bandit-zozo/bts-women.csv.gz"), "item_id", "click", "propensity_score", [], TestContext.Current.CancellationToken);
        Assert.Throws<WorkFailedException>(() => PolicyEvaluation.Of(sampled, TargetPolicy.Of("uniform", sampled, "item_id", CancellationToken.None), 30, 1));
    }

    private static DecisionLog Made(TemporaryFolder folder, int rows, params string[] context)
    {
        var random = new Random(7);
        var text = new System.Text.StringBuilder("a,r,p,c\n");
        for (int i = 0; i < rows; i++)
        {
            double draw = random.NextDouble();
            int action = draw < Logging[0] ? 0 : draw < Logging[0] + Logging[1] ? 1 : 2;
            text.Append(CultureInfo.InvariantCulture, $"{action},{(random.NextDouble() < Reward[action] ? 1 : 0)},{Logging[action]},{(i % 2 == 0 ? 'u' : 'v')}\n");
        }

        return DecisionLog.Read(folder.Write($"log{rows}.csv", text.ToString()), "a", "r", "p", context, CancellationToken.None);
    }
}

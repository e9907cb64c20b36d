using KnowledgePay.Decisions.Premiums;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.ModelFiles;
using KnowledgePay.Learning.Premium;
using KnowledgePay.Learning.Tables;

namespace KnowledgePay.Learning.Tests.Premium;

public sealed class PolicyPremiumsTests
{
    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("auto")]
    [InlineData("glm")]
    [InlineData("boosted")]
    public void Who_claims_more_costs_more_and_one_is_quoted_what_the_table_says(string algorithm)
    {
        PolicyCase[] policies = Policies(3_000, 4);
        LearnedPolicyPremiums learned = PolicyPremiums.Train(policies, algorithm, 1, null, Ending);
        Assert.InRange(learned.DevianceRatio, 0.5, 0.97);
        IPremiumModel served = PolicyPremiums.Serving(learned.Model, "m/1");
        LoadedPremium careful = served.Of(Values(0, 0), "p/gadget"), careless = served.Of(Values(2, 0.5), "p/gadget");
        Assert.InRange(careless.Frequency / careful.Frequency, 2, 9);
        Assert.Equal(careful.Pure, careful.Frequency * careful.MeanClaim, 1e-9);
        double charged = careful.Pure + careful.Safety + careful.Expenses + careful.Profit;
        Assert.Equal(learned.Model.Loading.Charged(careful.Pure), charged, 1e-9);
        Assert.InRange(served.Of(Values(0, 0), "p/laptop").MeanClaim / careful.MeanClaim, 2, 6);
        Assert.True(served.Of(Values(0, 0), "never/seen").Frequency > 0);

        // One by one as all at once.
        string[] products = ["p/gadget", "p/laptop"];
        var columns = new List<TableColumn>();
        for (int attribute = 0; attribute < PolicyAttributes.Count; attribute++)
        {
            columns.Add(new NumericColumn(PolicyAttributes.Names[attribute], [.. policies.Select(one => one.Values[attribute])]));
        }

        columns.Add(new CategoricalColumn(PolicyAttributes.Product, [.. policies.Select(one => Array.IndexOf(products, one.Product))], products));
        var table = new Table("t", policies.Length, columns);
        double[] frequency = learned.Model.Frequency(table), claim = learned.Model.MeanClaim(table);
        for (int row = 0; row < policies.Length; row += 7)
        {
            LoadedPremium one = served.Of(policies[row].Values, policies[row].Product);
            Assert.Equal(frequency[row], one.Frequency, 1e-12);
            Assert.Equal(claim[row], one.MeanClaim, 1e-9 * claim[row]);
        }
    }

    [Fact]
    public void Groups_are_looked_at_and_the_portfolio_is_in_balance()
    {
        PolicyCase[] policies = Policies(2_000, 9);
        LearnedPolicyPremiums learned = PolicyPremiums.Train(policies, "glm", 1, null, Ending);
        Assert.Equal(["female", "male"], learned.Groups.Select(group => group.Name));
        Assert.All(learned.Groups, group => Assert.InRange(group.Expected / group.Observed, 0.8, 1.25));
        double claims = policies.Sum(policy => policy.Claims);
        IPremiumModel served = PolicyPremiums.Serving(learned.Model, "m/1");
        Assert.Equal(claims, policies.Sum(policy => served.Of(policy.Values, policy.Product).Frequency * policy.Years), 1e-6 * claims);
    }

    [Fact]
    public void Too_few_claims_and_a_model_of_other_columns_are_refused()
    {
        Assert.Contains("too little", Assert.Throws<InputException>(() => PolicyPremiums.Train(Policies(40, 1), "auto", 1, null, Ending)).Message, StringComparison.Ordinal);
        Assert.Contains("too little", Assert.Throws<InputException>(() => PolicyPremiums.Train([], "auto", 1, null, Ending)).Message, StringComparison.Ordinal);
        var table = new Table("t", 400, [
            new NumericColumn("age", [.. Enumerable.Range(0, 400).Select(i => (double)(i % 50))]),
            new NumericColumn("claims", [.. Enumerable.Range(0, 400).Select(i => i % 4 == 0 ? 1.0 : 0)]),
            new NumericColumn("years", [.. Enumerable.Repeat(1.0, 400)]),
        ]);
        PremiumModel other = PremiumTrainer.Train(table, new PremiumSettings { Claims = "claims", Exposure = "years", Algorithm = "glm" }, null, Ending).Model;
        Assert.Contains("'age'", Assert.Throws<InputException>(() => PolicyPremiums.Serving(other, "m/1")).Message, StringComparison.Ordinal);
    }

    /// <summary>Claims a year grow with earlier claims and refunds; laptops cost four times as much as gadgets; men and women claim alike.</summary>
    private static PolicyCase[] Policies(int count, int seed)
    {
        var random = new Random(seed);
        var policies = new PolicyCase[count];
        for (int i = 0; i < count; i++)
        {
            int before = random.Next(3);
            double refunds = random.Next(2) / 2.0, years = 0.2 + (0.8 * random.NextDouble());
            bool laptop = random.Next(3) == 0;
            double expected = years * 0.25 * Math.Exp((0.6 * before) + (0.8 * refunds));
            int claims = 0;
            for (double p = Math.Exp(-expected), u = random.NextDouble(), sum = p; u > sum && claims < 20; sum += p)
            {
                p *= expected / ++claims;
            }

            double yuan = claims * (laptop ? 400 : 100) * (0.5 + random.NextDouble());
            policies[i] = new PolicyCase(Values(before, refunds), laptop ? "p/laptop" : "p/gadget", years, claims, yuan, [("gender", i % 2 == 0 ? "female" : "male")]);
        }

        return policies;
    }

    private static double[] Values(int before, double refunds)
    {
        double[] values = new double[PolicyAttributes.Count];
        Array.Fill(values, double.NaN);
        values[(int)PolicyAttribute.ClaimsBefore] = before;
        values[(int)PolicyAttribute.RefundRate] = refunds;
        return values;
    }
}

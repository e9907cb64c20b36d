using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using KnowledgePay.Learning.BoostedTrees;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Premium;
using KnowledgePay.Learning.Tables;

namespace KnowledgePay.Learning.Tests.Premium;

public sealed class PremiumTests(ITestOutputHelper output)
{
    [Fact]
    public void The_portfolio_keeps_its_balance_and_risks_are_told_apart()
    {
        using var folder = new TemporaryFolder();
        Table table = Portfolio(folder);
        (PremiumModel model, JsonObject report) = PremiumTrainer.Train(table, Settings(), null, TestContext.Current.CancellationToken);
        double[] frequency = model.Frequency(table);
        NumericColumn claims = table.RequireNumeric("claims", "");
        NumericColumn exposure = table.RequireNumeric("exposure", "");
        double expected = Enumerable.Range(0, table.Rows).Sum(row => frequency[row] * exposure[row]);
        Assert.Equal(Enumerable.Range(0, table.Rows).Sum(row => claims[row]), expected, 1e-6);
        Assert.True(report["validation"]!["devianceRatio"]!.GetValue<double>() < 0.97, report["validation"]!.ToJsonString());
        var area = (CategoricalColumn)table.Require("area", "");
        double risky = Enumerable.Range(0, table.Rows).Where(row => area.Text(row) == "city").Average(row => frequency[row]);
        double calm = Enumerable.Range(0, table.Rows).Where(row => area.Text(row) == "country").Average(row => frequency[row]);
        Assert.InRange(risky / calm, 1.6, 2.6);
    }

    [Fact]
    public void A_stored_model_answers_as_the_trained_one_and_the_same_seed_gives_the_same_bytes()
    {
        using var folder = new TemporaryFolder();
        Table table = Portfolio(folder, amounts: true);
        (PremiumModel model, _) = PremiumTrainer.Train(table, Settings() with { Amount = "amount" }, null, TestContext.Current.CancellationToken);
        model.Write(folder.File("a"));
        PremiumTrainer.Train(table, Settings() with { Amount = "amount" }, null, TestContext.Current.CancellationToken).Model.Write(folder.File("b"));
        Assert.Equal(File.ReadAllBytes(Path.Combine(folder.File("a"), "model.bin")), File.ReadAllBytes(Path.Combine(folder.File("b"), "model.bin")));
        PremiumModel read = PremiumModel.Read(folder.File("a"));
        Assert.Equal(model.Frequency(table), read.Frequency(table));
        Assert.Equal(model.MeanClaim(table), read.MeanClaim(table));
    }

    [Fact]
    public void Severity_finds_the_mean_claim_and_the_charged_premium_is_the_sum_of_its_parts()
    {
        using var folder = new TemporaryFolder();
        Table table = Portfolio(folder, amounts: true);
        (PremiumModel model, JsonObject report) = PremiumTrainer.Train(table, Settings() with { Amount = "amount", Algorithm = "glm" }, null, TestContext.Current.CancellationToken);
        var area = (CategoricalColumn)table.Require("area", "");
        double[] claim = model.MeanClaim(table);
        Assert.Equal(1_000.0, Enumerable.Range(0, table.Rows).Where(row => area.Text(row) == "city").Average(row => claim[row]), 120.0);
        Assert.Equal(500.0, Enumerable.Range(0, table.Rows).Where(row => area.Text(row) == "country").Average(row => claim[row]), 90.0);
        JsonNode parts = report["premium"]!["perUnitOfExposure"]!;
        double Part(string name) => parts[name]!.GetValue<double>();
        Assert.Equal(Part("charged"), Part("pure") + Part("safety") + Part("expenses") + Part("profit"), 1e-3);
    }

    [Fact]
    public void A_missing_value_and_a_name_never_seen_have_a_frequency()
    {
        using var folder = new TemporaryFolder();
        (PremiumModel model, _) = PremiumTrainer.Train(Portfolio(folder), Settings(), null, TestContext.Current.CancellationToken);
        Table odd = TableReader.Read(folder.Write("odd.csv", "age,area,amount\n,moon,0\n50,,0\n"), model.Options);
        Assert.All(model.Frequency(odd), frequency => Assert.InRange(frequency, 0.001, 5));
        InputException missing = Assert.Throws<InputException>(() => TableReader.Read(folder.Write("less.csv", "age\n5\n"), model.Options));
        Assert.Contains("area", missing.Message, StringComparison.Ordinal);
        InputException text = Assert.Throws<InputException>(() => TableReader.Read(folder.Write("text.csv", "age,area,amount\n30,city,0\nold,city,0\n"), model.Options));
        Assert.Contains(":3:1:", text.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-1,1", ":52:1:")]
    [InlineData("0,0", ":52:3:")]
    [InlineData("many,1", "no number")]
    public void Claims_and_exposures_that_cannot_be_are_refused_with_their_place(string last, string says)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("p.csv", "claims,exposure,age\n" + string.Concat(Enumerable.Range(0, 50).Select(i => $"{i % 2},1,{i}\n")) + last + ",7\n");
        InputException refused = Assert.Throws<InputException>(() => PremiumTrainer.Train(TableReader.Read(path), Settings()));
        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Boosting_with_two_derivatives_fits_a_step()
    {
        double[] x = [.. Enumerable.Range(0, 200).Select(i => (double)i)];
        BinnedTable table = BinnedTable.Learn(new Table("t", 200, [new NumericColumn("x", x)]), ["x"], 50, new double[200], new double[200], 1);
        double[] wanted = [.. x.Select(v => v <= 60 ? 1.0 : 3.0)];
        var settings = new BoostingSettings { Rounds = 60, Depth = 2, LearningRate = 0.3, LeastWeight = 1, Ridge = 0, RowShare = 1, FeatureShare = 1 };
        double[] score = new double[200];
        TreeSum trees = TreeBooster.Fit(table, settings, score, [.. Enumerable.Range(0, 200)], (s, g, h) =>
        {
            for (int i = 0; i < 200; i++)
            {
                (g[i], h[i]) = (s[i] - wanted[i], 1);
            }
        }, null, TestContext.Current.CancellationToken);
        double[] sum = trees.Sum(table);
        for (int i = 0; i < 200; i++)
        {
            Assert.Equal(wanted[i], sum[i], 1e-3);
            Assert.Equal(score[i], sum[i], 1e-9);
        }
    }

    [Fact]
    public void Motor_policies_are_told_apart_as_a_regression_with_bins_does()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("policies.csv");
        // One policy in eight, capped as the field does.
        File.WriteAllLines(path, SharedData.Lines("insurance-fremtpl2/policies.csv.gz").Where((_, i) => i == 0 || i % 8 == 0));
        Table table = TableReader.Read(path, new TableOptions { Drop = ["IDpol"] }, TestContext.Current.CancellationToken);
        PremiumSettings settings = Settings() with { Claims = "ClaimNb", Exposure = "Exposure", MostClaims = 4, MostExposure = 1, Algorithm = "glm" };
        (_, JsonObject report) = PremiumTrainer.Train(table, settings, null, TestContext.Current.CancellationToken);
        double ratio = report["validation"]!["devianceRatio"]!.GetValue<double>();
        output.WriteLine($"deviance ratio {ratio:F4}");
        Assert.True(ratio < 0.965, $"{ratio:F4}");
    }

    private static PremiumSettings Settings() => new() { Claims = "claims", Exposure = "exposure" };

    private static Table Portfolio(TemporaryFolder folder, bool amounts = false)
    {
        var random = new Random(4);
        var text = new StringBuilder("claims,exposure,age,area,amount\n");
        for (int i = 0; i < 6_000; i++)
        {
            int age = random.Next(18, 80);
            bool city = random.Next(2) == 0;
            double exposure = 0.1 + (0.9 * random.NextDouble());
            double mean = exposure * 0.3 * (city ? 2 : 1) * (age < 25 ? 2 : 1);
            int claims = 0;
            for (double left = Math.Exp(-mean), p = random.NextDouble(); p > left && claims < 10; claims++)
            {
                p -= left;
                left *= mean / (claims + 1);
            }

            double amount = Enumerable.Range(0, claims).Sum(_ => (city ? 1_000 : 500) * (0.5 + random.NextDouble()));
            text.Append(CultureInfo.InvariantCulture, $"{claims},{exposure},{age},{(city ? "city" : "country")},{amount}\n");
        }

        string path = folder.File("portfolio.csv");
        File.WriteAllText(path, text.ToString());
        return TableReader.Read(path, new TableOptions { Drop = amounts ? [] : ["amount"] });
    }
}

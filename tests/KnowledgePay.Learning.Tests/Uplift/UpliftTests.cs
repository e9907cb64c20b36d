using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Tables;
using KnowledgePay.Learning.Uplift;

namespace KnowledgePay.Learning.Tests.Uplift;

public sealed class UpliftTests(ITestOutputHelper output)
{
    [Fact]
    public void Qini_is_the_area_between_the_gain_curve_and_the_straight_line()
    {
        // In order of score: treated who buys, control who does not, treated who does not, control who buys.
        double[] score = [4, 3, 2, 1];
        bool[] treated = [true, false, true, false];
        double[] outcome = [1, 0, 0, 1];
        // q after each quarter: none yet of control, (1 − 0)/2, (1 − 0)/2, (1 − 1)/2; trapezoids 0, 0.0625, 0.125, 0.0625; the line ends at 0.
        Assert.Equal(0.25, QiniCurve.Coefficient(score, treated, outcome), 12);
        Assert.Equal(0, QiniCurve.Coefficient([1, 1, 1, 1], treated, outcome), 12);
        Assert.Equal(1, QiniCurve.At(0.5, score, treated, outcome), 12);
    }

    [Fact]
    public void An_effect_that_depends_on_a_column_is_found_and_ranked()
    {
        using var folder = new TemporaryFolder();
        Table table = Trial(folder, "t.csv", (x, _) => 0.3 * x);
        (UpliftModel model, JsonObject report) = UpliftTrainer.Train(table, Settings(), null, TestContext.Current.CancellationToken);
        double[] uplift = model.Predict(table);
        var x = (NumericColumn)table.Require("x", "");
        double high = Enumerable.Range(0, table.Rows).Where(row => x[row] > 0.8).Average(row => uplift[row]);
        double low = Enumerable.Range(0, table.Rows).Where(row => x[row] < 0.2).Average(row => uplift[row]);
        Assert.InRange(high - low, 0.1, 0.35);
        Assert.True(report["validation"]!["separable"]!.GetValue<bool>(), report["validation"]!.ToJsonString());
        model.Write(folder.File("m"));
        Assert.Equal(uplift, UpliftModel.Read(folder.File("m")).Predict(table));
    }

    [Fact]
    public void An_effect_that_is_the_same_for_all_is_said_not_to_be_separable()
    {
        using var folder = new TemporaryFolder();
        (_, JsonObject report) = UpliftTrainer.Train(Trial(folder, "t.csv", (_, _) => 0.1), Settings(), null, TestContext.Current.CancellationToken);
        Assert.False(report["validation"]!["separable"]!.GetValue<bool>());
        Assert.StartsWith("nothing separable", report["validation"]!["conclusion"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(0.1, report["dataQuality"]!["averageEffect"]!.GetValue<double>(), 0.05);
    }

    [Fact]
    public void A_column_that_is_known_only_afterwards_is_suspected()
    {
        using var folder = new TemporaryFolder();
        (_, JsonObject report) = UpliftTrainer.Train(Trial(folder, "t.csv", (_, _) => 0.1, leak: true), Settings(), null, TestContext.Current.CancellationToken);
        Assert.Equal("spend", Assert.Single(report["dataQuality"]!["leakageSuspects"]!.AsArray())!.GetValue<string>());
    }

    [Theory]
    [InlineData("t,y,x\n0,1,1\n2,0,2\n", ":3:1:")]
    [InlineData("t,y,x\na,1,1\nb,0,2\n", "--control")]
    [InlineData("t,y,x\nno mail,1,1\na,0,2\nb,0,2\n", "--treated")]
    [InlineData("t,y,x\n0,1,1\n1,0,2\n", "at least 30 of each")]
    public void A_table_that_is_no_trial_is_refused(string text, string says)
    {
        using var folder = new TemporaryFolder();
        Table table = TableReader.Read(folder.Write("t.csv", text));
        Assert.Contains(says, Assert.Throws<InputException>(() => UpliftTrainer.Train(table, Settings())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void In_the_email_trial_the_womens_mailing_separates_visitors()
    {
        using var folder = new TemporaryFolder();
        string path = SharedData.File("uplift-hillstrom/emails.csv.gz");
        Table table = TableReader.Read(path, new TableOptions { Drop = ["conversion", "spend"], Numeric = ["visit"] }, TestContext.Current.CancellationToken);
        UpliftSettings settings = Settings() with { Treatment = "segment", Outcome = "visit", Control = "No E-Mail", Treated = "Womens E-Mail" };
        (_, JsonObject report) = UpliftTrainer.Train(table, settings, null, TestContext.Current.CancellationToken);
        output.WriteLine(report["validation"]!.ToJsonString());
        Assert.True(report["validation"]!["separable"]!.GetValue<bool>());
        Assert.True(report["validation"]!["qini"]!["value"]!.GetValue<double>() > 0.5);
    }

    private static UpliftSettings Settings() => new() { Treatment = "t", Outcome = "y" };

    private static Table Trial(TemporaryFolder folder, string name, Func<double, double, double> effect, bool leak = false)
    {
        var random = new Random(3);
        var text = new StringBuilder(leak ? "t,y,x,z,spend\n" : "t,y,x,z\n");
        for (int i = 0; i < 4_000; i++)
        {
            double x = random.NextDouble();
            double z = random.NextDouble();
            bool treated = random.Next(2) == 0;
            int y = random.NextDouble() < 0.1 + (0.2 * z) + (treated ? effect(x, z) : 0) ? 1 : 0;
            text.Append(CultureInfo.InvariantCulture, $"{(treated ? 1 : 0)},{y},{x},{z}");
            text.Append(leak ? string.Create(CultureInfo.InvariantCulture, $",{(y == 1 && random.Next(2) == 0 ? random.Next(1, 90) : 0)}\n") : "\n");
        }

        return TableReader.Read(folder.Write(name, text.ToString()));
    }
}

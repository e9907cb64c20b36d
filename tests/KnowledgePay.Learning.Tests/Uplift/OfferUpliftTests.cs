using KnowledgePay.Decisions.Offers;
using KnowledgePay.Decisions.Segmentation;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.ModelFiles;
using KnowledgePay.Learning.Tables;
using KnowledgePay.Learning.Uplift;

namespace KnowledgePay.Learning.Tests.Uplift;

public sealed class OfferUpliftTests
{
    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public void Who_gains_by_an_offer_is_told_from_who_does_not_and_one_is_scored_as_the_table_says()
    {
        OfferCase[] cases = Cases(3_000, 5, 0.4);
        LearnedOfferUplift learned = OfferUplift.Train(cases, 1, null, Ending);
        Assert.True(learned.QiniLow > 0, learned.Report.ToJsonString());
        Assert.Equal(0.2, learned.AverageEffect, 0.05);
        IOfferUplift served = OfferUplift.Serving(learned.Model, "auto/1");
        Assert.True(served.Of(Values(4, 30), "p/pass") > served.Of(Values(0, 30), "p/pass") + 0.1);

        // One by one as all at once.
        string[] products = ["p/cover", "p/pass"];
        var columns = new List<TableColumn>();
        for (int feature = 0; feature < SegmentFeatures.Count; feature++)
        {
            columns.Add(new NumericColumn(SegmentFeatures.Names[feature], [.. cases.Select(one => one.Values[feature])]));
        }

        columns.Add(new CategoricalColumn("product", [.. cases.Select(one => Array.IndexOf(products, one.Product))], products));
        double[] all = learned.Model.Predict(new Table("t", cases.Length, columns));
        for (int row = 0; row < cases.Length; row += 3)
        {
            Assert.Equal(Math.Clamp(all[row], -1, 1), served.Of(cases[row].Values, cases[row].Product), 1e-9);
        }

        Assert.True(double.IsFinite(served.Of(Values(2, 30), "never/seen")));
    }

    [Fact]
    public void Where_nobody_gains_more_than_another_it_says_so()
    {
        LearnedOfferUplift learned = OfferUplift.Train(Cases(2_000, 8, 0), 1, null, Ending);
        Assert.True(learned.QiniLow <= 0, learned.Report.ToJsonString());
    }

    [Fact]
    public void Age_does_not_enter()
    {
        // Age alone decides who gains: nothing may be made of it.
        var random = new Random(2);
        OfferCase[] cases = [.. Enumerable.Range(0, 1_500).Select(i =>
        {
            double[] values = Values(random.Next(5), 18 + random.Next(50));
            bool shown = random.Next(2) == 0;
            return new OfferCase(values, "p/pass", shown, random.NextDouble() < (shown && values[(int)SegmentFeature.AgeYears] > 40 ? 0.9 : 0.1));
        })];
        IOfferUplift served = OfferUplift.Serving(OfferUplift.Train(cases, 1, null, Ending).Model, "auto/1");
        Assert.Equal(served.Of(Values(2, 20), "p/pass"), served.Of(Values(2, 60), "p/pass"));
    }

    [Fact]
    public void One_arm_alone_and_a_model_of_other_columns_are_refused()
    {
        Assert.Throws<InputException>(() => OfferUplift.Train([.. Cases(500, 1, 0.4).Where(one => one.Shown)], 1, null, Ending));
        var table = new Table("t", 400, [
            new NumericColumn("age", [.. Enumerable.Range(0, 400).Select(i => (double)(i % 50))]),
            new NumericColumn("shown", [.. Enumerable.Range(0, 400).Select(i => (double)(i % 2))]),
            new NumericColumn("bought", [.. Enumerable.Range(0, 400).Select(i => i % 3 == 0 ? 1.0 : 0)]),
        ]);
        UpliftModel other = UpliftTrainer.Train(table, new UpliftSettings { Treatment = "shown", Outcome = "bought" }, null, Ending).Model;
        Assert.Contains("'age'", Assert.Throws<InputException>(() => OfferUplift.Serving(other, "m/1")).Message, StringComparison.Ordinal);
    }

    /// <summary>One in five buys anyway; of who views much so many more do when the offer is shown.</summary>
    private static OfferCase[] Cases(int count, int seed, double gain)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            int views = random.Next(5);
            bool shown = random.Next(2) == 0;
            double probability = 0.2 + (shown ? gain * views / 4 : 0);
            return new OfferCase(Values(views, 18 + random.Next(50)), random.Next(2) == 0 ? "p/pass" : "p/cover", shown, random.NextDouble() < probability);
        })];
    }

    private static double[] Values(double views, double age)
    {
        double[] values = new double[SegmentFeatures.Count];
        Array.Fill(values, double.NaN);
        values[(int)SegmentFeature.Views] = views;
        values[(int)SegmentFeature.AgeYears] = age;
        return values;
    }
}

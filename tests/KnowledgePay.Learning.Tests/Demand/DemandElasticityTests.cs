using System.Globalization;
using KnowledgePay.Learning.Demand;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Tables;

namespace KnowledgePay.Learning.Tests.Demand;

public sealed class DemandElasticityTests
{
    [Fact]
    public void Orange_juice_has_its_published_elasticity_within_brands()
    {
        Table table = TableReader.Read(SharedData.File("price-oj/sales.csv"));
        (DemandElasticity model, _) = DemandElasticity.Learn(table, "price", "sales", ["brand"]);
        Assert.Equal(-3.138691, Math.Round(model.Elasticity, 6));
    }

    [Fact]
    public void A_groups_level_does_not_count_and_the_elasticity_made_is_found()
    {
        using var folder = new TemporaryFolder();
        DemandElasticity model = Learn(folder, out _);
        Assert.Equal(-2, model.Elasticity, 0.05);
        Assert.All(model.Groups, group => Assert.Equal(-2, group.Elasticity, 0.2));
        model.Write(folder.File("m"));
        Assert.Equal(model.Groups, DemandElasticity.Read(folder.File("m")).Groups);
    }

    [Theory]
    [InlineData("p,q,g\n1,2,a\n0,2,a\n", ":3:1:")]
    [InlineData("p,q,g\n1,2,a\n2,,a\n", ":3:3:")]
    [InlineData("p,q,g\n1,2,a\n1,3,a\n2,4,b\n", "never changes within a group")]
    public void Prices_that_cannot_teach_are_refused(string text, string says)
    {
        using var folder = new TemporaryFolder();
        Table table = TableReader.Read(folder.Write("t.csv", text));
        Assert.Contains(says, Assert.Throws<InputException>(() => DemandElasticity.Learn(table, "p", "q", ["g"])).Message, StringComparison.Ordinal);
    }

    private static DemandElasticity Learn(TemporaryFolder folder, out Table table)
    {
        var random = new Random(1);
        var text = new System.Text.StringBuilder("p,q,g\n");
        for (int i = 0; i < 3_000; i++)
        {
            int group = i % 12;
            // Dear groups sell more: across groups the sign is the other way.
            double price = Math.Exp(group + (0.3 * random.NextDouble()));
            text.Append(CultureInfo.InvariantCulture, $"{price},{Math.Exp((5 * group) - (2 * Math.Log(price)) + (0.1 * random.NextDouble()))},g{group}\n");
        }

        table = TableReader.Read(folder.Write("d.csv", text.ToString()));
        return DemandElasticity.Learn(table, "p", "q", ["g"]).Model;
    }
}

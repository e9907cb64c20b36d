using System.Globalization;
using System.Text;
using KnowledgePay.Decisions.Scoring;
using KnowledgePay.Learning.Risk;
using KnowledgePay.Learning.Tables;

namespace KnowledgePay.Learning.Tests.Risk;

/// <summary>A table whose truth is known: two numbers of which one is bent, a category, missing values, noise.</summary>
internal static class KnownRisk
{
    public const string Header = "late,income,region,tenure,noise,bad";

    /// <summary>True log-odds of a row.</summary>
    public static double LogOdds(double late, double income, int region) => -1.2 + (0.9 * Math.Min(late, 3)) - (0.05 * (double.IsNaN(income) ? 20 : income)) + (region == 2 ? 1.2 : 0);

    public static string Csv(int rows, int seed, string separator = "\n")
    {
        var random = new Random(seed);
        var text = new StringBuilder(Header).Append(separator);
        for (int row = 0; row < rows; row++)
        {
            double late = random.Next(6), income = Math.Round(10 + (random.NextDouble() * 40), 1);
            int region = random.Next(4);
            bool missing = random.Next(8) == 0;
            bool bad = random.NextDouble() < LogOddsModel.Probability(LogOdds(late, missing ? double.NaN : income, region));
            text.Append(CultureInfo.InvariantCulture, $"{late},{(missing ? "" : income.ToString(CultureInfo.InvariantCulture))},r{region},{random.Next(120)},{random.NextDouble():F4},{(bad ? 1 : 0)}").Append(separator);
        }

        return text.ToString();
    }

    public static (PreparedRisk Prepared, Table Table) Prepare(string directory, int rows, int seed)
    {
        string path = Path.Combine(directory, $"t{rows}-{seed}.csv");
        File.WriteAllText(path, Csv(rows, seed));
        Table table = TableReader.Read(path);
        return (RiskPreparation.Prepare(table, new ColumnRoles("bad"), 1), table);
    }
}

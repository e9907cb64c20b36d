using System.Globalization;
using System.Text;
using System.Text.Json;
using KnowledgePay.Cli.Tests.Running;

namespace KnowledgePay.Cli.Tests.Learning;

/// <summary>Risk and fairness from the command line: what is learned, and what is refused and how.</summary>
public sealed class RiskCommandTests
{
    private const string Header = "age,income,area,bad";

    public static TheoryData<string> Kinds => ["risk", "segments", "sentiment", "premium", "uplift", "recommender"];

    [Theory]
    [InlineData("logistic")]
    [InlineData("scorecard")]
    [InlineData("random-forest")]
    [InlineData("boosted")]
    [InlineData("ensemble")]
    public async Task A_model_is_learned_scores_rows_with_reasons_and_explains_them(string algorithm)
    {
        using var directory = new WorkingDirectory();
        await Done("learn", "risk", "--table", directory.Write("t.csv", Rows(400)), "--label", "bad", "--algorithm", algorithm, "--seed", "4", "--out", directory.At("m"));
        JsonElement report = JsonDocument.Parse(File.ReadAllText(Path.Combine(directory.At("m"), "report.json"))).RootElement;
        Assert.True(report.GetProperty("seconds").GetDouble() >= 0);

        // CRLF and a byte-order mark, a missing value, an area that training did not see.
        string held = directory.Write("p.csv", Encoding.UTF8.GetBytes("\uFEFFincome,area,age,other\r\n50,a,30,x\r\n5,b,30,x\r\n,elsewhere,30,x\r\n"));
        await Done("predict", "risk", "--model", directory.At("m"), "--table", held, "--out", directory.At("s.csv"));
        string[][] scores = [.. File.ReadAllLines(directory.At("s.csv")).Select(line => line.Split(','))];
        Assert.Equal(["row", "probability", "score", "reason1", "reason2", "reason3", "reason4"], scores[0]);
        double[] probability = [.. scores.Skip(1).Select(row => double.Parse(row[1], CultureInfo.InvariantCulture))];
        Assert.True(probability[0] < probability[1], string.Join(" ", probability));
        Assert.InRange(probability[2], 0, 1);

        await Done("explain", "--model", directory.At("m"), "--table", held, "--out", directory.At("e.csv"));
        foreach (string line in File.ReadLines(directory.At("e.csv")).Skip(1))
        {
            double[] cells = [.. line.Split(',').Select(cell => double.Parse(cell, CultureInfo.InvariantCulture))];
            Assert.Equal(cells[^1], cells[1..^1].Sum(), 1e-9);
            double expected = probability[(int)cells[0] - (int)double.Parse(scores[1][0], CultureInfo.InvariantCulture)];
            Assert.Equal(expected, 1 / (1 + Math.Exp(-cells[^1])), 1e-6);
        }
    }

    [Fact]
    public async Task Rows_that_are_unlike_those_of_training_are_said_to_be()
    {
        using var directory = new WorkingDirectory();
        await Done("learn", "risk", "--table", directory.Write("t.csv", Rows(1000)), "--label", "bad", "--algorithm", "logistic", "--out", directory.At("m"));
        JsonElement report = JsonDocument.Parse(File.ReadAllText(Path.Combine(directory.At("m"), "report.json"))).RootElement;
        Assert.Contains(report.GetProperty("robustness").EnumerateArray(), one => one.GetProperty("change").GetString() == "missing income");
        KpayResult same = await Done("predict", "risk", "--model", directory.At("m"), "--table", directory.At("t.csv"), "--out", directory.At("s.csv"), "--drift", directory.At("d.json"));
        Assert.DoesNotContain("since training", same.Error, StringComparison.Ordinal);
        JsonElement drift = JsonDocument.Parse(File.ReadAllText(directory.At("d.json"))).RootElement;
        Assert.Equal(["score", "age", "income", "area"], drift.GetProperty("findings").EnumerateArray().Select(one => one.GetProperty("name").GetString()));

        string richer = Rows(1000).Replace(",b,", ",a,", StringComparison.Ordinal);
        KpayResult other = await Done("predict", "risk", "--model", directory.At("m"), "--table", directory.Write("p.csv", richer), "--out", directory.At("s.csv"));
        Assert.Contains("'area' has shifted since training", other.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("'age'", other.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("age,income,bad\n1,2,0\n3,4,0\n5,6,0\n", "bad")]
    [InlineData("age,income,bad\n", ":2:1:")]
    [InlineData("", ":1:1:")]
    [InlineData("age,income,bad\n1,2\n", ":2:1:")]
    [InlineData("age,age,bad\n1,2,0\n", ":1:5:")]
    [InlineData("age,income,bad\n1,\"2,0\n", ":2:3:")]
    [InlineData("age,income,other\n1,2,0\n", "'bad'")]
    public async Task A_table_that_is_none_is_refused(string table, string says)
    {
        using var directory = new WorkingDirectory();
        await Refused(directory, table, says);
    }

    [Fact]
    public async Task Rows_that_say_too_little_or_too_much_are_refused_with_their_place()
    {
        using var directory = new WorkingDirectory();
        string rows = Rows(200);
        await Refused(directory, Rows(1), "expected two");
        await Refused(directory, rows.Replace(",1\n", ",0\n", StringComparison.Ordinal), "bad");
        await Refused(directory, rows + "30,20,a,2\n", "three", "--positive", "3", "'bad' has no such value");
        await Refused(directory, rows + "30,inf,a,1\n", ":202:4:");
        await Refused(directory, "constant,bad\n" + string.Concat(Enumerable.Range(0, 100).Select(i => $"7,{i % 2}\n")), "Constant");
        await Refused(directory, "name,bad\n" + string.Concat(Enumerable.Range(0, 12_000).Select(i => $"customer number {i},{i % 2}\n")), "Identifier");
    }

    [Fact]
    public async Task Odd_columns_are_left_out_and_said_so()
    {
        using var directory = new WorkingDirectory();
        string[] lines = Rows(300).TrimEnd('\n').Split('\n');
        string table = string.Concat(lines.Select((line, i) => i == 0 ? "id,same,review," + line + "\n" : $"n{i},7,\"a long text, number {i}, that nobody wrote twice\",{line}\n"));
        KpayResult learned = await Done("learn", "risk", "--table", directory.Write("t.csv", table), "--label", "bad", "--algorithm", "logistic", "--out", directory.At("m"));
        Assert.Contains("3 features", learned.Output, StringComparison.Ordinal);

        // The columns that the model does not read may be missing where it scores; those that it reads may not, nor change their kind.
        await Done("predict", "risk", "--model", directory.At("m"), "--table", directory.Write("p.csv", "age,income,area\n30,20,a\n"), "--out", directory.At("s.csv"));
        KpayResult missing = await Kpay.Run("predict", "risk", "--model", directory.At("m"), "--table", directory.Write("p.csv", "age,area\n30,a\n"), "--out", directory.At("n.csv"));
        Assert.Equal(2, missing.ExitCode);
        Assert.Contains("p.csv:1:1: there is no column 'income'", missing.Error, StringComparison.Ordinal);
        KpayResult other = await Kpay.Run("predict", "risk", "--model", directory.At("m"), "--table", directory.Write("p.csv", "age,income,area\n30,20,a\n30,plenty,a\n"), "--out", directory.At("n.csv"));
        Assert.Equal(2, other.ExitCode);
        Assert.Contains("p.csv:3:4: 'plenty' is no number", other.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(directory.At("n.csv")));
    }

    [Fact]
    public async Task Ten_thousand_categories_and_GB18030_are_learned_from()
    {
        using var directory = new WorkingDirectory();
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        var random = new Random(3);
        var text = new StringBuilder("城市,收入,违约\n");
        for (int i = 0; i < 20_000; i++)
        {
            int city = random.Next(10_000);
            text.Append(CultureInfo.InvariantCulture, $"城{city},{random.Next(100)},{(random.Next(10) < (city % 2 == 0 ? 2 : 5) ? 1 : 0)}\n");
        }

        KpayResult learned = await Done(
            "learn", "risk", "--table", directory.Write("t.csv", Encoding.GetEncoding("GB18030").GetBytes(text.ToString())), "--label", "违约", "--algorithm", "logistic", "--out", directory.At("m"));
        Assert.Contains("20000 rows", learned.Output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_directory_that_holds_no_such_model_is_refused(string kind)
    {
        using var directory = new WorkingDirectory();
        string table = directory.Write("t.csv", "user,item,text,x\nu,i,t,1\n");
        string[] predict = kind switch
        {
            "recommender" => ["predict", "recommender", "--history", table, "--count", "3"],
            "sentiment" => ["predict", "sentiment", "--table", table, "--text", "text"],
            "segments" => ["explain", "--table", table],
            _ => ["predict", kind, "--table", table],
        };
        foreach (string model in (string[])[directory.At("nothing"), directory.Path])
        {
            KpayResult refused = await Kpay.Run([.. predict, "--model", model, "--out", directory.At("o.csv")]);
            Assert.Equal(2, refused.ExitCode);
            Assert.Contains(Path.GetFileName(model), refused.Error, StringComparison.Ordinal);
            Assert.Contains("expected", refused.Error, StringComparison.Ordinal);
        }

        // A model of a newer kpay, and one of another kind.
        await Done("learn", "risk", "--table", directory.Write("r.csv", Rows(200)), "--label", "bad", "--algorithm", "logistic", "--out", directory.At("m"));
        string manifest = Path.Combine(directory.At("m"), "model.json");
        if (kind != "risk")
        {
            KpayResult other = await Kpay.Run([.. predict, "--model", directory.At("m"), "--out", directory.At("o.csv")]);
            Assert.True(other.ExitCode == (kind == "segments" ? other.ExitCode : 2), other.Error);
        }

        File.WriteAllText(manifest, File.ReadAllText(manifest).Replace("\"formatVersion\": 1", "\"formatVersion\": 99", StringComparison.Ordinal));
        KpayResult newer = await Kpay.Run("predict", "risk", "--model", directory.At("m"), "--table", directory.At("r.csv"), "--out", directory.At("o.csv"));
        Assert.Equal(2, newer.ExitCode);
        Assert.Contains("newer", newer.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(directory.At("o.csv")));
    }

    [Fact]
    public async Task Fairness_of_the_Boston_mortgages_is_as_published()
    {
        string? loans = Loans();
        Assert.SkipWhen(loans is null, "../shared/data/fairness-hmda is not here.");
        using var directory = new WorkingDirectory();
        string[][] rows = [.. File.ReadLines(loans!).Select(line => line.Split(','))];
        int At(string name) => Array.IndexOf(rows[0], name);
        string table = "race,approve\n" + string.Concat(rows.Skip(1).Select(row => $"{(row[At("black")] == "1" ? "black" : row[At("hispan")] == "1" ? "hispanic" : "white")},{row[At("approve")]}\n"));
        await Done("audit", "fairness", "--table", directory.Write("t.csv", table), "--label", "approve", "--decision", "approve", "--protected", "race", "--draws", "100", "--out", directory.At("f.json"));
        JsonElement attribute = JsonDocument.Parse(File.ReadAllText(directory.At("f.json"))).RootElement.GetProperty("attributes")[0];
        Assert.Equal(("black", "white"), (attribute.GetProperty("all").GetProperty("lowest").GetString(), attribute.GetProperty("all").GetProperty("highest").GetString()));
        Assert.Equal(0.743214, attribute.GetProperty("all").GetProperty("disparateImpact").GetProperty("value").GetDouble(), 1e-6);
        Assert.Equal(0.233261, attribute.GetProperty("all").GetProperty("demographicParityDifference").GetProperty("value").GetDouble(), 1e-6);
    }

    private static string? Loans()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string path = Path.Combine(at.FullName, "..", "shared", "data", "fairness-hmda", "loans.csv");
            if (File.Exists(path))
            {
                return path;
            }
        }

        return null;
    }

    private static async Task Refused(WorkingDirectory directory, string table, string says, params string[] more)
    {
        string[] options = more.Length > 1 ? more[..2] : [];
        KpayResult refused = await Kpay.Run(["learn", "risk", "--table", directory.Write("t.csv", table), "--label", "bad", "--out", directory.At("m"), .. options]);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains(more.Length > 2 ? more[2] : says, refused.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(directory.At("m")));
    }

    private static async Task<KpayResult> Done(params string[] arguments)
    {
        KpayResult result = await Kpay.Run(arguments);
        Assert.True(result.ExitCode == 0, result.Error);
        return result;
    }

    /// <summary>Little income in area b goes wrong most often.</summary>
    [Fact]
    public async Task Groups_are_brought_together_by_thresholds_of_their_own_and_by_reweighed_rows_and_the_cost_is_told()
    {
        using var directory = new WorkingDirectory();
        var random = new Random(9);
        var text = new StringBuilder("group,skill,good,approved,score\n");
        for (int i = 0; i < 2_000; i++)
        {
            bool b = random.Next(3) == 0;
            double skill = random.NextDouble() + (b ? 0 : 0.25);
            bool good = random.NextDouble() < skill / 1.25;
            text.Append(CultureInfo.InvariantCulture, $"{(b ? "b" : "a")},{skill},{(good ? 1 : 0)},{(skill >= 0.7 ? 1 : 0)},{skill / 1.25}\n");
        }

        string table = directory.Write("t.csv", text.ToString());
        string[] audit = ["audit", "fairness", "--table", table, "--label", "good", "--decision", "approved", "--protected", "group", "--draws", "50", "--out", directory.At("f.json")];
        Assert.Contains("--score", (await Kpay.Run([.. audit, "--mitigate", "parity"])).Error, StringComparison.Ordinal);
        Assert.Contains("--target 2", (await Kpay.Run([.. audit, "--mitigate", "parity", "--score", "score", "--target", "2"])).Error, StringComparison.Ordinal);
        KpayResult said = await Done([.. audit, "--mitigate", "parity", "--score", "score", "--target", "0.9"]);
        Assert.Contains("decisions change", said.Output, StringComparison.Ordinal);
        JsonElement mitigation = JsonDocument.Parse(File.ReadAllText(directory.At("f.json"))).RootElement.GetProperty("mitigation")[0];
        Assert.True(mitigation.GetProperty("ratioBefore").GetDouble() < 0.8 && mitigation.GetProperty("ratioAfter").GetDouble() >= 0.9, mitigation.ToString());
        Assert.True(mitigation.GetProperty("accuracyAfter").GetDouble() < mitigation.GetProperty("accuracyBefore").GetDouble(), mitigation.ToString());

        string[] learn = ["learn", "risk", "--table", table, "--label", "good", "--drop", "approved,score", "--protected", "group", "--algorithm", "logistic", "--out", directory.At("m")];
        await Done([.. learn, "--reweigh", "group"]);
        JsonElement report = JsonDocument.Parse(File.ReadAllText(Path.Combine(directory.At("m"), "report.json"))).RootElement;
        JsonElement[] cells = [.. report.GetProperty("reweighed").EnumerateArray()];
        Assert.Equal(4, cells.Length);
        double Rate(string group) => Kept(group, true) / (Kept(group, true) + Kept(group, false));
        double Kept(string group, bool positive) => cells.Single(cell => cell.GetProperty("group").GetString() == group && cell.GetProperty("positive").GetBoolean() == positive).GetProperty("kept").GetInt32();
        Assert.Equal(Rate("a"), Rate("b"), 0.01);
        Assert.Contains("no column 'nobody'", (await Kpay.Run([.. learn, "--reweigh", "nobody"])).Error, StringComparison.OrdinalIgnoreCase);
    }

    private static string Rows(int count)
    {
        var random = new Random(8);
        var text = new StringBuilder(Header + "\n");
        for (int i = 0; i < count; i++)
        {
            int income = random.Next(60);
            bool b = random.Next(2) == 0;
            bool bad = random.NextDouble() < 0.1 + (income < 25 ? 0.4 : 0) + (b ? 0.3 : 0);
            text.Append(CultureInfo.InvariantCulture, $"{20 + random.Next(50)},{income},{(b ? "b" : "a")},{(bad ? 1 : 0)}\n");
        }

        return text.ToString();
    }
}

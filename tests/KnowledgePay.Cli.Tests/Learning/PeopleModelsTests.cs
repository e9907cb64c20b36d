using System.Globalization;
using System.Text;
using System.Text.Json;
using KnowledgePay.Cli.Tests.Running;

namespace KnowledgePay.Cli.Tests.Learning;

/// <summary>Segments, sentiment, premium, uplift, demand, off-policy evaluation and pricing games from the command line.</summary>
public sealed class PeopleModelsTests
{
    [Fact]
    public async Task Segments_are_written_with_a_report()
    {
        using var directory = new WorkingDirectory();
        string table = directory.Write("t.csv", Rows(400, "x,y,kind", (i, random) =>
            string.Create(CultureInfo.InvariantCulture, $"{(10 * (i % 3)) + random.NextDouble()},{(5 * (i % 3 % 2)) + random.NextDouble()},{(i % 3 == 0 ? "a" : "b")}")));
        await Done("learn", "segments", "--table", table, "--out", directory.At("kmeans"));
        string[] lines = File.ReadAllLines(Path.Combine(directory.At("kmeans"), "assignments.csv"));
        Assert.Equal("row,segment", lines[0]);
        Assert.Equal(401, lines.Length);
        Assert.Equal(3, lines.Skip(1).Select(line => line.Split(',')[1]).Distinct().Count());
        JsonElement report = Json(Path.Combine(directory.At("kmeans"), "report.json"));
        Assert.True(report.GetProperty("validation").GetProperty("silhouette").GetDouble() > 0.5);
        Assert.True(report.GetProperty("seconds").GetDouble() >= 0);

        await Done("learn", "segments", "--table", table, "--drop", "kind", "--algorithm", "dbscan", "--eps", "0.3", "--min-points", "4", "--standardise", "false", "--out", directory.At("dbscan"));
        await Done("learn", "segments", "--table", table, "--algorithm", "gan-kmeans", "--clusters", "3", "--out", directory.At("gan"));
        Assert.Equal("row,anomaly", File.ReadLines(Path.Combine(directory.At("gan"), "anomalies.csv")).First());
    }

    [Fact]
    public async Task Sentiment_is_learned_and_predicted()
    {
        using var directory = new WorkingDirectory();
        string table = directory.Write("t.csv", Rows(60, "text,label", (i, _) => i % 2 == 0 ? $"\"很好, {i} great\",1" : $"太差 {i} awful,0"));
        await Done("learn", "sentiment", "--table", table, "--text", "text", "--label", "label", "--seed", "3", "--out", directory.At("m"));
        await Done("predict", "sentiment", "--model", directory.At("m"), "--table", directory.Write("p.csv", "text\n太差了\n\"great, 很好\"\n\n"), "--text", "text", "--out", directory.At("s.csv"));
        double[] probability = Column(directory.At("s.csv"), "row,probability");
        Assert.True(probability[0] < 0.5 && probability[1] > 0.5);
    }

    [Fact]
    public async Task Premium_is_learned_and_predicted()
    {
        using var directory = new WorkingDirectory();
        string table = directory.Write("t.csv", Rows(800, "ClaimNb,Exposure,Area", (i, random) =>
            string.Create(CultureInfo.InvariantCulture, $"{(random.NextDouble() < (i % 2 == 0 ? 0.4 : 0.1) ? 1 : 0)},1,{(i % 2 == 0 ? "city" : "country")}")));
        await Done("learn", "premium", "--table", table, "--claims", "ClaimNb", "--exposure", "Exposure", "--out", directory.At("m"));
        await Done("predict", "premium", "--model", directory.At("m"), "--table", directory.Write("p.csv", "Area\ncity\ncountry\n"), "--out", directory.At("p-out.csv.gz"));
        await Done("predict", "premium", "--model", directory.At("m"), "--table", directory.At("p.csv"), "--out", directory.At("p-out.csv"));
        double[] frequency = Column(directory.At("p-out.csv"), "row,frequency");
        Assert.InRange(frequency[0], 0.3, 0.5);
        Assert.InRange(frequency[1], 0.05, 0.2);
        Assert.True(File.ReadAllBytes(directory.At("p-out.csv.gz")) is [0x1F, 0x8B, ..]);
    }

    [Fact]
    public async Task Uplift_is_learned_and_predicted()
    {
        using var directory = new WorkingDirectory();
        string table = directory.Write("t.csv", Rows(1_500, "arm,visit,x", (i, random) =>
        {
            double x = random.NextDouble();
            bool treated = random.Next(2) == 0;
            return string.Create(CultureInfo.InvariantCulture, $"{(treated ? "mail" : "no mail")},{(random.NextDouble() < 0.1 + (treated ? 0.5 * x : 0) ? 1 : 0)},{x}");
        }));
        KpayResult learned = await Done("learn", "uplift", "--table", table, "--treatment", "arm", "--outcome", "visit", "--out", directory.At("m"));
        Assert.Contains("Qini", learned.Output, StringComparison.Ordinal);
        await Done("predict", "uplift", "--model", directory.At("m"), "--table", directory.Write("p.csv", "x\n0.95\n0.05\n"), "--out", directory.At("u.csv"));
        double[] uplift = Column(directory.At("u.csv"), "row,uplift");
        Assert.True(uplift[0] > uplift[1] + 0.1);
        KpayResult other = await Kpay.Run("predict", "premium", "--model", directory.At("m"), "--table", table, "--out", directory.At("no.csv"));
        Assert.Equal(2, other.ExitCode);
        Assert.Contains("uplift", other.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(directory.At("no.csv")));
    }

    [Fact]
    public async Task Demand_is_learned()
    {
        using var directory = new WorkingDirectory();
        string table = directory.Write("t.csv", "p,q\n1,100\n2,25\n4,6.25\n");
        KpayResult learned = await Done("learn", "demand", "--table", table, "--price", "p", "--quantity", "q", "--out", directory.At("m"));
        Assert.Contains("elasticity -2.000000", learned.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_policy_is_evaluated_or_refused()
    {
        using var directory = new WorkingDirectory();
        string log = directory.Write("l.csv", Rows(2_000, ",a,r,p", (i, random) => $"{i},{random.Next(2)},{random.Next(2)},0.5"));
        await Done("evaluate", "policy", "--log", log, "--action", "a", "--reward", "r", "--propensity", "p", "--policy", "uniform", "--out", directory.At("o.json"));
        JsonElement report = Json(directory.At("o.json"));
        Assert.Equal(report.GetProperty("loggingPolicy").GetProperty("value").GetDouble(), report.GetProperty("ips").GetProperty("value").GetDouble());
        Assert.Equal(2_000, report.GetProperty("effectiveSampleSize").GetDouble());
        KpayResult refused = await Kpay.Run(
            "evaluate", "policy", "--log", log, "--action", "a", "--reward", "r", "--propensity", "p", "--policy", "uniform", "--min-effective-rows", "5000", "--out", directory.At("n.json"));
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("effective sample size", refused.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(directory.At("n.json")));
    }

    [Fact]
    public async Task A_pricing_game_is_played()
    {
        using var directory = new WorkingDirectory();
        await Done("simulate", "pricing", "--policy", "engine", "--rounds", "3000", "--seed", "1", "--out", directory.At("p.json"));
        JsonElement report = Json(directory.At("p.json"));
        Assert.Equal(3_000, report.GetProperty("regretByRound").GetArrayLength());
        Assert.True(report.GetProperty("expectedRevenue").GetDouble() <= report.GetProperty("oracleRevenue").GetDouble());
        string scenario = directory.Write("s.json", "{\"listPrice\": 9900, \"strategicShare\": 0.3, \"competitors\": [{\"name\": \"other\", \"price\": 8900}]}");
        await Done("simulate", "pricing", "--scenario", scenario, "--policy", "thompson", "--rounds", "500", "--seed", "1", "--out", directory.At("q.json"));
        KpayResult wrong = await Kpay.Run("simulate", "pricing", "--policy", "guess", "--rounds", "5", "--seed", "1", "--out", directory.At("r.json"));
        Assert.Equal(2, wrong.ExitCode);
    }

    [Theory]
    [InlineData("learn segments --table {0}", "x\n1\n1\n", "every value is the same")]
    [InlineData("learn segments --table {0}", "x\n1\n", "expected at least")]
    [InlineData("learn segments --table {0} --drop z", "x,y\n1,2\n", "'z'")]
    [InlineData("learn segments --table {0}", "x,y\n1\n", ":2:1:")]
    [InlineData("learn sentiment --table {0} --text text --label label", "text,label\na,1\nb,1\n", "one label")]
    [InlineData("learn premium --table {0} --claims c --exposure e", "c,e,x\n0,1,1\n", "expected at least")]
    [InlineData("learn premium --table {0} --claims c --exposure e", "c,e,x\nno,1,1\n", ":2:1:")]
    [InlineData("learn uplift --table {0} --treatment t --outcome y", "t,y,x\n1,yes,3\n", ":2:3:")]
    [InlineData("learn demand --table {0} --price p --quantity q", "p,x\n1,2\n", "'q'")]
    public async Task Input_that_cannot_be_learned_from_is_refused_with_what_was_expected(string command, string table, string says)
    {
        using var directory = new WorkingDirectory();
        string path = directory.Write("t.csv", table);
        KpayResult refused = await Kpay.Run([.. command.Split(' ').Select(part => part.Replace("{0}", path, StringComparison.Ordinal)), "--out", directory.At("m")]);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains(says, refused.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(directory.At("m")));
    }

    [Fact]
    public async Task A_byte_order_mark_Windows_line_ends_and_GB18030_are_read()
    {
        using var directory = new WorkingDirectory();
        string rows = Rows(60, "文字,label", (i, _) => i % 2 == 0 ? $"非常好吃 {i},1" : $"太难吃了 {i},0");
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        byte[][] texts = [Encoding.UTF8.GetBytes("\uFEFF" + rows.Replace("\n", "\r\n", StringComparison.Ordinal)), Encoding.GetEncoding("GB18030").GetBytes(rows)];
        foreach (byte[] text in texts)
        {
            await Done("learn", "sentiment", "--table", directory.Write("t.csv", text), "--text", "文字", "--label", "label", "--out", directory.At("m"));
            await Done("predict", "sentiment", "--model", directory.At("m"), "--table", directory.At("t.csv"), "--text", "文字", "--out", directory.At("s.csv"));
            double[] probability = Column(directory.At("s.csv"), "row,probability");
            Assert.True(probability[0] > 0.5 && probability[1] < 0.5);
        }
    }

    private static async Task<KpayResult> Done(params string[] arguments)
    {
        KpayResult result = await Kpay.Run(arguments);
        Assert.True(result.ExitCode == 0, result.Error);
        return result;
    }

    private static JsonElement Json(string path) => JsonDocument.Parse(File.ReadAllText(path)).RootElement;

    private static double[] Column(string path, string header)
    {
        string[] lines = File.ReadAllLines(path);
        Assert.Equal(header, lines[0]);
        return [.. lines.Skip(1).Select(line => double.Parse(line.Split(',')[1], CultureInfo.InvariantCulture))];
    }

    private static string Rows(int count, string header, Func<int, Random, string> row)
    {
        var random = new Random(11);
        var text = new StringBuilder(header + "\n");
        for (int i = 0; i < count; i++)
        {
            text.Append(row(i, random)).Append('\n');
        }

        return text.ToString();
    }
}

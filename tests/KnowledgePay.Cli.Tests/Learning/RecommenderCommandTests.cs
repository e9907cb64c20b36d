using System.Globalization;
using System.Text.Json;
using KnowledgePay.Cli.Tests.Running;
using KnowledgePay.Learning.Tests.Onnx;

namespace KnowledgePay.Cli.Tests.Learning;

public sealed class RecommenderCommandTests : IDisposable
{
    private readonly WorkingDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    /// <summary>Two tastes, a and b: people take five of their eight items and rate them high; every third began with one of the others, and rated it low.</summary>
    private string Interactions()
    {
        var text = new System.Text.StringBuilder("user,item,rating,timestamp\n");
        for (int user = 0; user < 60; user++)
        {
            string taste = user % 2 == 0 ? "a" : "b", other = user % 2 == 0 ? "b" : "a";
            for (int k = 0; k < 5; k++)
            {
                text.Append(CultureInfo.InvariantCulture, $"u{user},{taste}{((user / 2) + k) % 8},{4 + ((user + k) % 2)},{1000 + k}\n");
            }

            if (user % 3 == 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"u{user},{other}{((user * 5) + (user / 8)) % 8},{1 + (user % 2)},900\n");
            }
        }

        return _directory.Write("train.csv", text.ToString());
    }

    private async Task<string> Learn(string algorithm, params string[] more)
    {
        KpayResult learned = await Kpay.Run(["learn", "recommender", "--interactions", Interactions(), "--algorithm", algorithm, "--out", _directory.At("model"), "--set", "sweeps=40,burnIn=5", .. more]);
        Assert.True(learned.ExitCode == 0, learned.Error);
        return _directory.At("model");
    }

    [Fact]
    public async Task A_refit_goes_on_from_a_directory_and_says_how_it_compares()
    {
        string model = await Learn("ease"), train = _directory.At("train.csv"), more = _directory.At("more.csv");
        File.WriteAllText(more, File.ReadAllText(train) + string.Concat(Enumerable.Range(0, 20).Select(user => $"u{user},{(user % 2 == 0 ? "a" : "b")}{((user / 2) + 5) % 8},5,2000\n")));
        string[] refit = ["learn", "recommender", "--algorithm", "ease", "--from", model, "--out", _directory.At("next"), "--interactions"];
        KpayResult learned = await Kpay.Run([.. refit, more]);
        Assert.True(learned.ExitCode == 0, learned.Error);
        Assert.Contains("20 interactions after 1970-01-01T00:16:44.0000000+00:00; the earlier model on the same held-out part: NDCG@20", learned.Output, StringComparison.Ordinal);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(Path.Combine(_directory.At("next"), "report.json")));
        Assert.Equal(20, report.RootElement.GetProperty("refit").GetProperty("newInteractions").GetInt32());
        await Refused("There is nothing new", [.. refit, train]);
        await Refused("--set and --validation cannot be given with it", [.. refit, more, "--set", "lambda=5"]);
        await Refused("learned by 'ease'", [.. refit.Select(word => word == "ease" ? "ials" : word), more]);
        await Refused("model.kpm", [.. refit.Select(word => word == model ? _directory.At("nowhere") : word), more]);

        static async Task Refused(string expected, string[] arguments)
        {
            KpayResult refused = await Kpay.Run(arguments);
            Assert.Equal(2, refused.ExitCode);
            Assert.Contains(expected, refused.Error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("ease")]
    [InlineData("auto")]
    public async Task People_never_seen_are_ranked_from_their_history_without_what_it_holds(string algorithm)
    {
        string model = await Learn(algorithm);
        string history = _directory.Write("history.csv", "user,item\nnew,a1\nnew,a2\nnew,a3\nstranger,unknown\n");
        KpayResult predicted = await Kpay.Run("predict", "recommender", "--model", model, "--history", history, "--count", "4", "--out", _directory.At("recs.csv"));
        Assert.True(predicted.ExitCode == 0, predicted.Error);
        string[][] lines = [.. File.ReadAllLines(_directory.At("recs.csv")).Select(line => line.Split(','))];
        Assert.Equal(["user", "rank", "item", "score"], lines[0]);
        string[][] own = [.. lines.Where(line => line[0] == "new")];
        Assert.Equal(["1", "2", "3", "4"], own.Select(line => line[1]));
        Assert.All(own, line => Assert.StartsWith("a", line[2], StringComparison.Ordinal));
        Assert.Empty(own.Select(line => line[2]).Intersect(["a1", "a2", "a3"]));
        double[] scores = [.. own.Select(line => double.Parse(line[3], CultureInfo.InvariantCulture))];
        Assert.Equal(scores.OrderDescending(), scores);
        Assert.Equal(4, lines.Count(line => line[0] == "stranger"));
    }

    [Fact]
    public async Task A_model_that_was_learned_elsewhere_predicts_like_one_that_was_learned_here()
    {
        using var directory = new WorkingDirectory();
        float[] vectors = [1, 0, 0.9f, 0, 0, 1, 0, 0.8f];
        string onnx = directory.Write("m.onnx", OnnxFile.MeanOfVectors(vectors, 4, towers: true).ToBytes());
        string items = directory.Write("items.csv", "item\nalgebra\nanalysis\ndrawing\npainting\n");
        string taken = directory.Write("h.csv", "user,item\nu1,algebra\nu2,painting\nu3,unknown\n");
        KpayResult imported = await Kpay.Run("import-model", onnx, "--items", items, "--interactions", taken, "--out", directory.At("m"));
        Assert.True(imported.ExitCode == 0, imported.Error);
        KpayResult predicted = await Kpay.Run("predict", "recommender", "--model", directory.At("m"), "--history", taken, "--count", "1", "--out", directory.At("r.csv"));
        Assert.True(predicted.ExitCode == 0, predicted.Error);
        Assert.Equal(["u1,1,analysis", "u2,1,drawing"], File.ReadLines(directory.At("r.csv")).Skip(1).Take(2).Select(line => line[..line.LastIndexOf(',')]));

        KpayResult refused = await Kpay.Run("import-model", items, "--items", items, "--out", directory.At("n"));
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("expected an ONNX model", refused.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(directory.At("n")));
    }

    [Fact]
    public async Task Ratings_are_predicted_also_for_whom_and_what_nobody_knows()
    {
        string model = await Learn("matrix-factorization");
        string pairs = _directory.Write("pairs.csv", "user,item\nu0,a7\nu0,b3\nnobody,a1\nu0,nothing\n");
        KpayResult predicted = await Kpay.Run("predict", "rating", "--model", model, "--pairs", pairs, "--out", _directory.At("r.csv"));
        Assert.True(predicted.ExitCode == 0, predicted.Error);
        string[] lines = File.ReadAllLines(_directory.At("r.csv"));
        double[] ratings = [.. lines.Skip(1).Select(line => double.Parse(line.Split(',')[2], CultureInfo.InvariantCulture))];
        Assert.Equal("user,item,rating", lines[0]);
        Assert.Equal(4, ratings.Length);
        Assert.All(ratings, rating => Assert.InRange(rating, 1, 5));
        Assert.True(ratings[0] > ratings[1] + 1, $"{ratings[0]} {ratings[1]}");
    }

    [Fact]
    public async Task The_report_says_what_was_found_tried_and_chosen()
    {
        string model = await Learn("ease", "--seed", "7");
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(Path.Combine(model, "report.json")));
        JsonElement root = report.RootElement;
        Assert.Equal("ease", root.GetProperty("algorithm").GetString());
        Assert.Equal(7, root.GetProperty("seed").GetInt32());
        Assert.Equal(320, root.GetProperty("dataQuality").GetProperty("rows").GetInt32());
        Assert.Equal("latest 20 % by user, at most 5", root.GetProperty("validation").GetString());
        Assert.InRange(root.GetProperty("metrics").GetProperty("ndcg").GetDouble(), 0, 1);
        Assert.True(root.GetProperty("chosen").GetProperty("lambda").GetDouble() > 0);
        Assert.True(root.GetProperty("trials").GetArrayLength() > 1);
    }

    [Fact]
    public async Task Items_that_nobody_took_are_recommended_to_those_who_take_what_is_like_them()
    {
        string items = _directory.Write("items.csv", "item,subject,price\n" + string.Concat(Enumerable.Range(0, 8).Select(k => $"a{k},algebra of rings,{k}\nb{k},ballet and dance,{k}\n")) + "newest,algebra of rings,3\n");
        string model = await Learn("ease", "--items", items);
        string history = _directory.Write("history.csv", "user,item\nx,a1\nx,a2\ny,b1\ny,b2\n");
        await Kpay.Run("predict", "recommender", "--model", model, "--history", history, "--count", "20", "--out", _directory.At("recs.csv"));
        string[][] lines = [.. File.ReadAllLines(_directory.At("recs.csv")).Skip(1).Select(line => line.Split(','))];
        int RankFor(string user) => int.Parse(lines.Single(line => line[0] == user && line[2] == "newest")[1], CultureInfo.InvariantCulture);
        Assert.True(RankFor("x") < RankFor("y"), $"{RankFor("x")} {RankFor("y")}");
    }

    [Fact]
    public async Task Recommendations_are_measured_over_all_test_users()
    {
        string recs = _directory.Write("recs.csv", "user,rank,item,score\nu,1,x,3\nu,2,y,2\nother,1,x,1\n"), test = _directory.Write("test.csv", "user,item\nu,y\nv,x\n");
        KpayResult evaluated = await Kpay.Run("evaluate", "recommender", "--recs", recs, "--test", test, "--k", "1,2");
        Assert.Equal(0, evaluated.ExitCode);
        Assert.Equal(
            "k=1 recall=0.00000 ndcg=0.00000 precision=0.00000 hitRate=0.00000 mrr=0.00000 users=2\nk=2 recall=0.50000 ndcg=0.31546 precision=0.25000 hitRate=0.50000 mrr=0.25000 users=2\n",
            evaluated.Output);
    }

    [Fact]
    public async Task What_is_wrong_is_said_with_its_place_and_leaves_with_2()
    {
        string bad = _directory.Write("bad.csv", "user,item,rating\nu,i,five\n");
        KpayResult refused = await Kpay.Run("learn", "recommender", "--interactions", bad, "--out", _directory.At("m"));
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("bad.csv:2:5: rating 'five'", refused.Error, StringComparison.Ordinal);
        Assert.Equal(2, (await Kpay.Run("learn", "recommender", "--interactions", Interactions(), "--algorithm", "magic", "--out", _directory.At("m"))).ExitCode);
        KpayResult noModel = await Kpay.Run("predict", "rating", "--model", _directory.At("none"), "--pairs", bad, "--out", _directory.At("o.csv"));
        Assert.Equal(2, noModel.ExitCode);
        Assert.Contains("there is none", noModel.Error, StringComparison.Ordinal);
        string model = await Learn("popularity");
        KpayResult noRatings = await Kpay.Run("predict", "rating", "--model", model, "--pairs", bad, "--out", _directory.At("o.csv"));
        Assert.Equal(2, noRatings.ExitCode);
        Assert.Contains("predicts no ratings", noRatings.Error, StringComparison.Ordinal);
    }
}

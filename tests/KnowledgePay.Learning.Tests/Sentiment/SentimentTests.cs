using KnowledgePay.Decisions.Sentiment;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Sentiment;

namespace KnowledgePay.Learning.Tests.Sentiment;

public sealed class SentimentTests(ITestOutputHelper output)
{
    private static readonly string[] Good = ["老师讲得很好", "内容实用，推荐", "味道不错，很新鲜", "great course, very clear", "loved it", "这次很满意", "服务态度好", "well explained and useful"];
    private static readonly string[] Bad = ["讲得太差了", "浪费时间，不推荐", "味道不好，不新鲜", "terrible course, not clear", "hated it", "这次不满意", "服务态度差", "badly explained and useless"];

    private static readonly Lazy<SentimentModel> Trained = new(Train);

    [Fact]
    public void A_trained_model_tells_good_from_bad_and_hears_negations()
    {
        SentimentModel model = Trained.Value;
        Assert.True(model.Probability("内容很好，老师不错，推荐") > 0.5);
        Assert.True(model.Probability("内容太差，不推荐") < 0.5);
        Assert.True(model.Score("味道不新鲜") < model.Score("味道很新鲜"));
        Assert.True(model.Score("this was not clear") < model.Score("this was very clear"));
    }

    [Fact]
    public void A_text_of_any_length_has_a_probability_and_case_and_runs_and_width_of_marks_do_not_change_it()
    {
        SentimentModel model = Trained.Value;
        foreach (string text in (string[])["", " ", "\0\uD800", new string('好', 50_000), "😀😀"])
        {
            Assert.InRange(model.Probability(text), 0, 1);
        }

        Assert.Equal(model.Probability("GREAT course!!!"), model.Probability("great Course！！"), 12);
    }

    [Fact]
    public void Scoring_a_comment_allocates_nothing()
    {
        SentimentModel model = Trained.Value;
        string text = "这门课的老师讲得很清楚，就是作业有点多。The slides were great.";
        // The runtime allocates on this thread when it replaces a method by a faster one: one round without is what counts.
        long least = long.MaxValue;
        for (int round = 0; round < 20 && least > 0; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++)
            {
                _ = model.Probability(text);
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    [Fact]
    public void A_stored_model_answers_as_the_trained_one_and_the_same_seed_gives_the_same_bytes()
    {
        using var folder = new TemporaryFolder();
        SentimentModel model = Trained.Value;
        SentimentModelFile.Write(folder.File("a"), model);
        SentimentModelFile.Write(folder.File("b"), Train());
        SentimentModel read = SentimentModelFile.Read(folder.File("a"));
        Assert.Equal(model.Probability("味道很好"), read.Probability("味道很好"));
        foreach (string part in Directory.GetFiles(folder.File("a")))
        {
            Assert.Equal(File.ReadAllBytes(part), File.ReadAllBytes(Path.Combine(folder.File("b"), Path.GetFileName(part))));
        }
    }

    [Fact]
    public void A_truncated_model_and_one_of_another_kind_are_refused()
    {
        using var folder = new TemporaryFolder();
        SentimentModelFile.Write(folder.Path, Trained.Value);
        Assert.Throws<InputException>(() => KnowledgePay.Learning.Premium.PremiumModel.Read(folder.Path));
        string part = Path.Combine(folder.Path, "model.bin");
        File.WriteAllBytes(part, File.ReadAllBytes(part)[..^7]);
        Assert.Throws<InputException>(() => SentimentModelFile.Read(folder.Path));
    }

    [Fact]
    public void Held_out_probabilities_are_measured_on_folds_that_taught_nothing()
    {
        // Labels without any relation to the texts: nothing can be held-out knowledge.
        var random = new Random(5);
        string[] texts = [.. Enumerable.Range(0, 400).Select(_ => string.Concat(Enumerable.Range(0, 6).Select(_ => (char)('一' + random.Next(300)))))];
        bool[] positive = [.. texts.Select(_ => random.Next(2) == 0)];
        SentimentTraining training = SentimentTrainer.Train(texts, positive, 1);
        Assert.InRange(training.AreaUnderCurve, 0.38, 0.62);
    }

    [Fact]
    public void Stars_are_split_at_the_middle_and_what_lies_there_is_left_out()
    {
        using var folder = new TemporaryFolder();
        string rows = string.Concat(Enumerable.Range(0, 12).Select(i => $"good {i},5\nfine {i},4\nmeh {i},3\npoor {i},2\nbad {i},1\n")) + ",5\ntext,\n";
        LabelledTexts texts = LabelledTexts.Read(folder.Write("t.csv", "review,rating\n" + rows), "review", "rating", null);
        Assert.Equal(48, texts.Texts.Count);
        Assert.Equal(24, texts.Positive.Count(p => p));
        Assert.Equal("12", texts.Quality["leftOutAsNeutral"]!.ToJsonString());
        Assert.Equal("1", texts.Quality["withoutText"]!.ToJsonString());
        Assert.Equal("1", texts.Quality["withoutLabel"]!.ToJsonString());
    }

    [Theory]
    [InlineData("text,label\n好,1\n很好,1\n", "one label")]
    [InlineData("text,label\n好,a\n差,b\n", "--positive")]
    [InlineData("text,other\n好,a\n", "there is no column")]
    [InlineData("text,label\n好,1\n差,0\n", "at least 10 of each")]
    public void Labels_that_are_not_two_sentiments_are_refused(string table, string says)
    {
        using var folder = new TemporaryFolder();
        InputException refused = Assert.Throws<InputException>(() => LabelledTexts.Read(folder.Write("t.csv", table), "text", "label", null));
        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Takeaway_reviews_are_told_apart_as_well_as_a_tuned_linear_model_does()
    {
        LabelledTexts all = LabelledTexts.Read(SharedData.File("sentiment-zh/takeaway.csv"), "text", "label", null);
        int[] order = [.. Enumerable.Range(0, all.Texts.Count)];
        new Random(1).Shuffle(order);
        int[] train = order[..4_000];
        int[] test = order[^2_000..];
        SentimentModel model = SentimentTrainer.Train([.. train.Select(i => all.Texts[i])], [.. train.Select(i => all.Positive[i])], 1, null, TestContext.Current.CancellationToken).Model;
        double accuracy = test.Average(i => model.Probability(all.Texts[i]) >= 0.5 == all.Positive[i] ? 1 : 0);
        output.WriteLine($"accuracy {accuracy:F4} from 4,000 reviews");
        Assert.True(accuracy > 0.87, $"{accuracy:F4}");
    }

    private static SentimentModel Train()
    {
        string[] texts = [.. Enumerable.Range(0, 3).SelectMany(_ => Good.Concat(Bad))];
        bool[] positive = [.. Enumerable.Range(0, 3).SelectMany(_ => Good.Select(_ => true).Concat(Bad.Select(_ => false)))];
        return SentimentTrainer.Train(texts, positive, 1).Model;
    }
}

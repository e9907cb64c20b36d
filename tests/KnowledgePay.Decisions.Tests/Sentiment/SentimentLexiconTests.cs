using CsCheck;
using KnowledgePay.Decisions.Sentiment;

namespace KnowledgePay.Decisions.Tests.Sentiment;

public sealed class SentimentLexiconTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("讲得非常好，收获满满")]
    [InlineData("不错，值得推荐")]
    [InlineData("Great course, I learned a lot!")]
    [InlineData("Not bad at all")]
    [InlineData("The teacher 很棒, excellent")]
    [InlineData("It’s dry, but the exercises are excellent")]
    public void Praise_is_positive(string text) => Assert.True(SentimentLexicon.Score(text) > 0, $"{SentimentLexicon.Score(text)}");

    [Theory]
    [InlineData("太差了，浪费时间")]
    [InlineData("不好吃，送得很慢")]
    [InlineData("This was not good and not helpful")]
    [InlineData("Waste of time, terrible audio")]
    [InlineData("I didn’t like it")]
    [InlineData("课程 boring，听不懂")]
    public void Complaint_is_negative(string text) => Assert.True(SentimentLexicon.Score(text) < 0, $"{SentimentLexicon.Score(text)}");

    [Theory]
    [InlineData("")]
    [InlineData("The course has seven modules.")]
    [InlineData("1234 ... 😀")]
    public void A_text_that_says_neither_scores_zero(string text) => Assert.Equal(0f, SentimentLexicon.Score(text));

    [Fact]
    public void An_intensifier_strengthens_and_a_softener_weakens()
    {
        Assert.True(SentimentLexicon.Score("very good") > SentimentLexicon.Score("good"));
        Assert.True(SentimentLexicon.Score("slightly boring") > SentimentLexicon.Score("boring"));
        Assert.True(SentimentLexicon.Score("非常满意") > SentimentLexicon.Score("满意"));
    }

    [Fact]
    public void A_negation_does_not_reach_into_the_next_clause() =>
        Assert.True(SentimentLexicon.Score("not this one, good") > 0);

    [Fact]
    public void Both_lists_have_at_least_150_words()
    {
        (int chinese, int english) = SentimentLexicon.Size;
        Assert.True(chinese >= 150 && english >= 150, $"{chinese} Chinese, {english} English");
    }

    [Fact]
    public void Any_text_scores_between_minus_one_and_one() =>
        Gen.String[Gen.Char["不好差太但是很棒 ,.'’-abcGOODbadnot，。\uD83D\u4E00\u9FFF\u0000"], 0, 200]
            .Sample(text => SentimentLexicon.Score(text) is >= -1 and <= 1);

    [Fact]
    public void Scoring_allocates_nothing()
    {
        const string text = "The teacher 很棒, but it’s boring 但是不好, excellent.";
        SentimentLexicon.Score(text);
        // The runtime allocates on this thread when it replaces a method by a faster one: one round without is what counts.
        long least = long.MaxValue;
        for (int round = 0; round < 20 && least > 0; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++)
            {
                SentimentLexicon.Score(text);
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    /// <summary>Abstentions count as wrong; balanced accuracy is the mean of the two classes' recalls.</summary>
    [Theory]
    [InlineData("sentiment-zh/takeaway.csv", "text", "label", 0.70)]
    [InlineData("sentiment-zh/hotel.csv", "text", "label", 0.70)]
    [InlineData("coursera/reviews.csv", "review", "rating", 0.70)]
    public void Polar_reviews_are_told_apart(string file, string textColumn, string labelColumn, double least)
    {
        string? path = SharedData.Find(file);
        Assert.SkipWhen(path is null, $"../shared/data/{file} is not here.");
        List<string[]> rows = SharedData.ReadCsv(path);
        int text = Array.IndexOf(rows[0], textColumn);
        int label = Array.IndexOf(rows[0], labelColumn);
        int[] right = [0, 0];
        int[] all = [0, 0];
        int abstained = 0;
        foreach (string[] row in rows.Skip(1))
        {
            if (row.Length != rows[0].Length || !double.TryParse(row[label], out double value))
            {
                continue;
            }

            int truth = labelColumn == "label" ? (int)value : value >= 4 ? 1 : value <= 2 ? 0 : -1;
            if (truth < 0)
            {
                continue;
            }

            float score = SentimentLexicon.Score(row[text]);
            all[truth]++;
            right[truth] += (truth == 1 && score > 0) || (truth == 0 && score < 0) ? 1 : 0;
            abstained += score == 0 ? 1 : 0;
        }

        double accuracy = (double)right.Sum() / all.Sum();
        double balanced = (((double)right[0] / all[0]) + ((double)right[1] / all[1])) / 2;
        output.WriteLine($"{file}: accuracy {accuracy:F4}, balanced {balanced:F4}, recall - {(double)right[0] / all[0]:F4} of {all[0]}, + {(double)right[1] / all[1]:F4} of {all[1]}, abstained {abstained}");
        Assert.True(accuracy > least, $"{file}: accuracy {accuracy:F4}, balanced {balanced:F4}");
    }
}

using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Interactions;
using KnowledgePay.Learning.Recommenders;

namespace KnowledgePay.Learning.Tests.Recommenders;

public sealed class SequenceLearnerTests
{
    private const long Day = 86_400_000;

    [Fact]
    public void Linear_weights_are_the_ridge_regression_of_what_follows_on_what_was_before()
    {
        const double Past = 0.6, Future = 0.8, Lambda = 3;
        const int Items = 6;
        int[][] histories = [[0, 3, 1, 5], [5, 2], [2, 0, 4, 3, 1], [1, 4, 0]];
        var scorer = (ItemWeightScorer)new LinearSequenceLearner().Fit(
            new TrainingData(Matrix(Items, histories, Day), null, 1), Hyperparameters.Of(("lambda", Lambda), ("past", Past), ("future", Future), ("lengthPower", 0)));

        double[,] before = new double[Items, Items], across = new double[Items, Items];
        foreach (int[] history in histories)
        {
            for (int cut = 0; cut < history.Length - 1; cut++)
            {
                double[] s = new double[Items], t = new double[Items];
                for (int k = 0; k < history.Length; k++)
                {
                    (k <= cut ? s : t)[history[k]] = k <= cut ? Math.Pow(Past, cut - k) : Math.Pow(Future, k - cut - 1);
                }

                for (int i = 0; i < Items; i++)
                {
                    for (int j = 0; j < Items; j++)
                    {
                        before[i, j] += s[i] * s[j];
                        across[i, j] += s[i] * t[j];
                    }
                }
            }
        }

        // (SᵀS + λI)·B = SᵀT.
        for (int i = 0; i < Items; i++)
        {
            for (int j = 0; j < Items; j++)
            {
                double left = Lambda * scorer.Row(i)[j];
                for (int k = 0; k < Items; k++)
                {
                    left += before[i, k] * scorer.Row(k)[j];
                }

                Assert.Equal(across[i, j], left, 1e-4);
            }
        }

        Assert.Equal((float)Past, scorer.Decay);
        float[] scores = new float[Items];
        scorer.Score([new HistoryEntry(2, float.NaN, 0), new HistoryEntry(4, float.NaN, 1)], scores);
        Assert.Equal(scorer.Row(4)[0] + (0.6f * scorer.Row(2)[0]), scores[0], 1e-5);
    }

    [Fact]
    public void A_trend_is_what_was_taken_around_a_time()
    {
        const double HalfLife = 3;
        (int Item, long Time)[] taken = [(0, 0), (1, 2 * Day), (0, 3 * Day), (2, 9 * Day), (2, 10 * Day)];
        var matrix = new InteractionMatrix(3, [0, 1, 2, 3, 4, 5], [.. taken.Select(one => new HistoryEntry(one.Item, float.NaN, one.Time))]);
        IHistoryScorer scorer = new TrendLearner().Fit(new TrainingData(matrix, null, 1), Hyperparameters.Of(("halfLife", HalfLife)));
        foreach (long time in new[] { 0, 2 * Day, 3 * Day, 9 * Day, 10 * Day })
        {
            float[] scores = TasteWorld.Scores(scorer, [new HistoryEntry(1, float.NaN, time)]);
            for (int item = 0; item < 3; item++)
            {
                Assert.Equal(taken.Where(one => one.Item == item).Sum(one => Math.Pow(2, -Math.Abs(one.Time - time) / (HalfLife * Day))), scores[item], 1e-4);
            }
        }

        // Before all times, after them, between two of them, and without one.
        float[] First(long time) => TasteWorld.Scores(scorer, [new HistoryEntry(1, float.NaN, time)]);
        Assert.Equal(First(0), First(-5 * Day));
        Assert.Equal(First(10 * Day), First(99 * Day));
        Assert.Equal(First(10 * Day), First(HistoryEntry.NoTime));
        Assert.Equal((First(2 * Day)[0] + First(3 * Day)[0]) / 2, First(5 * Day / 2)[0], 1e-5);
    }

    [Theory]
    [InlineData(Day, 0, true)]
    [InlineData(Day / 100, 0, true)]
    [InlineData(Day, 1_000_000_000_000, true)]
    [InlineData(60_000, 1_000_000_000_000, false)]
    [InlineData(0, HistoryEntry.NoTime, false)]
    public void Order_counts_where_histories_took_their_time_or_are_numbered(long step, long start, bool expected)
    {
        // Of times a hundredth of a day apart, those since 1970 are numbers of a sequence.
        var entries = new List<HistoryEntry>();
        for (int user = 0; user < 5; user++)
        {
            entries.AddRange(Enumerable.Range(0, 4).Select(k => new HistoryEntry(k, float.NaN, start + (step * k))));
        }

        Assert.Equal(expected, HistoryOrder.SaysWhatFollows(new InteractionMatrix(4, [0, 4, 8, 12, 16, 20], [.. entries])));
    }

    [Theory]
    [InlineData("transitions")]
    [InlineData("linear-sequence")]
    [InlineData("self-attention")]
    [InlineData("sequence")]
    [InlineData("auto")]
    public void What_comes_next_is_known(string algorithm)
    {
        // Everybody takes the items in a circle, from somewhere on, and leaves some out.
        const int Items = 20;
        var random = new Random(6);
        int[][] histories = [.. Enumerable.Range(0, 400).Select(user => Enumerable.Range(0, 10).Where(_ => random.Next(5) > 0).Select(k => (user + k) % Items).ToArray())];
        InteractionMatrix matrix = Matrix(Items, histories, 10 * Day);
        RecommenderModel model = new RecommenderLearning(new RecommenderOptions { Algorithm = algorithm }, TimeProvider.System).Learn(TasteWorld.Set(matrix), null).Model;
        float[] scores = TasteWorld.Scores(model.Scorer, [new HistoryEntry(4, float.NaN, Day), new HistoryEntry(5, float.NaN, 11 * Day)]);
        scores[4] = scores[5] = float.NegativeInfinity;
        Assert.Equal(6, Array.IndexOf(scores, scores.Max()));
    }

    [Fact]
    public void Threads_do_not_change_what_is_learned()
    {
        int[][] histories = [.. Enumerable.Range(0, 40).Select(user => Enumerable.Range(0, 6).Select(k => ((user * 7) + (k * k)) % 15).Distinct().ToArray())];
        var data = new TrainingData(Matrix(15, histories, Day), null, 9);
        Hyperparameters settings = new SelfAttentionLearner().Choices(data)[0].With(new Dictionary<string, double> { ["epochs"] = 3 });
        float[] first = ((SelfAttentionScorer)new SelfAttentionLearner().Fit(data, settings)).Weights.Vectors, again = [];
        var alone = new Thread(() => again = ((SelfAttentionScorer)new SelfAttentionLearner().Fit(data, settings)).Weights.Vectors);
        alone.Start();
        alone.Join();
        Assert.Equal(first, again);
    }

    private static InteractionMatrix Matrix(int items, int[][] histories, long step)
    {
        var entries = new List<HistoryEntry>();
        var starts = new List<int> { 0 };
        foreach (int[] history in histories)
        {
            entries.AddRange(history.Select((item, at) => new HistoryEntry(item, float.NaN, 1_600_000_000_000 + (at * step))));
            starts.Add(entries.Count);
        }

        return new InteractionMatrix(items, [.. starts], [.. entries]);
    }
}

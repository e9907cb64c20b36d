using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Interactions;
using KnowledgePay.Learning.Ranking;
using KnowledgePay.Learning.Recommenders;

namespace KnowledgePay.Learning.Tests.Recommenders;

/// <summary>What the parts of a blend weigh while a history is short.</summary>
public sealed class ShortBlendTests
{
    [Theory]
    [InlineData(0, 2)]
    [InlineData(2, 2)]
    [InlineData(3, 3)]
    [InlineData(8, 3)]
    [InlineData(9, 1)]
    public void A_history_is_scored_by_the_weights_of_its_length(int length, int weight)
    {
        BlendScorer blend = Blend();
        float[] scores = TasteWorld.Scores(blend, TasteWorld.History([.. Enumerable.Range(0, length)])), alone = new float[12];
        blend.Parts[0].Score(default, alone);
        BlendScorer.Standardise(TasteWorld.History([.. Enumerable.Range(0, length)]), alone);
        Assert.Equal(alone.Select(score => score * weight), scores);
    }

    [Fact]
    public void The_weights_of_short_histories_are_stored()
    {
        using var folder = new TemporaryFolder();
        new RecommenderModel("auto", new IdTable(Enumerable.Range(0, 12).Select(item => $"i{item}")), Blend(), new PopularityScorer(new float[12]), null).Save(folder.File("m"));
        var read = Assert.IsType<BlendScorer>(RecommenderModel.Load(folder.File("m")).Scorer);
        Assert.Equal([1, 0], read.Weights);
        Assert.Equal([(2, 2f), (8, 3f)], read.Shorter.Select(one => (one.UpTo, one.Weights[0])));
    }

    [Fact]
    public void Lengths_that_do_not_ascend_and_weights_that_are_too_few_are_refused()
    {
        var part = new PopularityScorer([1, 2]);
        Assert.Throws<ArgumentException>(() => new BlendScorer([part], [1], [new ShortBlend(2, [1]), new ShortBlend(2, [1])]));
        Assert.Throws<ArgumentException>(() => new BlendScorer([part], [1], [new ShortBlend(2, [1, 2])]));
    }

    /// <summary>A part that knows a taste only after five items, beside one that knows it after one but blurred.</summary>
    [Fact]
    public void What_says_nothing_of_a_short_history_weighs_less_there()
    {
        InteractionMatrix matrix = TasteWorld.Make(users: 3000, taken: 9);
        Newcomers newcomers = NewcomersOf(matrix);
        InteractionMatrix known = newcomers.Known;
        IHistoryScorer taste = new EaseLearner().Fit(new TrainingData(known, null, 1), new EaseLearner().Choices(new TrainingData(known, null, 1))[0]);
        var blend = new BlendScorer([new Late(taste), taste], [1, 0.05f]);
        Holdout validation = Holdout.Split(known, 1, byTime: false, mostUsers: 1000);
        ShortBlend[] shorter = ShortBlends.Learn(blend, validation, newcomers);
        Assert.Equal([1, 2, 4], shorter.Select(one => one.UpTo));
        Assert.All(shorter, one => Assert.True(one.Weights[1] > 2 * one.Weights[0], string.Join(", ", one.Weights)));
    }

    [Fact]
    public void Where_validation_saw_people_of_a_length_their_weights_stay()
    {
        InteractionMatrix matrix = TasteWorld.Make(users: 3000, taken: 5);
        Newcomers newcomers = NewcomersOf(matrix);
        InteractionMatrix known = newcomers.Known;
        IHistoryScorer taste = new EaseLearner().Fit(new TrainingData(known, null, 1), new EaseLearner().Choices(new TrainingData(known, null, 1))[0]);
        var blend = new BlendScorer([new Late(taste), taste], [1, 0.05f]);
        ShortBlend[] shorter = ShortBlends.Learn(blend, Holdout.Split(known, 1, byTime: false, mostUsers: 1000), newcomers);
        // Five items, of which one is held out: everybody in validation has four.
        Assert.Equal([1, 2], shorter.Select(one => one.UpTo));
    }

    [Fact]
    public void Weights_that_are_right_for_every_length_stay_the_only_ones()
    {
        InteractionMatrix matrix = TasteWorld.Make(users: 1000, taken: 9);
        Newcomers newcomers = NewcomersOf(matrix);
        InteractionMatrix known = newcomers.Known;
        IHistoryScorer taste = new EaseLearner().Fit(new TrainingData(known, null, 1), new EaseLearner().Choices(new TrainingData(known, null, 1))[0]);
        Assert.Empty(ShortBlends.Learn(new BlendScorer([taste], [1]), Holdout.Split(known, 1, byTime: false, mostUsers: 1000), newcomers));
    }

    private static Newcomers NewcomersOf(InteractionMatrix matrix)
    {
        int[] users = Newcomers.Choose(matrix, 1);
        return new Newcomers(matrix, matrix.Replace(users.ToDictionary(user => user, _ => Array.Empty<HistoryEntry>())), users, ByTime: false, 1);
    }

    private static BlendScorer Blend() => new(
        [new PopularityScorer([.. Enumerable.Range(0, 12).Select(item => (float)(item * item % 7))]), new PopularityScorer([.. Enumerable.Range(0, 12).Select(item => (float)item)])],
        [1, 0],
        [new ShortBlend(2, [2, 0]), new ShortBlend(8, [3, 0])]);

    /// <summary>Looks at a history from its fifth item on; before, it ranks by an item's number.</summary>
    private sealed class Late(IHistoryScorer inner) : IHistoryScorer
    {
        public int Items => inner.Items;

        public void Score(ReadOnlySpan<HistoryEntry> history, Span<float> scores)
        {
            if (history.Length >= 5)
            {
                inner.Score(history, scores);
                return;
            }

            for (int item = 0; item < scores.Length; item++)
            {
                scores[item] = item;
            }
        }
    }
}

using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Interactions;
using KnowledgePay.Learning.Ranking;
using KnowledgePay.Learning.Recommenders;

namespace KnowledgePay.Learning.Tests.Recommenders;

public sealed class LearnerTests
{
    public static TheoryData<string> Personal => ["item-cf", "user-cf", "ease", "ials", "transitions", "linear-sequence", "self-attention", "sequence", "hybrid", "two-tower", "auto", "matrix-factorization"];

    public static TheoryData<string> All => ["popularity", "trend", .. Personal.Select(row => row.Data)];

    private static (RecommenderModel Model, RecommenderReport Report) Learn(string algorithm, InteractionMatrix matrix, ulong seed = 1) =>
        new RecommenderLearning(new RecommenderOptions { Algorithm = algorithm, Seed = seed, Fixed = new Dictionary<string, double> { ["sweeps"] = 30, ["burnIn"] = 5 } }, TimeProvider.System)
            .Learn(TasteWorld.Set(matrix), null);

    [Theory]
    [MemberData(nameof(Personal))]
    public void Someone_never_seen_gets_what_fits_the_taste_that_a_history_shows(string algorithm)
    {
        RecommenderModel model = Learn(algorithm, TasteWorld.Make()).Model;
        for (int taste = 0; taste < TasteWorld.Tastes; taste++)
        {
            HistoryEntry[] history = TasteWorld.History(taste, taste + 4, taste + 8);
            float[] scores = new float[model.Items.Count];
            model.Score(history, scores);
            var top = new int[5];
            Assert.Equal(5, new TopItems(model.TieOrder).Select(scores, history, top));
            // Few factors blur the edges of a taste: one of the five may be a neighbour's.
            Assert.InRange(top.Count(item => item % TasteWorld.Tastes == taste), algorithm is "matrix-factorization" or "two-tower" ? 4 : 5, 5);
            Assert.Empty(top.Intersect(history.Select(entry => entry.Item)));
        }
    }

    /// <summary>Weights that suit a few hundred people and items hold every factor at zero here: 8,000 people took 4 each of 2,000 items.</summary>
    [Fact]
    public void Factors_are_learned_of_many_people_who_took_little()
    {
        const int people = 8000, items = 2000, ofGroup = 10, taken = 4;
        var random = new Random(11);
        var entries = new List<HistoryEntry>();
        for (int user = 0; user < people; user++)
        {
            int group = random.Next(items / ofGroup);
            int[] own = [.. Enumerable.Range(group * ofGroup, ofGroup)];
            random.Shuffle(own);
            entries.AddRange(own.Take(taken).Select(item => new HistoryEntry(item, float.NaN, HistoryEntry.NoTime)));
        }

        var data = new TrainingData(new InteractionMatrix(items, [.. Enumerable.Range(0, people + 1).Select(user => user * taken)], [.. entries]), null, 1);
        var learner = new ImplicitFactorLearner();
        float[] scores = TasteWorld.Scores(learner.Fit(data, learner.Choices(data)[0]), TasteWorld.History(70, 72, 77));
        var top = new int[5];
        new TopItems([.. Enumerable.Range(0, items)]).Select(scores, TasteWorld.History(70, 72, 77), top);
        Assert.All(top, item => Assert.Equal(7, item / ofGroup));
    }

    /// <summary>Of so many people that a few can be left out of validation, the model is what validation learned and a short while more.</summary>
    [Theory]
    [InlineData("ials")]
    [InlineData("self-attention")]
    [InlineData("two-tower")]
    public void A_model_of_many_people_goes_on_from_what_validation_learned(string algorithm)
    {
        var report = new List<string>();
        InteractionSet set = TasteWorld.Set(TasteWorld.Make(users: 120_000, items: 20, taken: 3, times: true));
        var fixedSettings = new Dictionary<string, double> { ["dimensions"] = 8, ["epochs"] = 3, ["heads"] = 1 };
        RecommenderModel model = new RecommenderLearning(new RecommenderOptions { Algorithm = algorithm, Seed = 1, Fixed = fixedSettings }, TimeProvider.System, report.Add).Learn(set, null).Model;
        for (int taste = 0; taste < TasteWorld.Tastes; taste++)
        {
            HistoryEntry[] history = TasteWorld.History(taste, taste + 4);
            float[] scores = TasteWorld.Scores(model.Scorer, history);
            var top = new int[3];
            new TopItems(model.TieOrder).Select(scores, history, top);
            Assert.All(top, item => Assert.Equal(taste, item % TasteWorld.Tastes));
        }

        // Learning anew would have gone through all three epochs once more.
        int last = report.FindLastIndex(line => line.Contains("learning on all data"));
        Assert.Equal(algorithm == "self-attention" ? 1 : 0, report.Skip(last).Count(line => line.StartsWith($"{algorithm}: epoch", StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void The_same_seed_and_data_give_the_same_bytes_and_a_loaded_model_the_same_scores(string algorithm)
    {
        string first = Directory.CreateTempSubdirectory("kpm-").FullName, second = Directory.CreateTempSubdirectory("kpm-").FullName;
        InteractionMatrix matrix = TasteWorld.Make(users: 60, ratings: algorithm is "auto" or "matrix-factorization");
        RecommenderModel model = Learn(algorithm, matrix).Model;
        model.Save(first);
        Learn(algorithm, TasteWorld.Make(users: 60, ratings: algorithm is "auto" or "matrix-factorization")).Model.Save(second);
        Assert.Equal(File.ReadAllBytes(Path.Combine(first, "model.kpm")), File.ReadAllBytes(Path.Combine(second, "model.kpm")));

        RecommenderModel loaded = RecommenderModel.Load(first);
        HistoryEntry[] history = TasteWorld.History(1, 5, 2);
        Assert.Equal(TasteWorld.Scores(model.Scorer, history), TasteWorld.Scores(loaded.Scorer, history));
        Assert.Equal(model.Items.Ids, loaded.Items.Ids);
        Assert.Equal(model.Ratings?.Posterior.Predict(3, 7), loaded.Ratings?.Posterior.Predict(3, 7));
        Directory.Delete(first, true);
        Directory.Delete(second, true);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_history_that_is_empty_or_holds_everything_is_scored_with_numbers(string algorithm)
    {
        RecommenderModel model = Learn(algorithm, TasteWorld.Make(users: 40)).Model;
        float[] scores = new float[model.Items.Count];
        model.Score([], scores);
        Assert.Equal(model.Popularity.Weights, scores);
        HistoryEntry[] everything = TasteWorld.History([.. Enumerable.Range(0, model.Items.Count)]);
        model.Score(everything, scores);
        Assert.All(scores, score => Assert.True(float.IsFinite(score)));
        Assert.Equal(0, new TopItems(model.TieOrder).Select(scores, everything, new int[10]));
    }

    [Theory]
    [InlineData("popularity")]
    [InlineData("item-cf")]
    [InlineData("ease")]
    [InlineData("ials")]
    [InlineData("auto")]
    public void One_interaction_is_enough_to_learn_from(string algorithm)
    {
        var matrix = new InteractionMatrix(1, [0, 1], [new HistoryEntry(0, float.NaN, HistoryEntry.NoTime)]);
        (RecommenderModel model, RecommenderReport report) = Learn(algorithm, matrix);
        Assert.Null(report.Metrics);
        float[] scores = new float[1];
        model.Score(TasteWorld.History(0), scores);
        Assert.True(float.IsFinite(scores[0]));
    }

    [Fact]
    public void Ease_solves_its_normal_equations()
    {
        InteractionMatrix matrix = TasteWorld.Make(users: 80, items: 70, taken: 10);
        const double Lambda = 7;
        var scorer = (ItemWeightScorer)new EaseLearner().Fit(new TrainingData(matrix, null, 1), Hyperparameters.Of(("lambda", Lambda)));
        int n = matrix.Items;
        var gram = new double[n, n];
        for (int user = 0; user < matrix.Users; user++)
        {
            foreach (HistoryEntry a in matrix.Row(user))
            {
                foreach (HistoryEntry b in matrix.Row(user))
                {
                    gram[a.Item, b.Item]++;
                }
            }
        }

        // At the optimum the gradient (G + λI)B − G vanishes off the diagonal.
        for (int i = 0; i < n; i++)
        {
            Assert.Equal(0f, scorer.Row(i)[i]);
            for (int j = 0; j < n; j++)
            {
                double gradient = -gram[i, j];
                for (int k = 0; k < n; k++)
                {
                    gradient += (gram[i, k] + (i == k ? Lambda : 0)) * scorer.Row(k)[j];
                }

                Assert.True(i == j || Math.Abs(gradient) < 1e-3, $"{i},{j}: {gradient}");
            }
        }
    }

    [Fact]
    public void A_fold_in_solves_the_least_squares_that_it_states()
    {
        var random = new Random(5);
        const int D = 16, N = 30;
        float[] factors = [.. Enumerable.Range(0, D * N).Select(_ => (float)random.NextDouble() - 0.5f)];
        var scorer = new FactorScorer(factors, D, 0.2f, 0.05f, 1f);
        HistoryEntry[] history = TasteWorld.History(3, 9, 27, 11);
        var person = new float[D];
        scorer.FoldIn(history, person);
        float penalty = 0.05f * (4 + (0.2f * N));
        for (int f = 0; f < D; f++)
        {
            double gradient = penalty * person[f];
            for (int item = 0; item < N; item++)
            {
                double predicted = 0;
                for (int g = 0; g < D; g++)
                {
                    predicted += person[g] * factors[(item * D) + g];
                }

                double weight = history.Any(entry => entry.Item == item) ? 1.2 : 0.2;
                double target = history.Any(entry => entry.Item == item) ? 1 : 0;
                gradient += ((weight * predicted) - target) * factors[(item * D) + f];
            }

            Assert.Equal(0, gradient, 3);
        }
    }

    [Fact]
    public void Auto_on_ratings_predicts_them_better_than_the_mean_and_clips_to_the_scale()
    {
        InteractionMatrix matrix = TasteWorld.Make(users: 150, ratings: true);
        (RecommenderModel model, RecommenderReport report) = Learn("matrix-factorization", matrix);
        Assert.NotNull(model.Ratings);
        Assert.True(report.RatingTrials![0].Metrics.Rmse < 0.6, report.RatingTrials[0].Metrics.ToString());
        Assert.True(model.Ratings.Posterior.Predict(0, 4) > model.Ratings.Posterior.Predict(0, 5) + 0.8f);
        Assert.InRange(model.Ratings.Posterior.Predict(-1, -1), 3, 5);
        Assert.InRange(model.Ratings.Posterior.Predict(-1, 3), 1, 5);
    }

    [Fact]
    public void A_short_history_leans_on_what_many_took_and_a_long_one_does_not()
    {
        float[] weights = [.. Enumerable.Range(0, 9).Select(k => (float)k)], popularity = [0, 0, 10, 0, 1, 0, 0, 5, 0];
        var inner = new PopularityScorer(weights);
        var scorer = new ShortHistoryScorer(inner, popularity, [1, 3], [5, 0]);
        HistoryEntry[] one = [new(8, float.NaN, 1)], two = [.. one, new(7, float.NaN, 2)], four = [.. two, new(6, float.NaN, 3), new(5, float.NaN, 4)];
        float[] leaning = TasteWorld.Scores(scorer, one);
        Assert.Equal(2, Array.IndexOf(leaning, leaning[..8].Max()));
        Assert.Equal(weights, TasteWorld.Scores(scorer, two));
        Assert.Equal(weights, TasteWorld.Scores(scorer, four));
    }

    [Fact]
    public void What_a_short_history_leans_on_is_learned_from_histories_that_were_cut()
    {
        // Half of what anybody takes are the same five items, the other half is noise: of one item nothing follows.
        var random = new Random(4);
        var entries = new List<HistoryEntry>();
        var starts = new List<int> { 0 };
        for (int user = 0; user < 300; user++)
        {
            int[] items = [.. Enumerable.Range(0, 4).Select(_ => random.Next(5)), .. Enumerable.Range(0, 8).Select(_ => 5 + random.Next(300))];
            random.Shuffle(items);
            entries.AddRange(items.Distinct().Select(item => new HistoryEntry(item, float.NaN, HistoryEntry.NoTime)));
            starts.Add(entries.Count);
        }

        (RecommenderModel model, RecommenderReport report) = Learn("item-cf", new InteractionMatrix(305, [.. starts], [.. entries]));
        Assert.True(report.ShortHistories["1"] > 0, string.Join(" ", report.ShortHistories));
        float[] scores = TasteWorld.Scores(model.Scorer, [new HistoryEntry(200, float.NaN, 1)]);
        Assert.True(Enumerable.Range(0, 5).Sum(item => scores[item]) > Enumerable.Range(5, 5).Sum(item => scores[item]));
    }
}

using CsCheck;
using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Interactions;
using KnowledgePay.Learning.Numerics;
using KnowledgePay.Learning.Ranking;
using KnowledgePay.Learning.Recommenders;
using KnowledgePay.Learning.Simulation;

namespace KnowledgePay.Learning.Tests.Recommenders;

/// <summary>That lower places of a list are looked at less, and what learners make of it.</summary>
public sealed class PlaceBiasTests
{
    [Theory]
    [InlineData(0.0)]
    [InlineData(0.7)]
    [InlineData(1.5)]
    public void How_much_less_lower_places_are_looked_at_is_found_from_places_that_chance_chose(double exponent)
    {
        var random = new SeededRandom(7);
        var taken = new List<RandomPlace>();
        while (taken.Count < 4000)
        {
            int place = 4 + random.Next(7);
            if (random.Chance(Math.Pow(place, -exponent)))
            {
                taken.Add(new RandomPlace(place, 4, 10));
            }
        }

        PlaceBias bias = PlaceBias.Learn([.. taken]);
        Assert.InRange(bias.Exponent, exponent - (3 * bias.StandardError), exponent + (3 * bias.StandardError));
        Assert.InRange(bias.StandardError, 0.01, 0.1);
        Assert.Equal(4000, bias.Observations);
    }

    [Fact]
    public void Without_observations_there_is_no_bias_and_weights_never_pass_their_bounds()
    {
        PlaceBias none = PlaceBias.Learn([]);
        Assert.Equal((0, 0.5, 0), (none.Exponent, none.StandardError, none.Observations));
        Assert.Equal(1, none.WeightOf(10));
        Gen.Select(Gen.Int[1, 20], Gen.Int[1, 20], Gen.Int[1, 20]).Array[0, 50].Sample(rows =>
        {
            RandomPlace[] taken = [.. rows.Select(row => new[] { row.Item1, row.Item2, row.Item3 }.Order().ToArray()).Select(row => new RandomPlace(row[1], row[0], row[2]))];
            PlaceBias bias = PlaceBias.Learn(taken);
            return bias.Exponent is >= 0 and <= PlaceBias.LargestExponent && bias.StandardError is > 0 and <= 0.5
                && Enumerable.Range(1, 100).All(place => bias.WeightOf(place) is >= 1 and <= (float)PlaceBias.LargestWeight);
        });
    }

    [Fact]
    public void An_interaction_that_counts_four_times_counts_so_in_popularity()
    {
        InteractionMatrix plain = new(3, [0, 2, 4], [new(0, float.NaN, 0), new(1, float.NaN, 1), new(1, float.NaN, 0), new(2, float.NaN, 1)]);
        var weights = new InteractionWeights();
        weights.Set(0, 1, 4);
        Assert.Equal([1, 5, 1], ScorerEvaluation.Popularity(TasteWorld.Set(plain).WithWeights(weights).Matrix));
    }

    [Fact]
    public void A_solve_with_targets_and_an_anchor_meets_its_normal_equations()
    {
        const int d = NormalEquations.DimensionStep;
        var random = new SeededRandom(3);
        float[] gram = new float[d * d], rows = [.. Enumerable.Range(0, 2 * d).Select(_ => (float)random.Normal())], system = new float[d * d], x = new float[d];
        for (int k = 0; k < d; k++)
        {
            gram[(k * d) + k] = 1;
        }

        float[] anchor = [.. Enumerable.Range(0, d).Select(_ => (float)random.Normal())];
        FactorScorer.SolveOne(gram, rows, system, x, 0.5f, [1f, 3f], anchor, 2f);
        double first = x.Select((value, k) => (double)value * rows[k]).Sum(), second = x.Select((value, k) => (double)value * rows[d + k]).Sum();
        for (int k = 0; k < d; k++)
        {
            Assert.Equal(rows[k] + (3 * rows[d + k]) + (2 * anchor[k]), (3.5 * x[k]) + (first * rows[k]) + (second * rows[d + k]), 1e-3);
        }
    }

    [Fact]
    public void Ease_with_counts_is_the_ridge_regression_of_the_counts_on_what_else_was_taken()
    {
        InteractionMatrix matrix = TasteWorld.Make(users: 40, items: 8, taken: 4);
        var weights = new InteractionWeights();
        for (int user = 0; user < matrix.Users; user += 3)
        {
            weights.Set(user, matrix.Row(user)[1].Item, 2 + (user % 5));
        }

        var counted = new TrainingData(TasteWorld.Set(matrix).WithWeights(weights).Matrix, null, 1);
        const double lambda = 7;
        var scorer = new EaseLearner().Fit(counted, Hyperparameters.Of(("lambda", lambda)));
        double[] gram = Cooccurrence.Gram(matrix, [.. Enumerable.Range(0, 8)], 0);
        for (int j = 0; j < 8; j++)
        {
            float[] b = [.. Enumerable.Range(0, 8).Select(i => TasteWorld.Scores(scorer, TasteWorld.History(i))[j])];
            Assert.Equal(0, b[j]);
            for (int i = 0; i < 8; i++)
            {
                // The gradient of the ridge loss is nothing in every direction but the forbidden one, of the item itself.
                if (i != j)
                {
                    double residual = (lambda * b[i]) + Enumerable.Range(0, 8).Sum(k => gram[(i * 8) + k] * b[k]);
                    for (int user = 0; user < matrix.Users; user++)
                    {
                        int[] row = [.. matrix.Row(user).ToArray().Select(entry => entry.Item)];
                        residual -= row.Contains(i) && row.Contains(j) ? weights.Of(user, j) : 0;
                    }

                    Assert.Equal(0, residual, 1e-3);
                }
            }
        }
    }

    [Theory]
    [InlineData("popularity")]
    [InlineData("item-cf")]
    [InlineData("ease")]
    [InlineData("ials")]
    public void What_people_found_far_down_the_lists_is_worth_more_than_what_they_were_led_to(string algorithm)
    {
        // The first taste likes items 0 and 4 alike; 0 is shown first and 4 so far down that few come to it: seen from the weights both are liked alike again.
        const int users = 400, items = 80, liked = 0, hidden = 4;
        InteractionMatrix world = TasteWorld.Make(users, items);
        var random = new Random(4);
        var weights = new InteractionWeights();
        var rows = new List<HistoryEntry>();
        var starts = new int[users + 1];
        for (int user = 0; user < users; user++)
        {
            rows.AddRange(world.Row(user).ToArray().Where(entry => entry.Item is not (liked or hidden)));
            if (user % TasteWorld.Tastes == 0 && random.Next(2) == 0)
            {
                rows.Add(new HistoryEntry(liked, float.NaN, HistoryEntry.NoTime));
            }

            if (user % TasteWorld.Tastes == 0 && random.Next(10) == 0)
            {
                rows.Add(new HistoryEntry(hidden, float.NaN, HistoryEntry.NoTime));
                weights.Set(user, hidden, 5);
            }

            starts[user + 1] = rows.Count;
        }

        InteractionSet set = TasteWorld.Set(new InteractionMatrix(items, starts, [.. rows]));
        Assert.True(Gap(set.WithWeights(weights)) < 0.5 * Gap(set), $"{Gap(set.WithWeights(weights))} against {Gap(set)}");

        double Gap(InteractionSet learned)
        {
            IRecommenderLearner learner = algorithm switch { "popularity" => new PopularityLearner(), "item-cf" => new ItemNeighbourLearner(), "ease" => new EaseLearner(), _ => new ImplicitFactorLearner() };
            var data = new TrainingData(learned.Matrix, null, 1);
            IHistoryScorer scorer = learner.Fit(data, learner.Choices(data)[0]);
            double gap = 0, size = 0;
            for (int item = 8; item < items; item += 8)
            {
                float[] scores = TasteWorld.Scores(scorer, TasteWorld.History(item, (item + 4) % items));
                gap += scores[liked] - scores[hidden];
                size += Math.Abs(scores[liked]) + Math.Abs(scores[hidden]);
            }

            return gap / size;
        }
    }
}

using KnowledgePay.Decisions.Recommending.Models;

namespace KnowledgePay.Decisions.Tests.Recommending;

/// <summary>What a model is found to rank highest is what it ranks highest when all is scored.</summary>
public sealed class ShortlistTests
{
    private const int Items = 12_000;
    private const int Most = 100;

    public static TheoryData<string> Kinds => ["factors", "towers", "neighbours", "transitions", "popularity", "trend", "weights", "blend", "short", "short-blend", "cold"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Scores_are_those_of_scoring_all_and_the_best_are_found(string kind)
    {
        IHistoryScorer scorer = Make(kind);
        Shortlist list = Shortlister.Of(scorer).NewList();
        var random = new Random(7);
        float[] scores = new float[Items];
        var found = default(ItemBuffer);
        int hits = 0, asked = 0;
        for (int turn = 0; turn < 60; turn++)
        {
            // Lengths to either side of those that short histories end at.
            HistoryEntry[] history = [.. Enumerable.Range(0, random.Next(1, 40)).Select(_ => random.Next(Items)).Distinct().Select(item => new HistoryEntry(item, float.NaN, HistoryEntry.NoTime))];
            scorer.Score(history, scores);
            list.Read(history);
            double deviation = Deviation(scores);
            for (int i = 0; i < 200; i++)
            {
                int item = random.Next(Items);
                if (float.IsFinite(list.Score(item)))
                {
                    double off = Tolerance(kind) * (deviation + Math.Abs(scores[item]));
                    Assert.InRange(list.Score(item) - scores[item], -off, off);
                }
            }

            Assert.Equal(list.Moments().Sum, list.Sum());
            Assert.InRange((list.Sum() / Items) - scores.Average(s => (double)s), -0.02 * deviation, 0.02 * deviation);
            found.Clear();
            list.Collect(Most + history.Length, ref found);
            HashSet<int> taken = [.. history.Select(h => h.Item)];
            int[] best = [.. Enumerable.Range(0, Items).Where(item => !taken.Contains(item)).OrderByDescending(item => scores[item]).Take(10)];
            // Equal scores are equally good.
            int[] had = [.. found.Items.ToArray().Distinct().Where(item => !taken.Contains(item) && scores[item] >= scores[best[^1]])];
            hits += Math.Min(best.Length, had.Length);
            asked += best.Length;
        }

        Assert.True(hits >= 0.99 * asked, $"{hits} of {asked} found");
    }

    [Fact]
    public void Another_history_leaves_nothing_of_the_one_before_and_what_was_saved_brings_it_back()
    {
        foreach (string kind in Kinds.Select(k => k.Data))
        {
            Shortlister model = Shortlister.Of(Make(kind));
            Shortlist used = model.NewList(), fresh = model.NewList();
            HistoryEntry[] first = [new(5, float.NaN, HistoryEntry.NoTime), new(17, float.NaN, HistoryEntry.NoTime)], second = [new(400, float.NaN, HistoryEntry.NoTime)];
            used.Read(first);
            float[] state = new float[used.StateSize];
            used.Save(state);
            used.Read(second);
            fresh.Read(second);
            Assert.All(Enumerable.Range(0, Items), item => Assert.Equal(fresh.Score(item), used.Score(item)));

            // And what was saved of the one before brings it back, for few items at once, for many and for each.
            fresh.Read(first);
            foreach (int asked in (int[])[0, 1, 7, 40, 1_500])
            {
                used.Read(second);
                used.Restore(state, first);
                int[] items = [.. Enumerable.Range(0, asked).Select(i => (i * 7) + 3)];
                float[] scores = new float[asked];
                used.Score(items, scores);
                Assert.Equal(items.Select(fresh.Score), scores);
            }

            ItemBuffer found = default, expected = default;
            used.Restore(state, first);
            used.Collect(50, ref found);
            fresh.Collect(50, ref expected);
            Assert.Equal(expected.Items.ToArray().Order(), found.Items.ToArray().Order());
            used.Restore(state, first);
            Assert.All(Enumerable.Range(0, Items), item => Assert.Equal(fresh.Score(item), used.Score(item)));
        }
    }

    /// <summary>Of the scores' deviation and of the score itself. A blend of a blend knows its part's deviation from a sample.</summary>
    private static double Tolerance(string kind) => kind == "short-blend" ? 0.15 : 0.001;

    private static double Deviation(float[] scores)
    {
        double mean = scores.Average(s => (double)s);
        return Math.Sqrt(scores.Average(s => (s - mean) * (s - mean)));
    }

    private static IHistoryScorer Make(string kind)
    {
        var random = new Random(3);
        return kind switch
        {
            "factors" => Factors(random),
            "towers" => Towers(random),
            "neighbours" => Neighbours(random),
            "transitions" => new TransitionScorer(Starts(40), Targets(random, 40), Positive(random, Items * 40), 0.7f),
            "popularity" => new PopularityScorer(Popularity()),
            "trend" => new TrendScorer([1, 2], [.. Popularity().Reverse(), .. Popularity()]),
            "weights" => new ItemWeightScorer(Items, [.. Enumerable.Range(0, 300).Select(i => i * 40)], Positive(random, 300 * 300)),
            "blend" => new BlendScorer([Factors(random), Neighbours(random), new PopularityScorer(Popularity())], [0.5f, 0.4f, 0.1f], [new ShortBlend(5, [0.1f, 0.2f, 0.7f])]),
            "short" => new ShortHistoryScorer(Factors(random), Popularity(), [1, 3], [0.8f, 0.3f]),
            "short-blend" => new ShortHistoryScorer(new BlendScorer([Factors(random), Towers(random)], [0.7f, 0.3f]), Popularity(), [1, 20], [0.8f, 0.3f]),
            "cold" => Cold(random),
            _ => throw new ArgumentOutOfRangeException(nameof(kind)),
        };
    }

    private static ColdItemScorer Cold(Random random)
    {
        // The model's own scores of them are zero, as of items that nobody took.
        int[] cold = [.. Enumerable.Range(0, Items / 100).Select(i => i * 100)];
        float[] rows = Around(random, 64);
        foreach (int item in cold)
        {
            rows.AsSpan(item * 64, 64).Clear();
        }

        int[] neighbours = [.. cold.SelectMany(item => Enumerable.Range(item + 1, 5))];
        return new ColdItemScorer(new FactorScorer(rows, 64, 0.01f, 1f, 1f), cold, [.. Enumerable.Range(0, cold.Length + 1).Select(c => c * 5)], neighbours, Positive(random, neighbours.Length));
    }

    private static FactorScorer Factors(Random random) => new(Around(random, 128), 128, 0.01f, 1f, 1f);

    private static TwoTowerScorer Towers(Random random)
    {
        float[] rows = Around(random, 32);
        return new TwoTowerScorer(rows, [.. Positive(random, 32 * 32).Select(x => (x - 0.5f) * 0.2f)], new float[32], rows, [.. Positive(random, Items).Select(x => 2 * x)]);
    }

    private static ItemNeighbourScorer Neighbours(Random random) => new(Starts(60), Targets(random, 60), Positive(random, Items * 60), 0.6f);

    private static int[] Starts(int each) => [.. Enumerable.Range(0, Items + 1).Select(i => i * each)];

    private static int[] Targets(Random random, int each) => [.. Enumerable.Range(0, Items * each).Select(_ => random.Next(Items))];

    private static float[] Positive(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() + 0.001f)];

    private static float[] Popularity() => [.. Enumerable.Range(0, Items).Select(i => 1000f / (1 + (i * 7919 % Items)))];

    /// <summary>Around centres, and longer the more people took an item, as factors are.</summary>
    private static float[] Around(Random random, int dimensions)
    {
        float[] centres = [.. Positive(random, 120 * dimensions).Select(x => x - 0.5f)];
        float[] rows = new float[Items * dimensions];
        for (int item = 0; item < Items; item++)
        {
            float length = MathF.Pow(random.NextSingle(), 3) + 0.05f;
            int centre = random.Next(120);
            for (int k = 0; k < dimensions; k++)
            {
                rows[(item * dimensions) + k] = length * (centres[(centre * dimensions) + k] + (0.6f * (random.NextSingle() - 0.5f)));
            }
        }

        return rows;
    }
}

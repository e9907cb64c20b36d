using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Interactions;

namespace KnowledgePay.Learning.Ranking;

/// <summary>Ranks all items that a history does not hold, and compares with what was held out.</summary>
public static class ScorerEvaluation
{
    /// <summary>Mean figures over the users of the holdout, computed on all cores; the order of summation is that of the users.</summary>
    public static RankingMetrics Evaluate(IHistoryScorer scorer, Holdout holdout, int k) => Mean(Each(scorer, holdout, k));

    /// <summary>The figures of each of the holdout's users, in their order.</summary>
    public static RankingMetrics[] Each(IHistoryScorer scorer, Holdout holdout, int k)
    {
        int[] order = TopItems.OrderByPopularity(Popularity(holdout.Train));
        var each = new RankingMetrics[holdout.Users.Length];
        Parallel.For(
            0,
            each.Length,
            () => (Top: new TopItems(order), Scores: new float[scorer.Items], Items: new int[k]),
            (at, _, scratch) =>
            {
                int user = holdout.Users[at];
                ReadOnlySpan<HistoryEntry> history = holdout.Train.Row(user);
                scorer.Score(history, scratch.Scores);
                int found = scratch.Top.Select(scratch.Scores, history, scratch.Items);
                each[at] = Compare(scratch.Items.AsSpan(0, found), holdout.TestItems(user), k);
                return scratch;
            },
            _ => { });
        return each;
    }

    /// <summary>The mean over users, summed in their order.</summary>
    public static RankingMetrics Mean(ReadOnlySpan<RankingMetrics> each)
    {
        RankingMetrics mean = default;
        foreach (RankingMetrics one in each)
        {
            mean += one;
        }

        return mean;
    }

    public static RankingMetrics Compare(ReadOnlySpan<int> ranked, ReadOnlySpan<int> test, int k)
    {
        Span<bool> hits = stackalloc bool[Math.Min(ranked.Length, RankingMetrics.LargestCut)];
        for (int rank = 0; rank < hits.Length; rank++)
        {
            hits[rank] = test.Contains(ranked[rank]);
        }

        return RankingMetrics.Of(hits, test.Length, k);
    }

    /// <summary>How many users took each item, each as often as it counts.</summary>
    public static float[] Popularity(InteractionMatrix matrix)
    {
        var counts = new float[matrix.Items];
        for (int user = 0; user < matrix.Users; user++)
        {
            foreach (HistoryEntry entry in matrix.Row(user))
            {
                counts[entry.Item] += matrix.Weights?.Of(user, entry.Item) ?? 1;
            }
        }

        return counts;
    }
}

using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Ranking;
using KnowledgePay.Learning.Simulation;

namespace KnowledgePay.Learning.Recommenders;

/// <summary>Learns how much a model should lean on popularity while a history is short: histories are cut to a few items, and everything else that their people took has to be found.</summary>
internal static class ShortHistories
{
    /// <summary>Lengths for which there is a weight.</summary>
    public static readonly int[] Lengths = [1, 2, 4, 8];

    private const int MostUsers = 1500;

    private static readonly float[] Candidates = [0, 0.1f, 0.2f, 0.35f, 0.5f, 0.75f, 1, 1.5f, 2.5f, 5, 10, 25];

    /// <param name="scorer">Learned from <paramref name="holdout"/>'s training part.</param>
    /// <returns>A weight for each of <see cref="Lengths"/>; 0 where popularity does not help, and where no history is long enough to tell.</returns>
    public static float[] Learn(IHistoryScorer scorer, Holdout holdout, ulong seed)
    {
        float[] popularity = ScorerEvaluation.Popularity(holdout.Train);
        int[] order = TopItems.OrderByPopularity(popularity);
        var weights = new float[Lengths.Length];
        for (int at = 0; at < Lengths.Length; at++)
        {
            int length = Lengths[at];
            int[] users = [.. holdout.Users.Where(user => holdout.Train.RowLength(user) >= length).Take(MostUsers)];
            if (users.Length == 0)
            {
                continue;
            }

            double[][] gains = new double[users.Length][];
            Parallel.For(0, users.Length, () => (Top: new TopItems(order), Scores: new float[scorer.Items], Moved: new float[scorer.Items], Items: new int[RecommenderLearning.ValidationCut]), (u, _, scratch) =>
            {
                (HistoryEntry[] history, int[] others) = Cut(holdout, users[u], length, seed);
                scorer.Score(history, scratch.Scores);
                gains[u] = Array.ConvertAll(Candidates, weight =>
                {
                    scratch.Scores.CopyTo(scratch.Moved.AsSpan());
                    if (weight > 0)
                    {
                        ShortHistoryScorer.Lean(history, scratch.Moved, popularity, weight);
                    }

                    int found = scratch.Top.Select(scratch.Moved, history, scratch.Items);
                    return ScorerEvaluation.Compare(scratch.Items.AsSpan(0, found), others, RecommenderLearning.ValidationCut).Ndcg;
                });
                return scratch;
            }, _ => { });
            int best = Enumerable.Range(0, Candidates.Length).MaxBy(candidate => gains.Sum(gain => gain[candidate]));
            weights[at] = Candidates[best];
        }

        return weights;
    }

    /// <summary>So many items of a history, and all others of the person's, held out or not.</summary>
    private static (HistoryEntry[] History, int[] Others) Cut(Holdout holdout, int user, int length, ulong seed)
    {
        HistoryEntry[] all = holdout.Train.Row(user).ToArray();
        int first = holdout.ByTime ? all.Length - length : 0;
        if (!holdout.ByTime)
        {
            SeededRandom random = SeededRandom.For(seed, 0x53686F7274, (ulong)user);
            for (int k = 0; k < length; k++)
            {
                int other = k + random.Next(all.Length - k);
                (all[k], all[other]) = (all[other], all[k]);
            }
        }

        // By time the latest items are the history, and what comes after them has to be found.
        int[] held = holdout.TestItems(user).ToArray();
        return (all[first..(first + length)], holdout.ByTime ? held : [.. all[length..].Select(entry => entry.Item), .. held]);
    }
}

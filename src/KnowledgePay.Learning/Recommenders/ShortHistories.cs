using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Ranking;

namespace KnowledgePay.Learning.Recommenders;

/// <summary>Learns how much a model should lean on popularity while a history is short: histories are cut to a few items, and everything else that their people took has to be found.</summary>
internal static class ShortHistories
{
    /// <summary>Lengths for which there is a weight.</summary>
    public static readonly int[] Lengths = [1, 2, 4, 8, 16, 32];

    private static readonly float[] Candidates = [0, 0.1f, 0.2f, 0.35f, 0.5f, 0.75f, 1, 1.5f, 2.5f, 4, 6, 10, 25];

    /// <param name="scorer">Learned without the newcomers.</param>
    /// <returns>A weight for each of <see cref="Lengths"/>; 0 where popularity does not help, and where no history is long enough to tell.</returns>
    public static float[] Learn(IHistoryScorer scorer, Newcomers newcomers)
    {
        var weights = new float[Lengths.Length];
        float[] popularity = ScorerEvaluation.Popularity(newcomers.Known);
        int[] order = TopItems.OrderByPopularity(popularity);
        float most = float.PositiveInfinity;
        for (int at = 0; at < Lengths.Length; at++)
        {
            Holdout holdout = newcomers.CutTo(Lengths[at]);
            int[] users = holdout.Users;
            if (users.Length == 0)
            {
                continue;
            }

            double[][] gains = new double[users.Length][];
            Parallel.For(0, users.Length, () => (Top: new TopItems(order), Scores: new float[scorer.Items], Moved: new float[scorer.Items], Items: new int[RecommenderLearning.ValidationCut]), (u, _, scratch) =>
            {
                HistoryEntry[] history = holdout.Train.Row(users[u]).ToArray();
                int[] others = holdout.TestItems(users[u]).ToArray();
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
            // The longer a history the less: of the few who have a long one, chance says otherwise now and then.
            int best = Enumerable.Range(0, Candidates.Length).Where(candidate => Candidates[candidate] <= most).MaxBy(candidate => gains.Sum(gain => gain[candidate]));
            weights[at] = most = Candidates[best];
        }

        return weights;
    }
}

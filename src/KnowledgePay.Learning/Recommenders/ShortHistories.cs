using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Interactions;
using KnowledgePay.Learning.Ranking;
using KnowledgePay.Learning.Simulation;

namespace KnowledgePay.Learning.Recommenders;

/// <summary>Learns how much a model should lean on popularity while a history is short: histories are cut to a few items, and everything else that their people took has to be found.</summary>
internal static class ShortHistories
{
    /// <summary>Lengths for which there is a weight.</summary>
    public static readonly int[] Lengths = [1, 2, 4, 8, 16, 32];

    /// <summary>People who are left out of the learning to be newcomers: a share of all, so many at most.</summary>
    private const double NewcomerShare = 0.1;
    private const int MostNewcomers = 1500;

    private static readonly float[] Candidates = [0, 0.1f, 0.2f, 0.35f, 0.5f, 0.75f, 1, 1.5f, 2.5f, 4, 6, 10, 25];

    /// <summary>People come with a few items of their history to a model that has not learned from them: one that has finds the rest of what they took too easily.</summary>
    /// <param name="scorer">Learned from <paramref name="known"/>.</param>
    /// <param name="known">The interactions of all but the newcomers.</param>
    /// <param name="newcomers">Of <paramref name="matrix"/>, which has their histories.</param>
    /// <param name="byTime">Whether a history's latest items have to be found from those before them; else any from any.</param>
    /// <returns>A weight for each of <see cref="Lengths"/>; 0 where popularity does not help, and where no history is long enough to tell.</returns>
    public static float[] Learn(IHistoryScorer scorer, InteractionMatrix known, InteractionMatrix matrix, int[] newcomers, bool byTime, ulong seed)
    {
        var weights = new float[Lengths.Length];
        float[] popularity = ScorerEvaluation.Popularity(known);
        int[] order = TopItems.OrderByPopularity(popularity);
        float most = float.PositiveInfinity;
        for (int at = 0; at < Lengths.Length; at++)
        {
            int length = Lengths[at];
            int[] users = [.. newcomers.Where(user => matrix.RowLength(user) > length)];
            if (users.Length == 0)
            {
                continue;
            }

            double[][] gains = new double[users.Length][];
            Parallel.For(0, users.Length, () => (Top: new TopItems(order), Scores: new float[scorer.Items], Moved: new float[scorer.Items], Items: new int[RecommenderLearning.ValidationCut]), (u, _, scratch) =>
            {
                (HistoryEntry[] history, int[] others) = Cut(matrix.Row(users[u]), length, byTime, SeededRandom.For(seed, 0x53686F7274, (ulong)users[u]));
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

    /// <summary>Who is left out to be a newcomer, ascending.</summary>
    public static int[] Newcomers(InteractionMatrix matrix, ulong seed)
    {
        var able = Enumerable.Range(0, matrix.Users).Where(user => matrix.RowLength(user) >= Holdout.ShortestHistory).ToList();
        int count = Math.Min(MostNewcomers, (int)(NewcomerShare * able.Count));
        SeededRandom random = SeededRandom.For(seed, 0x4E6577, 0);
        for (int k = 0; k < count; k++)
        {
            int other = k + random.Next(able.Count - k);
            (able[k], able[other]) = (able[other], able[k]);
        }

        return [.. able.Take(count).Order()];
    }

    /// <summary>Newcomers with so many items of their history, for the others to be found.</summary>
    /// <inheritdoc cref="Learn" path="/param"/>
    public static Holdout CutTo(int length, InteractionMatrix known, InteractionMatrix matrix, int[] newcomers, bool byTime, ulong seed)
    {
        int[] users = [.. newcomers.Where(user => matrix.RowLength(user) > length)];
        var test = new int[matrix.Users][];
        Array.Fill(test, []);
        var starts = new int[matrix.Users + 1];
        var kept = new List<HistoryEntry>(known.Count + (users.Length * length));
        for (int user = 0, next = 0; user < matrix.Users; user++)
        {
            if (next < users.Length && users[next] == user)
            {
                (HistoryEntry[] history, test[user]) = Cut(matrix.Row(user), length, byTime, SeededRandom.For(seed, 0x53686F7274, (ulong)user));
                kept.AddRange(history);
                next++;
            }
            else
            {
                kept.AddRange(known.Row(user));
            }

            starts[user + 1] = kept.Count;
        }

        return Holdout.Of(new InteractionMatrix(matrix.Items, starts, [.. kept], known.Weights), test, users, byTime);
    }

    /// <summary>The same users, some without anything.</summary>
    public static InteractionMatrix Without(InteractionMatrix matrix, int[] users)
    {
        var starts = new int[matrix.Users + 1];
        var kept = new List<HistoryEntry>(matrix.Count);
        for (int user = 0, next = 0; user < matrix.Users; user++)
        {
            starts[user] = kept.Count;
            if (next < users.Length && users[next] == user)
            {
                next++;
            }
            else
            {
                kept.AddRange(matrix.Row(user));
            }
        }

        starts[matrix.Users] = kept.Count;
        return new InteractionMatrix(matrix.Items, starts, [.. kept], matrix.Weights);
    }

    /// <summary>So many items of a history, and the others of the person's: by time the latest few, and the history is what came just before them.</summary>
    private static (HistoryEntry[] History, int[] Others) Cut(ReadOnlySpan<HistoryEntry> row, int length, bool byTime, SeededRandom random)
    {
        HistoryEntry[] all = row.ToArray();
        if (byTime)
        {
            int held = Math.Clamp((int)Math.Round(all.Length * Holdout.Share), 1, Math.Min(Holdout.MostLatest, all.Length - length));
            int first = all.Length - held - length;
            return (all[first..(first + length)], [.. all[^held..].Select(entry => entry.Item)]);
        }

        for (int k = 0; k < length; k++)
        {
            int other = k + random.Next(all.Length - k);
            (all[k], all[other]) = (all[other], all[k]);
        }

        return (all[..length], [.. all[length..].Select(entry => entry.Item)]);
    }
}

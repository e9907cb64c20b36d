using System.Buffers.Text;
using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Interactions;
using KnowledgePay.Learning.Ranking;

namespace KnowledgePay.Learning.Recommenders;

/// <param name="User">Ordinal in the history.</param>
/// <param name="Items">Ordinals in the model, best first.</param>
public sealed record RankedList(int User, int[] Items, float[] Scores);

/// <summary>Lists of recommendations: made from a model, read from a file.</summary>
public static class RecommendationLists
{
    /// <summary>Users that are ranked together; bounds what is held at once.</summary>
    private const int Batch = 4096;

    /// <summary>A list for every user of the set, in the order of the file, each of at most <paramref name="count"/> items that the history does not hold.</summary>
    public static IEnumerable<RankedList> Rank(RecommenderModel model, InteractionSet histories, int count, CancellationToken cancellation)
    {
        count = Math.Min(count, model.Items.Count);
        for (int from = 0; from < histories.Users.Count; from += Batch)
        {
            var lists = new RankedList[Math.Min(Batch, histories.Users.Count - from)];
            Parallel.For(
                0,
                lists.Length,
                new ParallelOptions { CancellationToken = cancellation },
                () => (Top: new TopItems(model.TieOrder), Scores: new float[model.Items.Count], Items: new int[count]),
                (at, _, scratch) =>
                {
                    ReadOnlySpan<HistoryEntry> history = histories.Matrix.Row(from + at);
                    model.Score(history, scratch.Scores);
                    int[] items = scratch.Items[..scratch.Top.Select(scratch.Scores, history, scratch.Items)];
                    lists[at] = new RankedList(from + at, items, Array.ConvertAll(items, item => scratch.Scores[item]));
                    return scratch;
                },
                _ => { });
            foreach (RankedList list in lists)
            {
                yield return list;
            }
        }
    }

    /// <summary>Figures at each cut of the lists in a file (<c>user,rank,item</c>), over all users of the test.</summary>
    /// <exception cref="InputException">The file is wrong: a rank that is no number from 1, or one that a user has twice.</exception>
    public static RankingMetrics[] Evaluate(string path, InteractionSet test, int[] cuts)
    {
        int deepest = cuts.Max();
        var ranked = new int[test.Users.Count][];
        using (InputFile file = InputFile.Open(path))
        {
            var csv = new CsvReader(file.Content, file.Name);
            int user = Column(csv, path, "user"), rank = Column(csv, path, "rank"), item = Column(csv, path, "item");
            while (csv.Read())
            {
                ReadOnlySpan<byte> text = csv.Field(rank);
                if (!Utf8Parser.TryParse(text, out int place, out int used) || used != text.Length || place < 1)
                {
                    throw csv.Wrong(rank, $"rank '{csv.Text(rank)}': expected a number from 1.");
                }

                int u = test.Users.Resolve(csv.Field(user), grow: false);
                if (u < 0 || place > deepest)
                {
                    continue;
                }

                int[] list = ranked[u] ??= Filled(deepest);
                list[place - 1] = list[place - 1] == Absent
                    ? test.Items.Resolve(csv.Field(item), grow: false)
                    : throw csv.Wrong(rank, $"user '{csv.Text(user)}' has rank {place} twice; expected it once.");
            }
        }

        return Array.ConvertAll(cuts, k => Mean(ranked, test.Matrix, k));
    }

    private const int Absent = -2;

    private static RankingMetrics Mean(int[][] ranked, InteractionMatrix test, int k)
    {
        RankingMetrics mean = default;
        for (int u = 0; u < test.Users; u++)
        {
            int[] items = new int[test.RowLength(u)];
            for (int at = 0; at < items.Length; at++)
            {
                items[at] = test.Row(u)[at].Item;
            }

            if (items.Length > 0)
            {
                mean += ScorerEvaluation.Compare(ranked[u] ?? [], items, k);
            }
        }

        return mean;
    }

    private static int[] Filled(int length)
    {
        var list = new int[length];
        Array.Fill(list, Absent);
        return list;
    }

    private static int Column(CsvReader csv, string file, string name)
    {
        int index = csv.IndexOf(name);
        return index >= 0 ? index : throw new InputException(file, 1, 1, $"there is no column '{name}'; expected user,rank,item.");
    }
}

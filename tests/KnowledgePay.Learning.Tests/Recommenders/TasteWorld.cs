using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Interactions;

namespace KnowledgePay.Learning.Tests.Recommenders;

/// <summary>People of a few tastes, each of whom takes mostly items of their taste; ratings are high inside it.</summary>
internal static class TasteWorld
{
    public const int Tastes = 4;

    /// <summary>An item's taste is its ordinal modulo <see cref="Tastes"/>, a person's likewise.</summary>
    public static InteractionMatrix Make(int users = 200, int items = 40, int taken = 8, int seed = 3, bool times = false, bool ratings = false)
    {
        var random = new Random(seed);
        var starts = new int[users + 1];
        var entries = new List<HistoryEntry>();
        for (int user = 0; user < users; user++)
        {
            var seen = new HashSet<int>();
            while (seen.Count < taken)
            {
                int item = random.Next(items);
                bool own = item % Tastes == user % Tastes;
                if ((own || random.Next(10) == 0) && seen.Add(item))
                {
                    float stars = (float)Math.Clamp(Math.Round((own ? 4.2 : 2.2) + random.NextDouble()), 1, 5);
                    entries.Add(new HistoryEntry(item, ratings ? stars : float.NaN, times ? entries.Count * 1000L : HistoryEntry.NoTime));
                }
            }

            starts[user + 1] = entries.Count;
        }

        return new InteractionMatrix(items, starts, [.. entries]);
    }

    public static InteractionSet Set(InteractionMatrix matrix) => new(
        new IdTable(Enumerable.Range(0, matrix.Users).Select(user => $"u{user}")),
        new IdTable(Enumerable.Range(0, matrix.Items).Select(item => $"i{item}")),
        matrix,
        new InteractionQuality { Users = matrix.Users, Items = matrix.Items, Pairs = matrix.Count, Scale = new RatingScale(1, 5) });

    public static HistoryEntry[] History(params int[] items) => Array.ConvertAll(items, item => new HistoryEntry(item, float.NaN, HistoryEntry.NoTime));

    public static float[] Scores(IHistoryScorer scorer, HistoryEntry[] history)
    {
        var scores = new float[scorer.Items];
        scorer.Score(history, scores);
        return scores;
    }
}

using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Interactions;
using KnowledgePay.Learning.Ranking;
using KnowledgePay.Learning.Simulation;

namespace KnowledgePay.Learning.Recommenders;

/// <summary>People who come with a few items of their history to a model that has not learned from them: one that has finds the rest of what they took too easily.</summary>
/// <param name="All">Everybody's interactions.</param>
/// <param name="Known">The same users' without the newcomers': what a model may learn from.</param>
/// <param name="Users">Who they are, ascending.</param>
/// <param name="ByTime">Whether a history's latest items have to be found from those before them; else any from any.</param>
internal sealed record Newcomers(InteractionMatrix All, InteractionMatrix Known, int[] Users, bool ByTime, ulong Seed)
{
    /// <summary>A share of all, so many at most.</summary>
    private const double Share = 0.1;
    private const int Most = 1500;

    /// <summary>Who is left out of the learning, ascending.</summary>
    public static int[] Choose(InteractionMatrix matrix, ulong seed)
    {
        var able = Enumerable.Range(0, matrix.Users).Where(user => matrix.RowLength(user) >= Holdout.ShortestHistory).ToList();
        int count = Math.Min(Most, (int)(Share * able.Count));
        SeededRandom random = SeededRandom.For(seed, 0x4E6577, 0);
        for (int k = 0; k < count; k++)
        {
            int other = k + random.Next(able.Count - k);
            (able[k], able[other]) = (able[other], able[k]);
        }

        return [.. able.Take(count).Order()];
    }

    /// <summary>Those with more than so many items come with so many, and the others of theirs have to be found.</summary>
    public Holdout CutTo(int length)
    {
        int[] users = [.. Users.Where(user => All.RowLength(user) > length)];
        var test = new int[All.Users][];
        Array.Fill(test, []);
        var histories = new Dictionary<int, HistoryEntry[]>();
        foreach (int user in users)
        {
            (histories[user], test[user]) = Cut(All.Row(user), length, ByTime, SeededRandom.For(Seed, 0x53686F7274, (ulong)user));
        }

        return Holdout.Of(Known.Replace(histories), test, users, ByTime);
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

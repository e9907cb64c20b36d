using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Interactions;
using KnowledgePay.Learning.Simulation;

namespace KnowledgePay.Learning.Ranking;

/// <summary>A part of each user's history that learning does not see.</summary>
public sealed class Holdout
{
    /// <summary>Share of a history that is held out, at least one item of it.</summary>
    public const double Share = 0.2;

    /// <summary>Latest items that are held out of a history at most: of what comes long after, nobody could know.</summary>
    public const int MostLatest = 5;

    /// <summary>Histories shorter than this stay whole.</summary>
    public const int ShortestHistory = 3;

    private readonly int[][] _test;

    private Holdout(InteractionMatrix train, int[][] test, int[] users, bool byTime)
    {
        (Train, _test, Users, ByTime) = (train, test, users, byTime);
    }

    /// <summary>What is left to learn from.</summary>
    public InteractionMatrix Train { get; }

    /// <summary>Users that are evaluated, ascending.</summary>
    public int[] Users { get; }

    /// <summary>Whether the latest items were held out; else random ones.</summary>
    public bool ByTime { get; }

    /// <summary>Held-out items of one of <see cref="Users"/>.</summary>
    public ReadOnlySpan<int> TestItems(int user) => _test[user];

    /// <summary>Histories that were cut before.</summary>
    /// <param name="test">By user of the matrix what has to be found.</param>
    /// <param name="users">Who is evaluated, ascending.</param>
    public static Holdout Of(InteractionMatrix train, int[][] test, int[] users, bool byTime) => new(train, test, users, byTime);

    /// <summary>The same with fewer users to evaluate.</summary>
    public Holdout Only(int[] users) => new(Train, _test, users, ByTime);

    /// <param name="mostUsers">Users that are evaluated at most; what is held out of others stays with the training.</param>
    /// <param name="share">Share of a history that is held out.</param>
    /// <param name="since">Only what is later is held out, of half of those who have something later; null for all.</param>
    /// <param name="apart">Users, ascending, whose whole histories are left out of the training, and who are not evaluated.</param>
    public static Holdout Split(InteractionMatrix matrix, ulong seed, bool byTime, int mostUsers, double share = Share, long? since = null, ReadOnlySpan<int> apart = default)
    {
        int[] users = Choose(matrix, seed, mostUsers, since, apart);
        var test = new int[matrix.Users][];
        Array.Fill(test, []);
        var starts = new int[matrix.Users + 1];
        var kept = new HistoryEntry[matrix.Count];
        int count = 0, next = 0;
        for (int user = 0; user < matrix.Users; user++)
        {
            starts[user] = count;
            if (apart.Length > 0 && apart[0] == user)
            {
                apart = apart[1..];
                continue;
            }

            ReadOnlySpan<HistoryEntry> row = matrix.Row(user);
            if (next == users.Length || users[next] != user)
            {
                row.CopyTo(kept.AsSpan(count));
                count += row.Length;
                continue;
            }

            next++;
            bool[] held = Held(row.Length, SeededRandom.For(seed, 0x486F6C64, (ulong)user), byTime, share, since is { } latest ? Later(row, latest) : row.Length);
            var items = new List<int>();
            for (int k = 0; k < row.Length; k++)
            {
                if (held[k])
                {
                    items.Add(row[k].Item);
                }
                else
                {
                    kept[count++] = row[k];
                }
            }

            test[user] = [.. items];
        }

        starts[matrix.Users] = count;
        return new Holdout(new InteractionMatrix(matrix.Items, starts, kept[..count], matrix.Weights), test, users, byTime);
    }

    private static int Later(ReadOnlySpan<HistoryEntry> row, long since)
    {
        int first = row.Length;
        while (first > 0 && row[first - 1].Time > since)
        {
            first--;
        }

        return row.Length - first;
    }

    private static int[] Choose(InteractionMatrix matrix, ulong seed, int mostUsers, long? since, ReadOnlySpan<int> apart)
    {
        var able = new List<int>();
        for (int user = 0; user < matrix.Users; user++)
        {
            if (apart.BinarySearch(user) < 0 && matrix.RowLength(user) >= ShortestHistory && (since is null || matrix.Row(user)[^1].Time > since))
            {
                able.Add(user);
            }
        }

        if (since is not null)
        {
            // What is new has to be learned of as well.
            mostUsers = Math.Min(mostUsers, (able.Count + 1) / 2);
        }

        var random = SeededRandom.For(seed, 0x55736572, 0);
        for (int k = 0; k < Math.Min(mostUsers, able.Count); k++)
        {
            int other = k + random.Next(able.Count - k);
            (able[k], able[other]) = (able[other], able[k]);
        }

        return [.. able.Take(mostUsers).Order()];
    }

    private static bool[] Held(int length, SeededRandom random, bool byTime, double share, int most)
    {
        int count = Math.Max(1, (int)Math.Round(length * share));
        var held = new bool[length];
        if (byTime)
        {
            count = Math.Min(Math.Min(count, most), MostLatest);
            held.AsSpan(length - count).Fill(true);
            return held;
        }

        for (int left = count; left > 0;)
        {
            int at = random.Next(length);
            if (!held[at])
            {
                held[at] = true;
                left--;
            }
        }

        return held;
    }
}

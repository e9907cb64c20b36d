using KnowledgePay.Decisions.Recommending.Models;

namespace KnowledgePay.Learning.Interactions;

/// <summary>Who took what, by user (compressed rows) and by item; never changed once made.</summary>
public sealed class InteractionMatrix
{
    private readonly int[] _starts;
    private readonly HistoryEntry[] _entries;
    private readonly Lazy<(int[] Starts, int[] Users)> _byItem;

    /// <param name="starts">Where each user's entries begin, with one more for the end.</param>
    /// <param name="entries">By user, oldest first, each item at most once for a user.</param>
    /// <param name="weights">How much single interactions count; null where each counts the same.</param>
    public InteractionMatrix(int items, int[] starts, HistoryEntry[] entries, InteractionWeights? weights = null)
    {
        Items = items;
        Weights = weights;
        _starts = starts;
        _entries = entries;
        _byItem = new(Transpose);
    }

    public int Users => _starts.Length - 1;

    public int Items { get; }

    public int Count => _starts[^1];

    /// <summary>Popularity, item neighbours, EASE and implicit factors count interactions so; null where each counts 1.</summary>
    public InteractionWeights? Weights { get; }

    public int[] Starts => _starts;

    public ReadOnlySpan<HistoryEntry> Entries => _entries.AsSpan(0, Count);

    /// <summary>A user's history, oldest first.</summary>
    public ReadOnlySpan<HistoryEntry> Row(int user) => _entries.AsSpan(_starts[user], _starts[user + 1] - _starts[user]);

    public int RowLength(int user) => _starts[user + 1] - _starts[user];

    /// <summary>The users who took an item, ascending.</summary>
    public ReadOnlySpan<int> UsersOf(int item)
    {
        (int[] starts, int[] users) = _byItem.Value;
        return users.AsSpan(starts[item], starts[item + 1] - starts[item]);
    }

    public int Degree(int item) => UsersOf(item).Length;

    public bool HasTimes => Count > 0 && _entries[0].Time != HistoryEntry.NoTime;

    public bool HasRatings
    {
        get
        {
            foreach (HistoryEntry entry in Entries)
            {
                if (!float.IsNaN(entry.Rating))
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>The same users, some with other histories.</summary>
    /// <param name="histories">By user, oldest first.</param>
    public InteractionMatrix Replace(IReadOnlyDictionary<int, HistoryEntry[]> histories)
    {
        var starts = new int[Users + 1];
        var kept = new List<HistoryEntry>(Count);
        for (int user = 0; user < Users; user++)
        {
            kept.AddRange(histories.TryGetValue(user, out HistoryEntry[]? other) ? other : Row(user));
            starts[user + 1] = kept.Count;
        }

        return new InteractionMatrix(Items, starts, [.. kept], Weights);
    }

    private (int[] Starts, int[] Users) Transpose()
    {
        var starts = new int[Items + 1];
        foreach (HistoryEntry entry in Entries)
        {
            starts[entry.Item + 1]++;
        }

        for (int i = 0; i < Items; i++)
        {
            starts[i + 1] += starts[i];
        }

        int[] next = starts[..^1];
        var users = new int[Count];
        for (int u = 0; u < Users; u++)
        {
            foreach (HistoryEntry entry in Row(u))
            {
                users[next[entry.Item]++] = u;
            }
        }

        return (starts, users);
    }
}

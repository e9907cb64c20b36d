using KnowledgePay.Decisions.Recommending.Models;

namespace KnowledgePay.Learning.Interactions;

/// <summary>Interactions that come one by one and not from a file: each person's items in the order in which they were first taken.</summary>
public sealed class InteractionCollector
{
    private readonly IdTable _users = new();
    private readonly IdTable _items = new();
    private readonly HashSet<long> _seen = [];
    private readonly List<int> _userOf = [];
    private readonly List<HistoryEntry> _entries = [];
    private readonly InteractionQuality _quality = new() { HasTimes = true };

    /// <summary>Interactions so far, repeats left out.</summary>
    public int Count => _entries.Count;

    /// <summary>Adds one; a pair that was there already is counted as a repeat and changes nothing.</summary>
    public void Add(string user, string item, DateTimeOffset time)
    {
        _quality.Rows++;
        int u = _users.Add(user), i = _items.Add(item);
        if (!_seen.Add(((long)u << 32) | (uint)i))
        {
            _quality.Duplicates++;
            return;
        }

        _userOf.Add(u);
        _entries.Add(new HistoryEntry(i, float.NaN, time.ToUnixTimeMilliseconds()));
    }

    /// <summary>All that was added.</summary>
    public InteractionSet ToSet()
    {
        InteractionMatrix matrix = new HistorySorting(_quality).Sort(
            _users.Count, _items.Count, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_userOf), System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_entries));
        (_quality.Users, _quality.Items, _quality.Pairs) = (_users.Count, _items.Count, matrix.Count);
        return new InteractionSet(_users, _items, matrix, _quality);
    }
}

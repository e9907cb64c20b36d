using System.Text;

namespace KnowledgePay.Learning.Interactions;

/// <summary>Ids by ordinal and ordinals by id, in order of first appearance.</summary>
public sealed class IdTable
{
    /// <summary>No id is longer, in characters.</summary>
    public const int LongestId = 256;

    private readonly Dictionary<string, int> _ordinals = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly List<string> _ids = [];

    public IdTable()
    {
        _lookup = _ordinals.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public IdTable(IEnumerable<string> ids)
        : this()
    {
        foreach (string id in ids)
        {
            Add(id);
        }
    }

    public int Count => _ids.Count;

    public IReadOnlyList<string> Ids => _ids;

    public string this[int ordinal] => _ids[ordinal];

    public int Find(ReadOnlySpan<char> id) => _lookup.TryGetValue(id, out int ordinal) ? ordinal : -1;

    public int Add(ReadOnlySpan<char> id)
    {
        if (_lookup.TryGetValue(id, out int ordinal))
        {
            return ordinal;
        }

        string kept = id.ToString();
        _ordinals.Add(kept, _ids.Count);
        _ids.Add(kept);
        return _ids.Count - 1;
    }

    /// <summary>The ordinal of a UTF-8 id, given to it when it is new and <paramref name="grow"/> says so; −1 when it is unknown or too long.</summary>
    public int Resolve(ReadOnlySpan<byte> utf8, bool grow)
    {
        Span<char> id = stackalloc char[LongestId];
        return Encoding.UTF8.TryGetChars(utf8, id, out int length)
            ? grow ? Add(id[..length]) : Find(id[..length])
            : -1;
    }
}

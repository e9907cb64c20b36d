using System.Buffers.Binary;

namespace KnowledgePay.Decisions.Recommending;

public sealed partial class ItemSimilarity
{
    private const int GlobalsBytes = 13;
    private const int FirstGlobalsBytes = 5;

    private bool _loading;
    private long[] _rowOffsets = [];
    private long _globalsOffset;

    /// <summary>
    /// Writer: takes rows that changed and were not saved since, from <paramref name="cursor"/> on, until they fill <paramref name="bytesAtMost"/>.
    /// True when the pass over all courses is done (the cursor is 0 again): everything up to the offset at which the pass began is then stored.
    /// </summary>
    /// <param name="offset">The journal offset up to which everything was added: each row carries it, so that rows of one pass need not be of one moment.</param>
    /// <remarks>A row is marked as saved when it is taken; if the write fails, give it back to <see cref="MarkUnsaved(int)"/>.</remarks>
    public bool TakeUnsaved(ref int cursor, int bytesAtMost, long offset, List<(int Item, byte[] State)> rows)
    {
        int bytes = 0;
        for (; cursor < _items; cursor++)
        {
            if (bytes >= bytesAtMost)
            {
                return false;
            }

            if ((_flags[cursor] & Unsaved) != 0)
            {
                _flags[cursor] &= unchecked((byte)~Unsaved);
                byte[] state = (Export(cursor) with { Offset = offset }).ToBytes();
                bytes += state.Length;
                rows.Add((cursor, state));
            }
        }

        cursor = 0;
        return true;
    }

    /// <summary>Writer: a course's counts as they are stored.</summary>
    public ItemSimilarityState Export(int item)
    {
        var items = new int[_counts[item].Count];
        var counts = new int[items.Length];
        _counts[item].CopyTo(items, counts);
        Array.Sort(items, counts);
        return new() { Degree = _degrees[item], Items = items, Counts = counts };
    }

    /// <summary>The number that belongs to no row: people (version, 4 bytes, then the offset's 8, little-endian).</summary>
    public byte[] SaveGlobals(long offset)
    {
        var bytes = new byte[GlobalsBytes];
        bytes[0] = ItemSimilarityState.FormatVersion;
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(1), _people);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(5), offset);
        return bytes;
    }

    /// <summary>Writer, before readers come: restores what <see cref="SaveGlobals"/> gave. Call it before the rows.</summary>
    /// <param name="olderOffset">The offset of a first-version form, which carries none.</param>
    /// <exception cref="FormatException">The bytes are not what <see cref="SaveGlobals"/> writes.</exception>
    public void LoadGlobals(ReadOnlySpan<byte> bytes, long olderOffset = 0)
    {
        bool isFirst = bytes.Length == FirstGlobalsBytes && bytes[0] == ItemSimilarityState.FirstVersion;
        bool isPresent = bytes.Length == GlobalsBytes && bytes[0] == ItemSimilarityState.FormatVersion;
        if (!(isFirst || isPresent) || BinaryPrimitives.ReadInt32LittleEndian(bytes[1..]) < 0)
        {
            throw new FormatException($"Item similarity globals: {bytes.Length} bytes; expected {GlobalsBytes} of version {ItemSimilarityState.FormatVersion}.");
        }

        _people = BinaryPrimitives.ReadInt32LittleEndian(bytes[1..]);
        _globalsOffset = isPresent ? BinaryPrimitives.ReadInt64LittleEndian(bytes[5..]) : olderOffset;
        NotePeople();
    }

    /// <summary>Writer, before readers come: restores one course's counts. When all are in, <c>RefreshDirty(int.MaxValue)</c> makes the neighbours.</summary>
    /// <param name="olderOffset">The offset of a first-version row, which carries none.</param>
    /// <exception cref="FormatException">The bytes are not what <see cref="TakeUnsaved"/> gave.</exception>
    /// <exception cref="InvalidOperationException">The course already has counts.</exception>
    public void LoadRow(int item, ReadOnlySpan<byte> bytes, long olderOffset = 0)
    {
        ItemSimilarityState state = ItemSimilarityState.FromBytes(bytes);
        ArgumentOutOfRangeException.ThrowIfNegative(item);
        Ensure(Math.Max(item, state.Items.Length > 0 ? state.Items[^1] : 0));
        if (_degrees[item] != 0 || _counts[item].Count != 0)
        {
            throw new InvalidOperationException($"Course ordinal {item} already has counts; rows are loaded once, before the first event.");
        }

        for (int i = 0; i < state.Items.Length; i++)
        {
            _counts[item].Add(state.Items[i], state.Counts[i]);
        }

        _degrees[item] = state.Degree;
        _rowOffsets[item] = state.Offset < 0 ? olderOffset : state.Offset;
        _damping[item] = 0;
        _loading = true;
        MarkDirty(item);
    }

    /// <summary>Writer, before readers come: adds another partition's counts. When all are in, <c>RefreshDirty(int.MaxValue)</c> makes the neighbours.</summary>
    public void Merge(ItemSimilarity partition)
    {
        if (partition._items == 0)
        {
            return;
        }

        Ensure(partition._items - 1);
        var items = new int[CountRow.Limit];
        var counts = new int[CountRow.Limit];
        for (int item = 0; item < partition._items; item++)
        {
            int pairs = partition._counts[item].CopyTo(items, counts);
            for (int i = 0; i < pairs; i++)
            {
                _counts[item].Add(items[i], counts[i]);
            }

            if (partition._degrees[item] > 0 || pairs > 0)
            {
                _degrees[item] += partition._degrees[item];
                _damping[item] = 0;
                MarkDirty(item);
            }
        }

        _people += partition._people;
        _loading = true;
        NotePeople();
    }

    /// <summary>Puts the popularity order right after rows were loaded.</summary>
    private void FinishLoading()
    {
        _loading = false;
        var keys = new ulong[_items];
        for (int i = 0; i < _items; i++)
        {
            keys[i] = Selection.Key(_degrees[i], i);
        }

        Selection.SortLargestFirst(keys, _items);
        for (int place = 0; place < _items; place++)
        {
            int item = Selection.IdOf(keys[place]);
            _byDegree[place] = item;
            _placeByDegree[item] = place;
        }
    }
}

using System.Buffers.Binary;

namespace KnowledgePay.Decisions.Recommending;

public sealed partial class ItemSimilarity
{
    private bool _loading;

    /// <summary>Writer: what changed since the last call, a row a course. Store all of it, <see cref="SaveGlobals"/> and the watermark in one transaction.</summary>
    /// <remarks>A row is marked as saved when it is yielded; if the transaction fails, call <see cref="MarkAllUnsaved"/>.</remarks>
    public IEnumerable<(int Item, byte[] State)> DrainDirtyForSave()
    {
        for (int item = 0; item < _items; item++)
        {
            if ((_flags[item] & Unsaved) != 0)
            {
                _flags[item] &= unchecked((byte)~Unsaved);
                yield return (item, Export(item).ToBytes());
            }
        }
    }

    /// <summary>Writer: makes the next <see cref="DrainDirtyForSave"/> yield every row.</summary>
    public void MarkAllUnsaved()
    {
        for (int item = 0; item < _items; item++)
        {
            MarkUnsaved(item);
        }
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

    /// <summary>The number that belongs to no row: people (version, then 4 bytes little-endian).</summary>
    public byte[] SaveGlobals()
    {
        var bytes = new byte[5];
        bytes[0] = ItemSimilarityState.FormatVersion;
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(1), _people);
        return bytes;
    }

    /// <summary>Writer, before readers come: restores what <see cref="SaveGlobals"/> gave. Call it before the rows.</summary>
    /// <exception cref="FormatException">The bytes are not what <see cref="SaveGlobals"/> writes.</exception>
    public void LoadGlobals(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != 5 || bytes[0] != ItemSimilarityState.FormatVersion || BinaryPrimitives.ReadInt32LittleEndian(bytes[1..]) < 0)
        {
            throw new FormatException($"Item similarity globals: {bytes.Length} bytes; expected 5 of version {ItemSimilarityState.FormatVersion}.");
        }

        _people = BinaryPrimitives.ReadInt32LittleEndian(bytes[1..]);
        NotePeople();
    }

    /// <summary>Writer, before readers come: restores one course's counts. When all are in, <c>RefreshDirty(int.MaxValue)</c> makes the neighbours.</summary>
    /// <exception cref="FormatException">The bytes are not what <see cref="DrainDirtyForSave"/> gave.</exception>
    /// <exception cref="InvalidOperationException">The course already has counts.</exception>
    public void LoadRow(int item, ReadOnlySpan<byte> bytes)
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
        _damping[item] = 0;
        _loading = true;
        MarkDirty(item);
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

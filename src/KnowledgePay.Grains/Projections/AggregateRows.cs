using System.Buffers.Binary;
using System.Globalization;
using KnowledgePay.Storage;
using Orleans.Serialization;

namespace KnowledgePay.Grains.Projections;

/// <summary>The stored form of one aggregate: a version, how far it has read, and the aggregate.</summary>
internal static class AggregateRow
{
    /// <summary>Version, journal offset and decision chunk (8 bytes each, little-endian), aggregate.</summary>
    public const byte Format = 2;

    /// <summary>Version and aggregate; how far it has read stands beside it.</summary>
    public const byte PlainFormat = 1;

    private const int HeaderBytes = 17;

    /// <summary>The ordinal in a row's key; its first letter is the kind.</summary>
    public static int OrdinalOf(string key) => int.Parse(key.AsSpan(1), CultureInfo.InvariantCulture);

    public static byte[] Write(ReadOnlySpan<byte> aggregate, ProjectionWatermark mark)
    {
        byte[] row = new byte[HeaderBytes + aggregate.Length];
        row[0] = Format;
        BinaryPrimitives.WriteInt64LittleEndian(row.AsSpan(1), mark.JournalOffset);
        BinaryPrimitives.WriteInt64LittleEndian(row.AsSpan(9), mark.DecisionChunk);
        aggregate.CopyTo(row.AsSpan(HeaderBytes));
        return row;
    }

    /// <param name="beside">How far a row that does not say it has read.</param>
    /// <exception cref="InvalidDataException">The row is of a later version.</exception>
    public static (ProjectionWatermark Mark, ReadOnlyMemory<byte> Body) Read(byte[] row, ProjectionWatermark beside) => row[0] switch
    {
        Format => (new ProjectionWatermark(BinaryPrimitives.ReadInt64LittleEndian(row.AsSpan(1)), BinaryPrimitives.ReadInt64LittleEndian(row.AsSpan(9))), row.AsMemory(HeaderBytes)),
        PlainFormat => (beside, row.AsMemory(1)),
        byte other => throw new InvalidDataException($"A stored aggregate has format {other}; this engine reads up to {Format}."),
    };
}

/// <summary>A partition's aggregates of one kind by ordinal, with what is not saved yet.</summary>
internal sealed class AggregateRows<T>(char kind, Serializer<T> serializer)
    where T : class, new()
{
    private readonly Dictionary<int, T> _aggregates = [];
    private readonly Dictionary<int, ProjectionWatermark> _restored = [];
    private readonly HashSet<int> _unsaved = [];
    private readonly Queue<int> _pass = new();

    public bool Owns(string key) => key[0] == kind;

    public string KeyOf(int ordinal) => string.Create(CultureInfo.InvariantCulture, $"{kind}{ordinal}");

    /// <summary>How far the aggregate had read when it was loaded: what is replayed up to there is in it.</summary>
    public ProjectionWatermark MarkOf(int ordinal) => _restored.GetValueOrDefault(ordinal);

    /// <param name="beside">How far a row that does not say it has read.</param>
    public void Restore(ProjectionRow row, ProjectionWatermark beside)
    {
        (ProjectionWatermark mark, ReadOnlyMemory<byte> body) = AggregateRow.Read(row.State, beside);
        int ordinal = AggregateRow.OrdinalOf(row.Key);
        _aggregates[ordinal] = serializer.Deserialize(body)!;
        _restored[ordinal] = mark;
    }

    public IEnumerable<KeyValuePair<int, T>> All => _aggregates;

    /// <summary>The aggregate, to be changed now.</summary>
    public T Ensure(int ordinal)
    {
        if (!_aggregates.TryGetValue(ordinal, out T? aggregate))
        {
            _aggregates[ordinal] = aggregate = new T();
        }

        _unsaved.Add(ordinal);
        return aggregate;
    }

    public void MarkUnsaved(int ordinal) => _unsaved.Add(ordinal);

    /// <summary>Begins a pass over what is unsaved now; what changes from here on waits for the next.</summary>
    public void BeginPass()
    {
        _pass.Clear();
        foreach (int ordinal in _unsaved)
        {
            _pass.Enqueue(ordinal);
        }
    }

    /// <summary>Adds rows of the pass until they fill the slice; true when none is left.</summary>
    public bool TakeOfPass(List<ProjectionRow> rows, int bytesAtMost, ProjectionWatermark mark)
    {
        int bytes = rows.Sum(row => row.State.Length);
        while (_pass.Count > 0)
        {
            if (bytes >= bytesAtMost)
            {
                return false;
            }

            int ordinal = _pass.Dequeue();
            byte[] state = AggregateRow.Write(serializer.SerializeToArray(_aggregates[ordinal]), mark);
            rows.Add(new ProjectionRow(KeyOf(ordinal), state));
            bytes += state.Length;
            _unsaved.Remove(ordinal);
        }

        return true;
    }
}

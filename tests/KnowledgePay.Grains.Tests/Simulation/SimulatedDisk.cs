using KnowledgePay.Storage;

namespace KnowledgePay.Grains.Tests.Simulation;

/// <summary>What is durable, whoever lives: the store's contract in memory, each call one atomic step.</summary>
internal sealed class SimulatedDisk(Random random)
{
    private readonly Dictionary<string, StreamKey> _keys = new(StringComparer.Ordinal);
    private readonly Dictionary<long, (StreamKey Key, string Name)> _names = [];
    private readonly Dictionary<string, byte[]> _secrets = new(StringComparer.Ordinal);
    private readonly Dictionary<int, List<JournalEntry>> _partitions = [];
    private readonly Dictionary<long, List<JournalEntry>> _streams = [];
    private readonly HashSet<UInt128> _fingerprints = [];
    private readonly Dictionary<long, Snapshot> _snapshots = [];
    private readonly Dictionary<int, SortedDictionary<long, LoggedDecision?>> _chunks = [];
    private readonly Dictionary<string, SortedDictionary<string, Document>> _documents = new(StringComparer.Ordinal);
    private readonly Dictionary<(string, int), ProjectionWatermark> _watermarks = [];
    private readonly SortedDictionary<(string, int, string), byte[]> _rows = [];
    private readonly Dictionary<int, int> _epochs = [];
    private long _streamsMade;

    public IEnumerable<int> Partitions => _epochs.Keys;

    /// <summary>Takes a partition, a new one or another's, who can write no more.</summary>
    public int Take(int partition)
    {
        _partitions.TryAdd(partition, []);
        _chunks.TryAdd(partition, []);
        return _epochs[partition] = _epochs.GetValueOrDefault(partition) + 1;
    }

    public bool Holds(int partition, int epoch) => _epochs[partition] == epoch;

    public StreamKey? FindKey(string name) => _keys.GetValueOrDefault(name);

    public StreamKey GetOrCreateKey(string name)
    {
        if (!_keys.TryGetValue(name, out StreamKey? key))
        {
            byte[] bytes = new byte[32];
            random.NextBytes(bytes);
            _keys[name] = key = new StreamKey(++_streamsMade, bytes);
            _names[key.Stream] = (key, name);
        }

        return key;
    }

    public (StreamKey Key, string Name)? Resolve(long stream) => _names.TryGetValue(stream, out (StreamKey, string) found) ? found : null;

    public bool DeleteKey(string name) => _keys.Remove(name, out StreamKey? key) && _names.Remove(key.Stream);

    public byte[] Secret(string purpose)
    {
        if (!_secrets.TryGetValue(purpose, out byte[]? secret))
        {
            _secrets[purpose] = secret = new byte[32];
            random.NextBytes(secret);
        }

        return [.. secret];
    }

    public AppendResult Append(int partition, long stream, long expected, IReadOnlyList<JournalRow> rows)
    {
        List<JournalEntry> entries = Stream(stream);
        if (entries.Count != expected)
        {
            return new AppendResult(true, entries.Count, partition, 0, []);
        }

        List<JournalEntry> journal = _partitions[partition];
        bool[] duplicates = new bool[rows.Count];
        long first = 0;
        for (int i = 0; i < duplicates.Length; i++)
        {
            if (!_fingerprints.Add(rows[i].Fingerprint))
            {
                duplicates[i] = true;
                continue;
            }

            var entry = new JournalEntry(partition, journal.Count + 1, stream, entries.Count + 1, rows[i].Fingerprint, rows[i].Payload);
            journal.Add(entry);
            entries.Add(entry);
            first = first == 0 ? entry.Offset : first;
        }

        return new AppendResult(false, entries.Count, partition, first, duplicates);
    }

    public IReadOnlyList<JournalEntry> ReadStream(long stream, long after, int most) => [.. Stream(stream).Skip((int)after).Take(most)];

    public IReadOnlyList<JournalEntry> ReadPartition(int partition, long after, int limit) =>
        _partitions.TryGetValue(partition, out List<JournalEntry>? journal) ? journal.GetRange((int)after, (int)Math.Min(limit, journal.Count - after)) : [];

    public IReadOnlyDictionary<int, long> Heads() => _partitions.ToDictionary(p => p.Key, p => (long)p.Value.Count);

    public void EraseStream(long stream)
    {
        List<JournalEntry> entries = Stream(stream);
        for (int i = 0; i < entries.Count; i++)
        {
            entries[i] = entries[i] with { Payload = [] };
            _partitions[entries[i].Partition][(int)entries[i].Offset - 1] = entries[i];
        }
    }

    /// <summary>Streams with rows, whether they have ended, and whether any of their rows still says something.</summary>
    public IEnumerable<(long Stream, bool HasEnded, bool HasPayload)> StreamsWithRows =>
        _streams.Where(s => s.Value.Count > 0).Select(s => (s.Key, s.Value[^1].Payload.Length == 0, s.Value.Any(e => e.Payload.Length > 0)));

    public Snapshot? LoadSnapshot(long stream) => _snapshots.GetValueOrDefault(stream);

    public void SaveSnapshot(long stream, Snapshot snapshot)
    {
        if (!_snapshots.TryGetValue(stream, out Snapshot? there) || there.Sequence < snapshot.Sequence)
        {
            _snapshots[stream] = snapshot;
        }
    }

    public void DeleteSnapshot(long stream) => _snapshots.Remove(stream);

    /// <summary>The first chunk that a new holder of a partition may use.</summary>
    public long NextChunk(int partition) => _chunks[partition].Count == 0 ? 1 : _chunks[partition].Keys.Last() + 1;

    public void FillChunk(DecisionAddress address, long stream, byte[]? payload) =>
        _chunks[address.Partition].TryAdd(address.Chunk, payload is null ? null : new LoggedDecision(address, stream, payload));

    public IReadOnlyList<LoggedDecision>? ReadChunk(int partition, long chunk) =>
        _chunks.TryGetValue(partition, out SortedDictionary<long, LoggedDecision?>? chunks) && chunks.TryGetValue(chunk, out LoggedDecision? found)
            ? found is { } decision ? [decision] : []
            : null;

    public IReadOnlyDictionary<int, long> ChunkHeads() => _chunks.ToDictionary(
        p => p.Key,
        p =>
        {
            long head = 0;
            foreach (long chunk in p.Value.Keys)
            {
                if (chunk != head + 1)
                {
                    break;
                }

                head = chunk;
            }

            return head;
        });

    /// <summary>What a new holder of a partition does first: chunks that were begun and never written are nobody's any more.</summary>
    public void CloseChunks(int partition)
    {
        for (long chunk = NextChunk(partition) - 1; chunk > 0; chunk--)
        {
            _chunks[partition].TryAdd(chunk, null);
        }
    }

    public Document PutDocument(string kind, DocumentWrite write)
    {
        SortedDictionary<string, Document> documents = Documents(kind);
        Document? there = documents.GetValueOrDefault(write.Id);
        if (write.Expected is { } expected && expected != (there?.Version ?? 0))
        {
            throw new DocumentConflictException(kind, write.Id, expected, there?.Version ?? 0);
        }

        return documents[write.Id] = new Document(kind, write.Id, there?.Number ?? documents.Count, documents.Values.Select(d => d.Version).DefaultIfEmpty().Max() + 1, write.Body);
    }

    public Document? FindDocument(string kind, string id) => Documents(kind).GetValueOrDefault(id);

    public IReadOnlyList<Document> DocumentChanges(string kind, long after, int limit) =>
        [.. Documents(kind).Values.Where(d => d.Version > after).OrderBy(d => d.Version).Take(limit)];

    public ProjectionWatermark Watermark(string projection, int partition) => _watermarks.GetValueOrDefault((projection, partition));

    public void SaveProjection(string projection, int partition, ProjectionWatermark watermark, IReadOnlyList<ProjectionRow> rows)
    {
        _watermarks[(projection, partition)] = watermark;
        foreach (ProjectionRow row in rows)
        {
            _rows[(projection, partition, row.Key)] = row.State;
        }
    }

    public IReadOnlyList<(int Partition, ProjectionRow Row)> LoadProjection(string projection) =>
        [.. _rows.Where(r => r.Key.Item1 == projection).Select(r => (r.Key.Item2, new ProjectionRow(r.Key.Item3, r.Value)))];

    private List<JournalEntry> Stream(long stream)
    {
        if (!_streams.TryGetValue(stream, out List<JournalEntry>? entries))
        {
            _streams[stream] = entries = [];
        }

        return entries;
    }

    private SortedDictionary<string, Document> Documents(string kind)
    {
        if (!_documents.TryGetValue(kind, out SortedDictionary<string, Document>? documents))
        {
            _documents[kind] = documents = new SortedDictionary<string, Document>(StringComparer.Ordinal);
        }

        return documents;
    }
}

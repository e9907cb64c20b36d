using System.Runtime.CompilerServices;
using KnowledgePay.Contracts.Grains;
using KnowledgePay.Storage;

namespace KnowledgePay.Grains.Tests.Simulation;

/// <summary>One silo's way to the disk: each call is a request and an answer, either of which takes its time and may be lost.</summary>
internal sealed class SimulatedStore(World world, SimulatedDisk disk, SimulatedSilo silo, int partition, int epoch)
    : IEngineStore, IKeyStore, IJournal, ISnapshotStore, IDecisionLog, IDocumentStore, IProjectionStore
{
    private const double Refused = 0.02;
    private const double AnswerLost = 0.02;
    private const int PageRows = 7;
    private const int ChunksAtOnce = 3;

    private readonly CancellationTokenSource _lost = new();
    private long _chunk = disk.NextChunk(partition) - 1;

    /// <summary>How far the silo has followed another's decisions, if it does yet.</summary>
    public Func<int, long?>? ReadUntil { get; set; }

    public bool IsShared => true;

    public CancellationToken PartitionLost => _lost.Token;

    public int Partition => partition;

    public IKeyStore Keys => this;

    public IJournal Journal => this;

    public ISnapshotStore Snapshots => this;

    public IDecisionLog Decisions => this;

    public IDocumentStore Documents => this;

    public IProjectionStore Projections => this;

    public IIdempotencyStore Idempotency => throw new NotSupportedException();

    public ValueTask Open(CancellationToken cancellation) => ValueTask.CompletedTask;

    public ValueTask Backup(string directory, CancellationToken cancellation) => throw new NotSupportedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    ValueTask<StreamKey?> IKeyStore.Find(string name, CancellationToken cancellation) => new(Ask($"find key {name}", () => disk.FindKey(name)));

    public ValueTask<StreamKey> GetOrCreate(string name, CancellationToken cancellation) => new(Ask($"make key {name}", () => disk.GetOrCreateKey(name)));

    public ValueTask<(StreamKey Key, string Name)?> Resolve(long stream, CancellationToken cancellation) => new(Ask($"resolve {stream}", () => disk.Resolve(stream)));

    public ValueTask<bool> Delete(string name, CancellationToken cancellation) => new(Ask($"delete key {name}", () => disk.DeleteKey(name)));

    public ValueTask<bool> Delete(string name, long stream, CancellationToken cancellation) =>
        new(Ask($"delete key {name} of {stream}", () => disk.FindKey(name)?.Stream == stream && disk.DeleteKey(name)));

    /// <summary>Known from the start, as to a silo that asked at its own.</summary>
    public ValueTask<byte[]> Secret(string purpose, CancellationToken cancellation) => new(disk.Secret(purpose));

    public ValueTask<long> Rewrap(CancellationToken cancellation) => throw new NotSupportedException();

    public ValueTask<bool> Scrub(CancellationToken cancellation) => throw new NotSupportedException();

    public ValueTask<long> Count(CancellationToken cancellation) => throw new NotSupportedException();

    ValueTask<AppendResult> IJournal.Append(long stream, long expectedSequence, IReadOnlyList<JournalRow> rows, CancellationToken cancellation) =>
        new(Ask($"append {rows.Count} to {stream} at {expectedSequence}", () => disk.Append(partition, stream, expectedSequence, rows), isFenced: true));

    async IAsyncEnumerable<JournalEntry> IJournal.ReadStream(long stream, long afterSequence, [EnumeratorCancellation] CancellationToken cancellation)
    {
        while (true)
        {
            long after = afterSequence;
            IReadOnlyList<JournalEntry> page = await Ask($"read {stream} behind {after}", () => disk.ReadStream(stream, after, PageRows)).ConfigureAwait(false);
            foreach (JournalEntry entry in page)
            {
                yield return entry;
            }

            if (page.Count == 0)
            {
                yield break;
            }

            afterSequence = page[^1].Sequence;
        }
    }

    public ValueTask<IReadOnlyList<JournalEntry>> ReadPartition(int of, long afterOffset, int limit, CancellationToken cancellation) =>
        new(Ask($"read partition {of} behind {afterOffset}", () => disk.ReadPartition(of, afterOffset, limit)));

    ValueTask<IReadOnlyDictionary<int, long>> IJournal.Heads(CancellationToken cancellation) => new(Ask("heads", disk.Heads));

    public ValueTask EraseStream(long stream, CancellationToken cancellation) => new(Ask($"erase {stream}", () => Done(() => disk.EraseStream(stream))));

    ValueTask<Snapshot?> ISnapshotStore.Load(long stream, CancellationToken cancellation) => new(Ask($"load snapshot {stream}", () => disk.LoadSnapshot(stream)));

    public ValueTask Save(long stream, Snapshot snapshot, CancellationToken cancellation) =>
        new(Ask($"save snapshot {stream} at {snapshot.Sequence}", () => Done(() => disk.SaveSnapshot(stream, snapshot)), isFenced: true));

    public ValueTask Delete(long stream, CancellationToken cancellation) => new(Ask($"delete snapshot {stream}", () => Done(() => disk.DeleteSnapshot(stream))));

    public DecisionAddress Reserve() => new(partition, ++_chunk, 0, (uint)world.Random.Next());

    public Task Fill(DecisionAddress address, long stream, byte[]? payload, bool durable)
    {
        if (payload is null)
        {
            if (disk.Holds(partition, epoch))
            {
                disk.FillChunk(address, 0, null);
            }

            return Task.CompletedTask;
        }

        return Ask($"record {address.Chunk}", () => Done(() => disk.FillChunk(address, stream, payload)), isFenced: true, refused: () => disk.FillChunk(address, 0, null));
    }

    public async ValueTask<LoggedDecision?> Find(DecisionAddress address, CancellationToken cancellation) =>
        (await ReadChunk(address.Partition, address.Chunk, cancellation).ConfigureAwait(false))?.Cast<LoggedDecision?>().FirstOrDefault(d => d!.Value.Address == address);

    public ValueTask<IReadOnlyList<LoggedDecision>?> ReadChunk(int of, long chunk, CancellationToken cancellation) => new(Ask($"read chunk {chunk} of {of}", () => disk.ReadChunk(of, chunk)));

    IAsyncEnumerable<LoggedDecision> IDecisionLog.ReadStream(long stream, CancellationToken cancellation) => throw new NotSupportedException();

    ValueTask<IReadOnlyDictionary<int, long>> IDecisionLog.Heads(CancellationToken cancellation) => new(Ask("chunk heads", ChunkHeads));

    ValueTask<int> IDecisionLog.DeleteBefore(DateTimeOffset time, CancellationToken cancellation) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<Document>> Put(string kind, IReadOnlyList<DocumentWrite> writes, CancellationToken cancellation) =>
        new(Ask<IReadOnlyList<Document>>($"put {writes.Count} of {kind}", () => [.. writes.Select(w => disk.PutDocument(kind, w))]));

    ValueTask<Document?> IDocumentStore.Find(string kind, string id, CancellationToken cancellation) => new(Ask($"find {kind}", () => disk.FindDocument(kind, id)));

    public ValueTask<IReadOnlyList<Document>> Changes(string kind, long afterVersion, int limit, CancellationToken cancellation) =>
        new(Ask($"changes of {kind}", () => disk.DocumentChanges(kind, afterVersion, limit)));

    public ValueTask<ProjectionWatermark> Watermark(string projection, int of, CancellationToken cancellation) =>
        new(Ask($"watermark of {of}", () => disk.Watermark(projection, of)));

    public ValueTask Save(string projection, int of, ProjectionWatermark watermark, IReadOnlyList<ProjectionRow> rows, CancellationToken cancellation) =>
        new(Ask($"save {rows.Count} {projection}", () => Done(() => disk.SaveProjection(projection, of, watermark, rows)), isFenced: true));

    async IAsyncEnumerable<(int Partition, ProjectionRow Row)> IProjectionStore.Load(string projection, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach ((int Partition, ProjectionRow Row) row in await Ask($"load {projection}", () => disk.LoadProjection(projection)).ConfigureAwait(false))
        {
            yield return row;
        }
    }

    /// <summary>A few chunks of others at a time: what is read and not yet applied waits in a bounded queue, and a full one would wake its writer on another thread.</summary>
    private IReadOnlyDictionary<int, long> ChunkHeads() =>
        disk.ChunkHeads().ToDictionary(h => h.Key, h => h.Key != partition && ReadUntil?.Invoke(h.Key) is { } until ? Math.Min(h.Value, until + ChunksAtOnce) : h.Value);

    /// <param name="isFenced">Whether the store takes it from the partition's holder only.</param>
    /// <param name="refused">What a refusal leaves on the disk.</param>
    private Task<T> Ask<T>(string what, Func<T> execute, bool isFenced = false, Action? refused = null)
    {
        var answer = new TaskCompletionSource<T>();
        world.Fly(
            silo,
            what,
            () =>
            {
                if (isFenced && !disk.Holds(partition, epoch))
                {
                    _lost.Cancel();
                    Answer("partition lost", () => answer.SetException(new StoreUnavailableException("Another has the partition.")));
                    return;
                }

                if (world.Chance(Refused))
                {
                    refused?.Invoke();
                    Answer($"refused: {what}", () => answer.SetException(new StoreUnavailableException("Refused in this simulation.")));
                    return;
                }

                try
                {
                    T result = execute();
                    if (world.Chance(AnswerLost))
                    {
                        Answer($"answer lost: {what}", () => answer.SetException(new StoreUnavailableException("Done, and the answer was lost.")));
                    }
                    else
                    {
                        Answer($"answer: {what}", () => answer.SetResult(result));
                    }
                }
                catch (DocumentConflictException e)
                {
                    Answer($"conflict: {what}", () => answer.SetException(e));
                }
            },
            afterDeath: () =>
            {
                if (!isFenced || disk.Holds(partition, epoch))
                {
                    execute();
                }
            });
        return answer.Task;
    }

    private void Answer(string what, Action land) => world.Fly(silo, what, land);

    private static bool Done(Action action)
    {
        action();
        return true;
    }
}

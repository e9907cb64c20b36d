using System.Runtime.CompilerServices;
using static KnowledgePay.Storage.Postgres.Commands;

namespace KnowledgePay.Storage.Postgres;

/// <summary>Decision chunks of all partitions; this process writes its own partition's.</summary>
internal sealed class PostgresDecisionLog : IDecisionLog, IAsyncDisposable
{
    private const int HeadersPerScan = 1_024;
    private const int ChunksPerDelete = 64;

    /// <summary>How long a look-up waits for a chunk that another process is about to write: its age at most, and a commit.</summary>
    private const int ForeignTries = 20;
    private static readonly TimeSpan ForeignWait = TimeSpan.FromMilliseconds(25);

    private readonly PostgresDatabase _database;
    private readonly PartitionLease _lease;
    private readonly DecisionChunkAssembler _assembler;

    public PostgresDecisionLog(PostgresDatabase database, PartitionLease lease, long lastChunk, DecisionChunkLimits limits, TimeProvider time)
    {
        _database = database;
        _lease = lease;
        _assembler = new DecisionChunkAssembler(lease.Partition, lastChunk, limits, time, Write);
    }

    public int Partition => _lease.Partition;

    /// <inheritdoc/>
    /// <exception cref="Contracts.Grains.StoreUnavailableException">Too many records wait for the server.</exception>
    public DecisionAddress Reserve() => _assembler.Reserve();

    public Task Fill(DecisionAddress address, long stream, byte[]? payload, bool durable) => _assembler.Fill(address, stream, payload, durable);

    public async ValueTask<LoggedDecision?> Find(DecisionAddress address, CancellationToken cancellation)
    {
        if (address.Partition < 0 || address.Index < 0)
        {
            return null;
        }

        (bool isHere, LoggedDecision? record) = await _assembler.Find(address, cancellation).ConfigureAwait(false);
        if (isHere)
        {
            return record;
        }

        bool isLast = false;
        for (int i = 0; ; i++)
        {
            List<byte[]> found = await _database.Query(
                "SELECT records FROM decision_chunk WHERE partition = $1 AND chunk = $2", r => r.GetFieldValue<byte[]>(0), cancellation, P(address.Partition), P(address.Chunk)).ConfigureAwait(false);
            if (found.Count > 0)
            {
                return DecisionChunkFormat.Find(address, found[0]);
            }

            if (isLast || i == ForeignTries || address.Partition == Partition)
            {
                return null;
            }

            // Only the next few chunks of a partition can be on their way; one that is not may have come since it was looked for.
            isLast = !await IsComing(address, cancellation).ConfigureAwait(false);
            if (!isLast)
            {
                await Task.Delay(ForeignWait, cancellation).ConfigureAwait(false);
            }
        }
    }

    public async ValueTask<IReadOnlyList<LoggedDecision>?> ReadChunk(int partition, long chunk, CancellationToken cancellation) =>
        await Chunk(partition, chunk, null, cancellation).ConfigureAwait(false);

    public async IAsyncEnumerable<LoggedDecision> ReadStream(long stream, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await _assembler.Flush(cancellation).ConfigureAwait(false);
        (long At, int Partition, long Chunk) after = (long.MinValue, 0, 0);
        List<(long At, int Partition, long Chunk, byte[] Streams)> headers;
        do
        {
            headers = await _database.Query(
                "SELECT at, partition, chunk, streams FROM decision_chunk WHERE (at, partition, chunk) > ($1, $2, $3) ORDER BY at, partition, chunk LIMIT $4",
                r => (r.GetInt64(0), r.GetInt32(1), r.GetInt64(2), r.GetFieldValue<byte[]>(3)),
                cancellation,
                P(after.At),
                P(after.Partition),
                P(after.Chunk),
                P(HeadersPerScan)).ConfigureAwait(false);
            foreach ((long at, int partition, long chunk, byte[] streams) in headers)
            {
                after = (at, partition, chunk);
                if (DecisionChunkFormat.Holds(streams, stream))
                {
                    foreach (LoggedDecision record in await Chunk(partition, chunk, stream, cancellation).ConfigureAwait(false) ?? [])
                    {
                        yield return record;
                    }
                }
            }
        }
        while (headers.Count == HeadersPerScan);
    }

    public async ValueTask<IReadOnlyDictionary<int, long>> Heads(CancellationToken cancellation) =>
        (await _database.Query("SELECT partition, last_chunk FROM decision_head", r => (r.GetInt32(0), r.GetInt64(1)), cancellation).ConfigureAwait(false)).ToDictionary();

    public async ValueTask<int> DeleteBefore(DateTimeOffset time, CancellationToken cancellation)
    {
        int total = 0;
        int deleted;
        do
        {
            deleted = await _database.Execute(
                "DELETE FROM decision_chunk WHERE (partition, chunk) IN (SELECT partition, chunk FROM decision_chunk WHERE at < $1 ORDER BY at, partition, chunk LIMIT $2 FOR UPDATE SKIP LOCKED)",
                cancellation,
                P(time.UtcTicks),
                P(ChunksPerDelete)).ConfigureAwait(false);
            total += deleted;
        }
        while (deleted == ChunksPerDelete);
        return total;
    }

    public ValueTask DisposeAsync() => _assembler.DisposeAsync();

    private async ValueTask<bool> IsComing(DecisionAddress address, CancellationToken cancellation) =>
        (await _database.Query("SELECT last_chunk FROM decision_head WHERE partition = $1", r => r.GetInt64(0), cancellation, P(address.Partition)).ConfigureAwait(false)) is [long last]
            && address.Chunk > last && address.Chunk <= last + DecisionChunkAssembler.ChunksPerWrite;

    private async ValueTask<List<LoggedDecision>?> Chunk(int partition, long chunk, long? stream, CancellationToken cancellation) =>
        (await _database.Query(
            "SELECT records FROM decision_chunk WHERE partition = $1 AND chunk = $2",
            r => DecisionChunkFormat.Decode(partition, chunk, r.GetFieldValue<byte[]>(0), stream),
            cancellation,
            P(partition),
            P(chunk)).ConfigureAwait(false)).FirstOrDefault();

    private async Task Write(IReadOnlyList<DecisionChunk> chunks)
    {
        var bodies = chunks.Select(DecisionChunkFormat.Encode).ToList();
        await _database.Execute(
            "SELECT write_decision_chunks($1, $2, $3, $4, $5, $6)",
            CancellationToken.None,
            P(_lease.Partition),
            P(_lease.Epoch),
            P(chunks.Select(c => c.Number).ToArray()),
            P(chunks.Select(c => c.At.UtcTicks).ToArray()),
            P(bodies.Select(b => b.Streams).ToArray()),
            P(bodies.Select(b => b.Records).ToArray())).ConfigureAwait(false);
    }
}

using System.Buffers;
using System.Runtime.CompilerServices;

namespace KnowledgePay.Storage.Sqlite;

/// <summary>Decision chunks, one row each. A look-up or an export first has written what waits, so that it sees every record that was filled before.</summary>
internal sealed class SqliteDecisionLog : IDecisionLog, IAsyncDisposable
{
    private const int HeadersPerScan = 1_024;
    private const int ChunksPerDelete = 64;

    /// <summary>The last chunk that was ever deleted: its number is not given again when no chunk is left.</summary>
    private const string DeletedThrough = "decision_chunk_deleted";

    private readonly EngineDatabase _database;
    private readonly DecisionChunkAssembler _assembler;

    public SqliteDecisionLog(EngineDatabase database, long lastChunk, DecisionChunkLimits limits)
    {
        _database = database;
        _assembler = new DecisionChunkAssembler(EngineDatabase.Partition, lastChunk, limits, database.Time, Write);
    }

    public int Partition => EngineDatabase.Partition;

    /// <inheritdoc/>
    /// <exception cref="Contracts.Grains.StoreUnavailableException">Too many records wait for the disk.</exception>
    public DecisionAddress Reserve() => _assembler.Reserve();

    public Task Fill(DecisionAddress address, long stream, byte[]? payload, bool durable) => _assembler.Fill(address, stream, payload, durable);

    public async ValueTask<LoggedDecision?> Find(DecisionAddress address, CancellationToken cancellation)
    {
        if (address.Partition != Partition || address.Index < 0)
        {
            return null;
        }

        (bool isHere, LoggedDecision? record) = await _assembler.Find(address, cancellation).ConfigureAwait(false);
        return isHere
            ? record
            : await _database.Readers.Read(
                connection =>
                {
                    using Statement read = connection.Use("SELECT records FROM decision_chunk WHERE chunk = ?1").Bind(1, address.Chunk);
                    return read.Step() ? DecisionChunkFormat.Find(address, read.Blob(0)) : null;
                },
                cancellation).ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyList<LoggedDecision>?> ReadChunk(int partition, long chunk, CancellationToken cancellation) => partition != Partition
        ? null
        : await _database.Readers.Read(connection => Chunk(connection, chunk, null), cancellation).ConfigureAwait(false);

    public async IAsyncEnumerable<LoggedDecision> ReadStream(long stream, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await _assembler.Flush(cancellation).ConfigureAwait(false);
        long after = 0;
        while (true)
        {
            long from = after;
            (List<long> chunks, after) = await _database.Readers.Read(connection => Scan(connection, stream, from), cancellation).ConfigureAwait(false);
            foreach (long chunk in chunks)
            {
                List<LoggedDecision>? records = await _database.Readers.Read(connection => Chunk(connection, chunk, stream), cancellation).ConfigureAwait(false);
                foreach (LoggedDecision record in records ?? [])
                {
                    yield return record;
                }
            }

            if (after == from)
            {
                yield break;
            }
        }
    }

    public async ValueTask<IReadOnlyDictionary<int, long>> Heads(CancellationToken cancellation) =>
        new Dictionary<int, long> { [Partition] = await _database.Readers.Read(LastChunk, cancellation).ConfigureAwait(false) };

    public async ValueTask<int> DeleteBefore(DateTimeOffset time, CancellationToken cancellation)
    {
        int total = 0;
        int deleted;
        do
        {
            deleted = await _database.Writer.Write(connection => Delete(connection, time), cancellation, ChunksPerDelete).ConfigureAwait(false);
            total += deleted;
        }
        while (deleted == ChunksPerDelete);
        return total;
    }

    public ValueTask DisposeAsync() => _assembler.DisposeAsync();

    /// <summary>The last chunk that was ever written.</summary>
    public static long LastChunk(Connection connection) =>
        Math.Max(connection.Scalar("SELECT max(chunk) FROM decision_chunk"), EngineSchema.Meta(connection, DeletedThrough) is { } bytes ? BitConverter.ToInt64(bytes) : 0);

    private static List<LoggedDecision>? Chunk(Connection connection, long chunk, long? stream)
    {
        using Statement read = connection.Use("SELECT records FROM decision_chunk WHERE chunk = ?1").Bind(1, chunk);
        return read.Step() ? DecisionChunkFormat.Decode(EngineDatabase.Partition, chunk, read.Blob(0), stream) : null;
    }

    private static (List<long> Chunks, long Last) Scan(Connection connection, long stream, long after)
    {
        using Statement read = connection.Use("SELECT chunk, streams FROM decision_chunk WHERE chunk > ?1 ORDER BY chunk LIMIT ?2").Bind(1, after).Bind(2, HeadersPerScan);
        var chunks = new List<long>();
        long last = after;
        while (read.Step())
        {
            last = read.Int64(0);
            if (DecisionChunkFormat.Holds(read.Blob(1), stream))
            {
                chunks.Add(last);
            }
        }

        return (chunks, last);
    }

    private static int Delete(Connection connection, DateTimeOffset time)
    {
        var old = new List<long>(ChunksPerDelete);
        using (Statement read = connection.Use("SELECT chunk FROM decision_chunk WHERE at < ?1 ORDER BY at LIMIT ?2").Bind(1, time.UtcTicks).Bind(2, ChunksPerDelete))
        {
            while (read.Step())
            {
                old.Add(read.Int64(0));
            }
        }

        if (old.Count == 0)
        {
            return 0;
        }

        EngineSchema.SetMeta(connection, DeletedThrough, BitConverter.GetBytes(LastChunk(connection)));
        foreach (long chunk in old)
        {
            using Statement delete = connection.Use("DELETE FROM decision_chunk WHERE chunk = ?1").Bind(1, chunk);
            delete.Run();
        }

        return old.Count;
    }

    private Task Write(IReadOnlyList<DecisionChunk> chunks)
    {
        long bytes = 0;
        foreach (DecisionChunk chunk in chunks)
        {
            bytes += chunk.Bytes;
        }

        return _database.Writer.Write(
            connection =>
            {
                foreach (DecisionChunk chunk in chunks)
                {
                    int length = DecisionChunkFormat.LengthOf(chunk);
                    byte[] records = ArrayPool<byte>.Shared.Rent(length);
                    DecisionChunkFormat.Write(chunk, records);
                    using Statement insert = connection.Use("INSERT OR REPLACE INTO decision_chunk (chunk, at, streams, records) VALUES (?1, ?2, ?3, ?4)");
                    insert.Bind(1, chunk.Number).Bind(2, chunk.At.UtcTicks).Bind(3, DecisionChunkFormat.StreamsOf(chunk)).Bind(4, records.AsSpan(0, length)).Run();
                    ArrayPool<byte>.Shared.Return(records);
                }

                return chunks.Count;
            },
            CancellationToken.None,
            chunks.Count,
            bytes);
    }
}

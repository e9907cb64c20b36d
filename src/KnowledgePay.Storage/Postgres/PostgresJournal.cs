using System.Runtime.CompilerServices;
using KnowledgePay.Storage.Encryption;
using Npgsql;
using static KnowledgePay.Storage.Postgres.Commands;

namespace KnowledgePay.Storage.Postgres;

/// <summary>The journal of all partitions in one table; this process writes its own partition.</summary>
internal sealed class PostgresJournal(PostgresDatabase database, JournalWriter writer, PartitionLease lease) : IJournal
{
    private const int RowsPerPage = 512;
    private const string Columns = "SELECT partition, \"offset\", stream, sequence, fingerprint, payload FROM journal ";

    public int Partition => lease.Partition;

    public async ValueTask<AppendResult> Append(long stream, long expectedSequence, IReadOnlyList<JournalRow> rows, CancellationToken cancellation)
    {
        long bytes = StoreArguments.CheckAppend(stream, expectedSequence, rows);
        cancellation.ThrowIfCancellationRequested();
        return await writer.Append(new JournalAppend(stream, expectedSequence, rows, bytes, cancellation)).ConfigureAwait(false);
    }

    public async IAsyncEnumerable<JournalEntry> ReadStream(long stream, long afterSequence, [EnumeratorCancellation] CancellationToken cancellation)
    {
        // Page by page, each its own read: the caller may take its time without holding a connection.
        List<JournalEntry> page;
        do
        {
            page = await database.Query(Columns + "WHERE stream = $1 AND sequence > $2 ORDER BY sequence LIMIT $3", Entry, cancellation, P(stream), P(afterSequence), P(RowsPerPage)).ConfigureAwait(false);
            foreach (JournalEntry entry in page)
            {
                yield return entry;
                afterSequence = entry.Sequence;
            }
        }
        while (page.Count == RowsPerPage);
    }

    public async ValueTask<IReadOnlyList<JournalEntry>> ReadPartition(int partition, long afterOffset, int limit, CancellationToken cancellation)
    {
        StoreArguments.CheckLimit(limit);
        return await database.Query(Columns + "WHERE partition = $1 AND \"offset\" > $2 ORDER BY \"offset\" LIMIT $3", Entry, cancellation, P(partition), P(afterOffset), P(limit)).ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyDictionary<int, long>> Heads(CancellationToken cancellation) =>
        (await database.Query("SELECT partition, last_offset FROM partition", r => (r.GetInt32(0), r.GetInt64(1)), cancellation).ConfigureAwait(false)).ToDictionary();

    /// <remarks>From here the stream takes no append of anybody, also not of a second activation that still has its key.</remarks>
    public async ValueTask EraseStream(long stream, CancellationToken cancellation)
    {
        StoreArguments.CheckStream(stream);
        StreamCipher.Forget(stream);
        await database.Transact(
            async connection =>
            {
                await using NpgsqlCommand mark = connection.Command("INSERT INTO erased_stream (stream) VALUES ($1) ON CONFLICT DO NOTHING", P(stream));
                await mark.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
                await using NpgsqlCommand erase = connection.Command("UPDATE journal SET payload = ''::bytea WHERE stream = $1 AND octet_length(payload) > 0", P(stream));
                return await erase.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
            },
            cancellation).ConfigureAwait(false);
    }

    private static JournalEntry Entry(NpgsqlDataReader row) =>
        new(row.GetInt32(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetGuid(4).ToUInt128(), row.GetFieldValue<byte[]>(5));
}

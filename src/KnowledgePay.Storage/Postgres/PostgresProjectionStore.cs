using System.Runtime.CompilerServices;
using Npgsql;
using static KnowledgePay.Storage.Postgres.Commands;

namespace KnowledgePay.Storage.Postgres;

/// <summary>Projections' rows and watermarks. What is saved of this process's partition is fenced like its journal.</summary>
internal sealed class PostgresProjectionStore(PostgresDatabase database, PartitionLease lease) : IProjectionStore
{
    private const int RowsPerPage = 512;

    public async ValueTask<ProjectionWatermark> Watermark(string projection, int partition, CancellationToken cancellation) =>
        (await database.Query(
            "SELECT journal_offset, decision_chunk FROM projection_watermark WHERE projection = $1 AND partition = $2",
            r => new ProjectionWatermark(r.GetInt64(0), r.GetInt64(1)),
            cancellation,
            P(projection),
            P(partition)).ConfigureAwait(false)).FirstOrDefault();

    public async ValueTask Save(string projection, int partition, ProjectionWatermark watermark, IReadOnlyList<ProjectionRow> rows, CancellationToken cancellation)
    {
        StoreArguments.CheckProjection(projection, rows);
        // A key that is given twice is saved as the last of them.
        var last = new Dictionary<string, byte[]>(rows.Count, StringComparer.Ordinal);
        foreach (ProjectionRow row in rows)
        {
            last[row.Key] = row.State;
        }

        await database.Transact(
            async connection =>
            {
                if (partition == lease.Partition)
                {
                    await using NpgsqlCommand hold = connection.Command("SELECT hold_partition($1, $2)", P(partition), P(lease.Epoch));
                    await hold.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
                }

                await using NpgsqlCommand save = connection.Command(
                    "INSERT INTO projection_row (projection, \"key\", partition, state) SELECT $1, k, $2, s FROM unnest($3, $4) u(k, s) ON CONFLICT (projection, \"key\", partition) DO UPDATE SET state = excluded.state",
                    P(projection),
                    P(partition),
                    P(last.Keys.ToArray()),
                    P(last.Values.ToArray()));
                await save.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
                await using NpgsqlCommand mark = connection.Command(
                    "INSERT INTO projection_watermark (projection, partition, journal_offset, decision_chunk) VALUES ($1, $2, $3, $4) "
                    + "ON CONFLICT (projection, partition) DO UPDATE SET journal_offset = excluded.journal_offset, decision_chunk = excluded.decision_chunk",
                    P(projection),
                    P(partition),
                    P(watermark.JournalOffset),
                    P(watermark.DecisionChunk));
                return await mark.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
            },
            cancellation).ConfigureAwait(false);
    }

    /// <remarks>Pages are read one after another: save to the projection only after loading it.</remarks>
    public async IAsyncEnumerable<(int Partition, ProjectionRow Row)> Load(string projection, [EnumeratorCancellation] CancellationToken cancellation)
    {
        string afterKey = "";
        int afterPartition = -1;
        List<(int Partition, ProjectionRow Row)> page;
        do
        {
            page = await database.Query(
                "SELECT partition, \"key\", state FROM projection_row WHERE projection = $1 AND (\"key\", partition) > ($2, $3) ORDER BY \"key\", partition LIMIT $4",
                r => (r.GetInt32(0), new ProjectionRow(r.GetString(1), r.GetFieldValue<byte[]>(2))),
                cancellation,
                P(projection),
                P(afterKey),
                P(afterPartition),
                P(RowsPerPage)).ConfigureAwait(false);
            foreach ((int Partition, ProjectionRow Row) row in page)
            {
                yield return row;
                (afterPartition, afterKey) = (row.Partition, row.Row.Key);
            }
        }
        while (page.Count == RowsPerPage);
    }
}

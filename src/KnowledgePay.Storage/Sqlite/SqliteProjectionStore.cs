using System.Runtime.CompilerServices;

namespace KnowledgePay.Storage.Sqlite;

/// <summary>Projections' rows and watermarks.</summary>
internal sealed class SqliteProjectionStore(EngineDatabase database) : IProjectionStore
{
    private const int RowsPerPage = 512;

    public async ValueTask<ProjectionWatermark> Watermark(string projection, int partition, CancellationToken cancellation) => await database.Readers.Read(
        connection =>
        {
            using Statement read = connection.Use("SELECT journal_offset, decision_chunk FROM projection_watermark WHERE projection = ?1 AND partition = ?2").Bind(1, projection).Bind(2, partition);
            return read.Step() ? new ProjectionWatermark(read.Int64(0), read.Int64(1)) : default;
        },
        cancellation).ConfigureAwait(false);

    public async ValueTask Save(string projection, int partition, ProjectionWatermark watermark, IReadOnlyList<ProjectionRow> rows, CancellationToken cancellation)
    {
        long bytes = StoreArguments.CheckProjection(projection, rows);
        await database.Writer.Write(
            connection =>
            {
                foreach (ProjectionRow row in rows)
                {
                    using Statement save = connection.Use("INSERT INTO projection_row (projection, \"key\", partition, state) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (projection, \"key\", partition) DO UPDATE SET state = excluded.state");
                    save.Bind(1, projection).Bind(2, row.Key).Bind(3, partition).Bind(4, row.State).Run();
                }

                using Statement mark = connection.Use("INSERT INTO projection_watermark (projection, partition, journal_offset, decision_chunk) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (projection, partition) DO UPDATE SET journal_offset = excluded.journal_offset, decision_chunk = excluded.decision_chunk");
                return mark.Bind(1, projection).Bind(2, partition).Bind(3, watermark.JournalOffset).Bind(4, watermark.DecisionChunk).Run();
            },
            cancellation,
            rows.Count + 1,
            bytes).ConfigureAwait(false);
    }

    /// <remarks>Pages are read one after another: save to the projection only after loading it.</remarks>
    public async IAsyncEnumerable<(int Partition, ProjectionRow Row)> Load(string projection, [EnumeratorCancellation] CancellationToken cancellation)
    {
        string afterKey = string.Empty;
        int afterPartition = -1;
        while (true)
        {
            (string key, int partition) = (afterKey, afterPartition);
            List<(int Partition, ProjectionRow Row)> page = await database.Readers.Read(connection => Page(connection, projection, key, partition), cancellation).ConfigureAwait(false);
            if (page.Count == 0)
            {
                yield break;
            }

            foreach ((int Partition, ProjectionRow Row) row in page)
            {
                yield return row;
            }

            (afterPartition, afterKey) = (page[^1].Partition, page[^1].Row.Key);
        }
    }

    private static List<(int Partition, ProjectionRow Row)> Page(Connection connection, string projection, string key, int partition)
    {
        using Statement read = connection.Use("SELECT partition, \"key\", state FROM projection_row WHERE projection = ?1 AND (\"key\", partition) > (?2, ?3) ORDER BY \"key\", partition LIMIT ?4").Bind(1, projection).Bind(2, key).Bind(3, partition).Bind(4, RowsPerPage);
        var rows = new List<(int, ProjectionRow)>();
        while (read.Step())
        {
            rows.Add((read.Int32(0), new ProjectionRow(read.Text(1), read.Bytes(2))));
        }

        return rows;
    }
}

using System.Runtime.CompilerServices;
using KnowledgePay.Storage.Encryption;

namespace KnowledgePay.Storage.Sqlite;

/// <summary>The journal in one table: the rowid is the offset.</summary>
internal sealed class SqliteJournal(EngineDatabase database, long lastOffset) : IJournal, ICommitObserver
{
    private const int RowsPerPage = 512;
    private const int BytesPerPage = 4 << 20;

    private const string HeadSql = "SELECT max(sequence) FROM journal WHERE stream = ?1";
    private const string InsertSql = "INSERT INTO journal (\"offset\", stream, sequence, fingerprint, payload) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (fingerprint) DO NOTHING";

    // Both belong to the writer's thread.
    private long _committedOffset = lastOffset;
    private long _offset = lastOffset;

    public int Partition => EngineDatabase.Partition;

    public async ValueTask<AppendResult> Append(long stream, long expectedSequence, IReadOnlyList<JournalRow> rows, CancellationToken cancellation)
    {
        long bytes = StoreArguments.CheckAppend(stream, expectedSequence, rows);
        return await database.Writer.Write(connection => Append(connection, stream, expectedSequence, rows), cancellation, rows.Count, bytes).ConfigureAwait(false);
    }

    public async IAsyncEnumerable<JournalEntry> ReadStream(long stream, long afterSequence, [EnumeratorCancellation] CancellationToken cancellation)
    {
        // Page by page, each its own read: the caller may take its time without holding the write-ahead log.
        while (true)
        {
            long after = afterSequence;
            List<JournalEntry> page = await database.Readers.Read(connection => Page(connection, stream, after), cancellation).ConfigureAwait(false);
            if (page.Count == 0)
            {
                yield break;
            }

            foreach (JournalEntry entry in page)
            {
                yield return entry;
            }

            afterSequence = page[^1].Sequence;
        }
    }

    public async ValueTask<IReadOnlyList<JournalEntry>> ReadPartition(int partition, long afterOffset, int limit, CancellationToken cancellation)
    {
        StoreArguments.CheckLimit(limit);
        if (partition != Partition)
        {
            return [];
        }

        return await database.Readers.Read(
            connection =>
            {
                using Statement read = connection.Use("SELECT \"offset\", stream, sequence, fingerprint, payload FROM journal WHERE \"offset\" > ?1 ORDER BY \"offset\" LIMIT ?2").Bind(1, afterOffset).Bind(2, limit);
                var entries = new List<JournalEntry>();
                while (read.Step())
                {
                    entries.Add(new JournalEntry(EngineDatabase.Partition, read.Int64(0), read.Int64(1), read.Int64(2), StoreArguments.ReadUInt128(read.Blob(3)), read.Bytes(4)));
                }

                return entries;
            },
            cancellation).ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyDictionary<int, long>> Heads(CancellationToken cancellation) =>
        new Dictionary<int, long> { [Partition] = await database.Readers.Read(LastOffset, cancellation).ConfigureAwait(false) };

    public async ValueTask EraseStream(long stream, CancellationToken cancellation)
    {
        StoreArguments.CheckStream(stream);
        StreamCipher.Forget(stream);
        await database.Writer.Write(
            connection =>
            {
                using Statement erase = connection.Use("UPDATE journal SET payload = x'' WHERE stream = ?1 AND length(payload) > 0").Bind(1, stream);
                return erase.Run();
            },
            cancellation).ConfigureAwait(false);
    }

    public static long LastOffset(Connection connection) => connection.Scalar("SELECT max(\"offset\") FROM journal");

    void ICommitObserver.Committed(Connection connection) => _committedOffset = _offset;

    void ICommitObserver.RolledBack() => _offset = _committedOffset;

    private static List<JournalEntry> Page(Connection connection, long stream, long after)
    {
        using Statement read = connection.Use("SELECT \"offset\", sequence, fingerprint, payload FROM journal WHERE stream = ?1 AND sequence > ?2 ORDER BY sequence LIMIT ?3").Bind(1, stream).Bind(2, after).Bind(3, RowsPerPage);
        var entries = new List<JournalEntry>();
        int bytes = 0;
        while (bytes < BytesPerPage && read.Step())
        {
            byte[] payload = read.Bytes(3);
            bytes += payload.Length;
            entries.Add(new JournalEntry(EngineDatabase.Partition, read.Int64(0), stream, read.Int64(1), StoreArguments.ReadUInt128(read.Blob(2)), payload));
        }

        return entries;
    }

    private AppendResult Append(Connection connection, long stream, long expected, IReadOnlyList<JournalRow> rows)
    {
        long head;
        using (Statement read = connection.Use(HeadSql).Bind(1, stream))
        {
            read.Step();
            head = read.Int64(0);
        }

        if (head != expected)
        {
            return new AppendResult(true, head, Partition, 0, []);
        }

        bool[] duplicates = new bool[rows.Count];
        long first = 0;
        Span<byte> fingerprint = stackalloc byte[16];
        using Statement insert = connection.Use(InsertSql).Bind(2, stream);
        for (int i = 0; i < duplicates.Length; i++)
        {
            JournalRow row = rows[i];
            StoreArguments.Write(row.Fingerprint, fingerprint);
            insert.Bind(1, _offset + 1).Bind(3, head + 1).Bind(4, fingerprint).Bind(5, row.Payload);
            if (insert.Run() == 0)
            {
                duplicates[i] = true;
                continue;
            }

            _offset++;
            head++;
            if (first == 0)
            {
                first = _offset;
            }
        }

        return new AppendResult(false, head, Partition, first, duplicates);
    }
}

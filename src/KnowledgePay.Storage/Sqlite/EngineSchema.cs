namespace KnowledgePay.Storage.Sqlite;

/// <summary>The tables of the two files and the settings of their connections.</summary>
internal static class EngineSchema
{
    /// <summary>Kept in <c>PRAGMA user_version</c> of both files; a newer one is refused.</summary>
    public const int FormatVersion = 1;

    /// <summary>"KPay", in <c>PRAGMA application_id</c>: a file of another program is refused.</summary>
    public const int ApplicationId = 0x4b506179;

    /// <remarks>
    /// The journal's offset is its rowid, so that rows are appended and never moved. The unique (stream, sequence) is the fence under
    /// the check that the writer makes, the unique fingerprint makes a repeat harmless.
    /// </remarks>
    private const string Engine = """
        CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE journal ("offset" INTEGER PRIMARY KEY, stream INTEGER NOT NULL, sequence INTEGER NOT NULL, fingerprint BLOB NOT NULL, payload BLOB NOT NULL);
        CREATE UNIQUE INDEX journal_by_stream ON journal (stream, sequence);
        CREATE UNIQUE INDEX journal_by_fingerprint ON journal (fingerprint);
        CREATE TABLE snapshot (stream INTEGER PRIMARY KEY, sequence INTEGER NOT NULL, version INTEGER NOT NULL, payload BLOB NOT NULL);
        CREATE TABLE decision_chunk (chunk INTEGER PRIMARY KEY, at INTEGER NOT NULL, streams BLOB NOT NULL, records BLOB NOT NULL);
        CREATE INDEX decision_chunk_by_time ON decision_chunk (at);
        CREATE TABLE document_kind (kind TEXT PRIMARY KEY, version INTEGER NOT NULL, count INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE document (kind TEXT NOT NULL, id TEXT NOT NULL, number INTEGER NOT NULL, version INTEGER NOT NULL, body BLOB NOT NULL);
        CREATE UNIQUE INDEX document_by_id ON document (kind, id);
        CREATE UNIQUE INDEX document_by_version ON document (kind, version);
        CREATE TABLE projection_watermark (projection TEXT NOT NULL, partition INTEGER NOT NULL, journal_offset INTEGER NOT NULL, decision_chunk INTEGER NOT NULL, PRIMARY KEY (projection, partition)) WITHOUT ROWID;
        CREATE TABLE projection_row (projection TEXT NOT NULL, "key" TEXT NOT NULL, partition INTEGER NOT NULL, state BLOB NOT NULL);
        CREATE UNIQUE INDEX projection_row_by_key ON projection_row (projection, "key", partition);
        CREATE TABLE idempotency ("key" BLOB NOT NULL, body BLOB NOT NULL, stream INTEGER NOT NULL, status INTEGER NOT NULL, payload BLOB, at INTEGER NOT NULL);
        CREATE UNIQUE INDEX idempotency_by_key ON idempotency ("key");
        CREATE INDEX idempotency_by_time ON idempotency (at);
        """;

    /// <remarks>
    /// A key's row is never deleted, only overwritten in place by bytes of the same length, since rows that move between pages
    /// leave copies behind. The name's hash is in an index of its own, and goes.
    /// </remarks>
    private const string Keys = """
        CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE stream_key (stream INTEGER PRIMARY KEY, wrapped BLOB NOT NULL, name BLOB NOT NULL);
        CREATE TABLE stream_name (hash BLOB PRIMARY KEY, stream INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE secret (purpose TEXT PRIMARY KEY, wrapped BLOB NOT NULL) WITHOUT ROWID;
        """;

    public static Connection OpenWriter(string path, SqliteStoreOptions options, bool isKeys)
    {
        Connection connection = Connection.Open(path, options.BusyTimeout);
        try
        {
            long version = connection.Scalar("PRAGMA user_version");
            if (version > FormatVersion)
            {
                throw new InvalidDataException($"{path} has format {version}; this program reads up to format {FormatVersion}. Run the program that wrote it, or a newer one.");
            }

            long application = connection.Scalar("PRAGMA application_id");
            if (application != ApplicationId && (application != 0 || version != 0 || connection.Scalar("SELECT count(*) FROM sqlite_schema") != 0))
            {
                throw new InvalidDataException($"{path} is a SQLite database of another program.");
            }

            connection.Execute("PRAGMA journal_mode=WAL");
            connection.Execute("PRAGMA synchronous=FULL");
            connection.Execute("PRAGMA temp_store=MEMORY");
            connection.Execute(isKeys ? "PRAGMA secure_delete=ON" : $"PRAGMA cache_size=-{options.WriterCacheMebibytes * 1024L}");
            // The engine's log has a LogMover.
            connection.Execute($"PRAGMA wal_autocheckpoint={(isKeys ? options.CheckpointPages : 0)}");
            connection.Execute("PRAGMA journal_size_limit=67108864");
            if (version == 0)
            {
                connection.Execute($"BEGIN IMMEDIATE; {(isKeys ? Keys : Engine)} PRAGMA application_id={ApplicationId}; PRAGMA user_version={FormatVersion}; COMMIT");
            }

            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public static Connection OpenReader(string path, SqliteStoreOptions options)
    {
        Connection connection = Connection.Open(path, options.BusyTimeout);
        connection.Execute("PRAGMA query_only=ON");
        connection.Execute("PRAGMA cache_size=-4096");
        return connection;
    }

    public static byte[]? Meta(Connection connection, string name)
    {
        using Statement statement = connection.Use("SELECT value FROM meta WHERE name = ?1").Bind(1, name);
        return statement.Step() ? statement.Bytes(0) : null;
    }

    public static void SetMeta(Connection connection, string name, ReadOnlySpan<byte> value)
    {
        using Statement statement = connection.Use("INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value").Bind(1, name).Bind(2, value);
        statement.Run();
    }
}

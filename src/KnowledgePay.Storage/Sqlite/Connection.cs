using SQLitePCL;

namespace KnowledgePay.Storage.Sqlite;

/// <summary>One SQLite connection, used by one thread at a time, with the statements that were prepared on it.</summary>
/// <remarks>Straight on SQLitePCL: a journal row costs microseconds, of which ADO.NET's commands and parameters would be half.</remarks>
internal sealed class Connection : IDisposable
{
    private readonly Dictionary<string, Statement> _statements = new(StringComparer.Ordinal);

    static Connection() => Batteries_V2.Init();

    private Connection(sqlite3 handle) => Handle = handle;

    internal sqlite3 Handle { get; }

    /// <summary>False while a transaction is open.</summary>
    public bool IsIdle => raw.sqlite3_get_autocommit(Handle) != 0;

    /// <exception cref="SqliteFailure">The file could not be opened.</exception>
    public static Connection Open(string path, TimeSpan busyTimeout)
    {
        // One thread at a time uses a connection, so that SQLite's own mutex would be waste.
        int code = raw.sqlite3_open_v2(path, out sqlite3 handle, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE | raw.SQLITE_OPEN_NOMUTEX, null);
        if (code != raw.SQLITE_OK)
        {
            string message = handle is null ? "out of memory" : raw.sqlite3_errmsg(handle).utf8_to_string();
            handle?.Dispose();
            throw new SqliteFailure(code, $"{message}, opening {path}");
        }

        raw.sqlite3_extended_result_codes(handle, 1);
        raw.sqlite3_busy_timeout(handle, (int)busyTimeout.TotalMilliseconds);
        return new Connection(handle);
    }

    /// <summary>Runs statements that return nothing or whose answer is not wanted; not kept.</summary>
    public void Execute(string sql)
    {
        int code = raw.sqlite3_exec(Handle, sql);
        if (code != raw.SQLITE_OK)
        {
            throw new SqliteFailure(raw.sqlite3_extended_errcode(Handle), raw.sqlite3_errmsg(Handle).utf8_to_string());
        }
    }

    /// <summary>The kept statement of a text; dispose it after use.</summary>
    public Statement Use(string sql)
    {
        if (!_statements.TryGetValue(sql, out Statement? statement))
        {
            int code = raw.sqlite3_prepare_v3(Handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out sqlite3_stmt handle);
            if (code != raw.SQLITE_OK)
            {
                throw new SqliteFailure(raw.sqlite3_extended_errcode(Handle), raw.sqlite3_errmsg(Handle).utf8_to_string());
            }

            _statements.Add(sql, statement = new Statement(Handle, handle));
        }

        return statement;
    }

    /// <summary>The first column of the first row, or 0 when there is none.</summary>
    public long Scalar(string sql)
    {
        using Statement statement = Use(sql);
        return statement.Step() ? statement.Int64(0) : 0;
    }

    /// <summary>Moves the whole write-ahead log into the database file and cuts it to nothing; false when a reader was in the way for too long.</summary>
    public bool CheckpointAndTruncate()
    {
        int code = raw.sqlite3_wal_checkpoint_v2(Handle, "main", raw.SQLITE_CHECKPOINT_TRUNCATE, out int frames, out int moved);
        return code == raw.SQLITE_OK && frames <= 0 && moved <= 0;
    }

    /// <summary>Moves what it can of the write-ahead log into the database file without waiting for anyone who reads or writes, and returns how many pages the log has; 0 when nothing could be done.</summary>
    public int MoveLog() =>
        raw.sqlite3_wal_checkpoint_v2(Handle, "main", raw.SQLITE_CHECKPOINT_PASSIVE, out int pages, out _) == raw.SQLITE_OK ? Math.Max(0, pages) : 0;

    /// <summary>How many pages this connection has written since it was asked last.</summary>
    public int TakePagesWritten()
    {
        const int reset = 1;
        raw.sqlite3_db_status(Handle, raw.SQLITE_DBSTATUS_CACHE_WRITE, out int pages, out _, reset);
        return pages;
    }

    public void Dispose()
    {
        foreach (Statement statement in _statements.Values)
        {
            statement.Close();
        }

        _statements.Clear();
        Handle.Dispose();
    }
}

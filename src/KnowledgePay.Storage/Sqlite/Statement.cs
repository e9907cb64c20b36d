using SQLitePCL;

namespace KnowledgePay.Storage.Sqlite;

/// <summary>A prepared statement that its connection keeps; disposing it only makes it ready for the next use.</summary>
internal sealed class Statement(sqlite3 database, sqlite3_stmt handle) : IDisposable
{
    public Statement Bind(int index, long value)
    {
        Check(raw.sqlite3_bind_int64(handle, index, value));
        return this;
    }

    public Statement Bind(int index, string value)
    {
        Check(raw.sqlite3_bind_text(handle, index, value));
        return this;
    }

    public Statement Bind(int index, ReadOnlySpan<byte> value)
    {
        Check(raw.sqlite3_bind_blob(handle, index, value));
        return this;
    }

    public Statement BindNull(int index)
    {
        Check(raw.sqlite3_bind_null(handle, index));
        return this;
    }

    /// <summary>True when there is a row to read.</summary>
    public bool Step()
    {
        int code = raw.sqlite3_step(handle);
        return code switch
        {
            raw.SQLITE_ROW => true,
            raw.SQLITE_DONE => false,
            _ => throw Failure(),
        };
    }

    /// <summary>Runs to the end and is ready again; returns how many rows changed.</summary>
    public int Run()
    {
        while (Step())
        {
        }

        int changes = raw.sqlite3_changes(database);
        raw.sqlite3_reset(handle);
        return changes;
    }

    public long Int64(int column) => raw.sqlite3_column_int64(handle, column);

    public int Int32(int column) => raw.sqlite3_column_int(handle, column);

    public bool IsNull(int column) => raw.sqlite3_column_type(handle, column) == raw.SQLITE_NULL;

    public string Text(int column) => raw.sqlite3_column_text(handle, column).utf8_to_string();

    /// <summary>Valid until the next step.</summary>
    public ReadOnlySpan<byte> Blob(int column) => raw.sqlite3_column_blob(handle, column);

    public byte[] Bytes(int column) => Blob(column) is { Length: > 0 } blob ? blob.ToArray() : [];

    public void Dispose()
    {
        raw.sqlite3_reset(handle);
        raw.sqlite3_clear_bindings(handle);
    }

    internal void Close() => handle.Dispose();

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK)
        {
            throw Failure();
        }
    }

    private SqliteFailure Failure()
    {
        var failure = new SqliteFailure(raw.sqlite3_extended_errcode(database), raw.sqlite3_errmsg(database).utf8_to_string());
        raw.sqlite3_reset(handle);
        return failure;
    }
}

using KnowledgePay.Contracts.Grains;
using SQLitePCL;

namespace KnowledgePay.Storage.Sqlite;

/// <summary>A SQLite call that did not answer OK.</summary>
internal sealed class SqliteFailure(int code, string message) : Exception($"SQLite error {code}: {message}.")
{
    /// <summary>The extended result code.</summary>
    public int Code { get; } = code;

    /// <summary>True when the file or the machine failed (disk full, I/O, locked), so that any operation would have; false when it was this operation.</summary>
    public bool IsOfTheStore => (Code & 0xff) is not (raw.SQLITE_CONSTRAINT or raw.SQLITE_TOOBIG or raw.SQLITE_MISMATCH or raw.SQLITE_RANGE or raw.SQLITE_ERROR or raw.SQLITE_MISUSE);

    public StoreUnavailableException ToUnavailable(string what) => new($"{what}: {Message}", this);
}

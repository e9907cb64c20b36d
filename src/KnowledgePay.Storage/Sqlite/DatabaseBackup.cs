using SQLitePCL;

namespace KnowledgePay.Storage.Sqlite;

/// <summary>SQLite's online backup of one moment of a database that is in use.</summary>
internal static class DatabaseBackup
{
    private const int PagesPerStep = 2_048;

    /// <summary>Copies to a file that must not exist; it appears under its name only when it is whole.</summary>
    public static void Copy(string source, string destination, TimeSpan busyTimeout, CancellationToken cancellation)
    {
        if (File.Exists(destination))
        {
            throw new InvalidOperationException($"{destination} exists; a backup does not overwrite another. Choose an empty directory.");
        }

        string partial = destination + ".partial";
        File.Delete(partial);
        try
        {
            using (Connection from = Connection.Open(source, busyTimeout))
            using (Connection to = Connection.Open(partial, busyTimeout))
            {
                // Held open, the read keeps the copy at one moment: without it each commit meanwhile would start the copy again.
                from.Execute("BEGIN; SELECT count(*) FROM meta");
                Run(from, to, cancellation);
                from.Execute("COMMIT");
                // The copy must be whole in its one file.
                to.Execute("PRAGMA journal_mode=DELETE");
            }

            File.Move(partial, destination);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    private static void Run(Connection from, Connection to, CancellationToken cancellation)
    {
        using sqlite3_backup backup = raw.sqlite3_backup_init(to.Handle, "main", from.Handle, "main")
            ?? throw new SqliteFailure(raw.sqlite3_extended_errcode(to.Handle), raw.sqlite3_errmsg(to.Handle).utf8_to_string());
        int code;
        do
        {
            cancellation.ThrowIfCancellationRequested();
            code = raw.sqlite3_backup_step(backup, PagesPerStep);
        }
        while (code == raw.SQLITE_OK);

        int finished = raw.sqlite3_backup_finish(backup);
        if (code != raw.SQLITE_DONE || finished != raw.SQLITE_OK)
        {
            throw new SqliteFailure(code != raw.SQLITE_DONE ? code : finished, "the backup did not finish");
        }
    }
}

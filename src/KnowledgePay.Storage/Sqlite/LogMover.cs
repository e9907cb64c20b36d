namespace KnowledgePay.Storage.Sqlite;

/// <summary>Moves a database's write-ahead log into it on a thread of its own, so that commits need not wait for it.</summary>
/// <remarks>
/// SQLite by itself moves the log within the commit that made it long enough: tens of mebibytes and a sync of the whole database, for which everyone who writes
/// waits. Here a part of it is moved whenever a quarter of its length is new, while commits go on behind. A log begins anew only after all of it was moved at a moment
/// when nobody wrote; so once it is as long as it may be, the writer moves the little that is left itself, between two commits.
/// </remarks>
internal sealed class LogMover : IDisposable
{
    private readonly Connection _connection;
    private readonly int _pages;
    private readonly Thread _thread;
    private readonly AutoResetEvent _isDue = new(initialState: false);
    private volatile bool _isLong;
    private volatile bool _isEnding;
    private long _newPages;

    /// <param name="connection">To the database, for this alone.</param>
    /// <param name="pages">How long the log may become before it is to begin anew.</param>
    public LogMover(string name, Connection connection, int pages)
    {
        _connection = connection;
        _pages = pages;
        // A connection knows that there is a log once it has read from the database.
        connection.Scalar("SELECT count(*) FROM sqlite_schema");
        _thread = new Thread(Loop) { IsBackground = true, Name = $"{name} log" };
        _thread.Start();
    }

    /// <summary>On the writer's thread, when the callers of a commit have their answers.</summary>
    public void Committed(Connection writer)
    {
        if (_isLong)
        {
            _isLong = false;
            writer.MoveLog();
        }

        _newPages += writer.TakePagesWritten();
        if (_newPages >= _pages / 4)
        {
            _newPages = 0;
            _isDue.Set();
        }
    }

    /// <summary>Ends the thread and closes the connection; what is left in the log is moved by whoever closes the writer's.</summary>
    public void Dispose()
    {
        _isEnding = true;
        _isDue.Set();
        _thread.Join();
        _isDue.Dispose();
        _connection.Dispose();
    }

    private void Loop()
    {
        while (true)
        {
            _isDue.WaitOne();
            if (_isEnding)
            {
                return;
            }

            _isLong |= _connection.MoveLog() >= _pages;
        }
    }
}

using System.Diagnostics;
using KnowledgePay.Contracts.Grains;
using Microsoft.Extensions.Logging;

namespace KnowledgePay.Storage.Sqlite;

/// <summary>Who keeps state in memory that follows the database's.</summary>
internal interface ICommitObserver
{
    /// <summary>On the writer's thread, before the operations complete.</summary>
    void Committed(Connection connection);

    /// <summary>On the writer's thread: nothing of the batch happened.</summary>
    void RolledBack();
}

/// <summary>One thread that owns a database's only writing connection and commits what waits in groups.</summary>
/// <remarks>
/// A commit costs one synchronous write to the disk whether it holds one row or a thousand. While one is under way the next
/// group gathers; and when the last group was larger than one, the thread waits up to <see cref="GroupCommitLimits.GatherTime"/>
/// for as many again, since callers that were just answered are about to come back.
/// </remarks>
internal sealed partial class GroupCommitWriter : IDisposable
{
    private readonly string _name;
    private readonly string _label;
    private readonly Connection _connection;
    private readonly GroupCommitLimits _limits;
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private readonly GroupCommitQueue<WriteOperation> _queue;
    private readonly List<WriteOperation> _batch = [];

    public GroupCommitWriter(string name, string label, Connection connection, GroupCommitLimits limits, ILogger logger)
    {
        _name = name;
        _label = label;
        _connection = connection;
        _limits = limits;
        _logger = logger;
        _queue = new GroupCommitQueue<WriteOperation>(name, limits);
        _thread = new Thread(Loop) { IsBackground = true, Name = $"{name} writer" };
        _thread.Start();
    }

    /// <summary>Set before the first write.</summary>
    public ICommitObserver? Observer { get; set; }

    /// <summary>Moves the write-ahead log; null where SQLite does by itself.</summary>
    public LogMover? Log { get; init; }

    /// <summary>Operations that wait.</summary>
    public int QueueLength => _queue.Count;

    /// <summary>Transactions so far.</summary>
    public long Commits { get; private set; }

    /// <exception cref="StoreUnavailableException">The queue is full or the store is closing; the write was not taken.</exception>
    public Task<T> Write<T>(Func<Connection, T> apply, CancellationToken cancellation, int rows = 1, long bytes = 0, bool undoable = false) =>
        Write(new WriteOperation<T>(apply) { Cancellation = cancellation, Rows = rows, Bytes = bytes, IsUndoable = undoable });

    /// <inheritdoc cref="Write{T}(Func{Connection, T}, CancellationToken, int, long, bool)"/>
    public Task<T> Write<T>(WriteOperation<T> operation)
    {
        operation.Cancellation.ThrowIfCancellationRequested();
        _queue.Add(operation);
        return operation.Task;
    }

    /// <summary>Commits all that waits, then ends the thread. The connection stays open.</summary>
    public void Dispose()
    {
        _queue.Close();
        _thread.Join();
    }

    private void Loop()
    {
        int previous = 0;
        while (_queue.Gather(_batch, previous))
        {
            previous = _batch.Count;
            long started = Stopwatch.GetTimestamp();
            Commit();
            _batch.Clear();
            Log?.Committed(_connection);
            TimeSpan took = Stopwatch.GetElapsedTime(started);
            CommitMetrics.Committed(_label, previous, took);
            if (took > _limits.SlowCommit)
            {
                SlowCommit(_logger, _name, previous, took.TotalMilliseconds);
            }
        }
    }

    /// <summary>Commits the batch. An operation that fails by itself is taken out and the rest is done again without it.</summary>
    private void Commit()
    {
        List<WriteOperation>? rejected = null;
        while (_batch.Count > 0)
        {
            int done = 0;
            try
            {
                Run("BEGIN IMMEDIATE");
                while (done < _batch.Count)
                {
                    Apply(_batch[done]);
                    done++;
                }

                Run("COMMIT");
                Commits++;
                Observer?.Committed(_connection);
                Complete(_batch);
                break;
            }
            catch (Exception failure) when (done < _batch.Count && !_connection.IsIdle && failure is not SqliteFailure { IsOfTheStore: true })
            {
                RollBack();
                WriteOperation culprit = _batch[done];
                culprit.Rejection = failure;
                OperationRejected(_logger, failure, _name);
                _batch.RemoveAt(done);
                (rejected ??= []).Add(culprit);
            }
            catch (Exception failure)
            {
                RollBack();
                CommitFailed(_logger, failure, _name, _batch.Count);
                foreach (WriteOperation operation in _batch)
                {
                    operation.Fail(new StoreUnavailableException($"{_name} could not commit: {failure.Message}", failure));
                }

                break;
            }
        }

        if (rejected is not null)
        {
            Complete(rejected);
        }
    }

    private void Apply(WriteOperation operation)
    {
        operation.Rejection = null;
        if (operation.Cancellation.IsCancellationRequested)
        {
            operation.Rejection = new OperationCanceledException(operation.Cancellation);
        }
        else if (!operation.IsUndoable)
        {
            operation.Apply(_connection);
        }
        else
        {
            Run("SAVEPOINT operation");
            try
            {
                operation.Apply(_connection);
            }
            catch (Exception failure) when (failure is not SqliteFailure)
            {
                Run("ROLLBACK TO operation");
                operation.Rejection = failure;
            }

            Run("RELEASE operation");
        }
    }

    private static void Complete(List<WriteOperation> operations)
    {
        foreach (WriteOperation operation in operations)
        {
            operation.Complete();
        }
    }

    private void RollBack()
    {
        try
        {
            // Some failures (disk full) have rolled the transaction back already.
            if (!_connection.IsIdle)
            {
                Run("ROLLBACK");
            }
        }
        catch (SqliteFailure failure)
        {
            CommitFailed(_logger, failure, _name, 0);
        }

        Observer?.RolledBack();
    }

    private void Run(string sql)
    {
        using Statement statement = _connection.Use(sql);
        statement.Run();
    }

    [LoggerMessage(1, LogLevel.Error, "{Store} could not commit {Operations} operations; all of them were refused.")]
    private static partial void CommitFailed(ILogger logger, Exception failure, string store, int operations);

    [LoggerMessage(2, LogLevel.Warning, "{Store} refused an operation.")]
    private static partial void OperationRejected(ILogger logger, Exception failure, string store);

    [LoggerMessage(3, LogLevel.Warning, "{Store} took {Milliseconds} ms to commit {Operations} operations.")]
    private static partial void SlowCommit(ILogger logger, string store, int operations, double milliseconds);
}

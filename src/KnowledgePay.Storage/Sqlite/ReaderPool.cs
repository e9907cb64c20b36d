using KnowledgePay.Contracts.Grains;

namespace KnowledgePay.Storage.Sqlite;

/// <summary>A few reading connections that run queued reads on thread-pool threads, never on the caller's.</summary>
/// <remarks>SQLite has no asynchronous calls, and a caller is often a grain's turn. Each read is short, so that no open read keeps the write-ahead log from being reset.</remarks>
internal sealed class ReaderPool(string name, Func<Connection> open, int connections, int queuedReads) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Queue<Job> _queue = new();
    private readonly Stack<Connection> _idle = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _opened;
    private bool _closed;

    /// <exception cref="StoreUnavailableException">Too many reads wait, or the file cannot be read.</exception>
    public Task<T> Read<T>(Func<Connection, T> read, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var job = new Job<T>(read, cancellation);
        Connection? connection = null;
        bool run;
        lock (_gate)
        {
            if (_closed || _queue.Count >= queuedReads)
            {
                throw new StoreUnavailableException(_closed ? $"{name} is closed." : $"{name} has {_queue.Count} reads waiting, which is its limit.");
            }

            _queue.Enqueue(job);
            run = _idle.TryPop(out connection);
            if (!run && _opened < connections)
            {
                _opened++;
                run = true;
            }
        }

        if (run)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static state => state.Pool.Work(state.Connection), (Pool: this, Connection: connection), preferLocal: false);
        }

        return job.Task;
    }

    /// <summary>Ends the reads under way and closes the connections.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            while (_idle.TryPop(out Connection? connection))
            {
                connection.Dispose();
                _opened--;
            }

            if (_opened == 0)
            {
                return;
            }
        }

        _drained.Task.GetAwaiter().GetResult();
    }

    private void Work(Connection? connection)
    {
        while (true)
        {
            Job? job;
            lock (_gate)
            {
                if (!_queue.TryDequeue(out job))
                {
                    if (_closed || connection is null)
                    {
                        connection?.Dispose();
                        _opened--;
                        if (_closed && _opened == 0)
                        {
                            _drained.TrySetResult();
                        }
                    }
                    else
                    {
                        _idle.Push(connection);
                    }

                    return;
                }
            }

            try
            {
                connection ??= open();
                job.Run(connection);
            }
            catch (SqliteFailure failure)
            {
                job.Fail(failure.ToUnavailable($"{name} could not be read"));
            }
            catch (Exception failure)
            {
                job.Fail(failure);
            }
        }
    }

    private abstract class Job
    {
        public abstract void Run(Connection connection);

        public abstract void Fail(Exception reason);
    }

    private sealed class Job<T>(Func<Connection, T> read, CancellationToken cancellation) : Job
    {
        private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<T> Task => _completion.Task;

        public override void Run(Connection connection)
        {
            if (cancellation.IsCancellationRequested)
            {
                _completion.TrySetCanceled(cancellation);
            }
            else
            {
                _completion.TrySetResult(read(connection));
            }
        }

        public override void Fail(Exception reason) => _completion.TrySetException(reason);

    }
}

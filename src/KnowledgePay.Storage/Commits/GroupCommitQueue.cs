using KnowledgePay.Contracts.Grains;

namespace KnowledgePay.Storage;

/// <summary>Something that waits for the next group commit.</summary>
internal interface IQueuedWrite
{
    /// <summary>About how many rows it writes: counts toward the commit's limit.</summary>
    int Rows { get; }

    /// <summary>About how many bytes it holds while it waits.</summary>
    long Bytes { get; }
}

/// <summary>Where writes wait for a store's one writing thread, which takes them in groups. The same for every store.</summary>
/// <remarks>
/// A commit costs one synchronous write to the disk whether it holds one row or a thousand. While one is under way the next
/// group gathers; and when the last group was larger than one, the thread waits up to <see cref="GroupCommitLimits.GatherTime"/>
/// for as many again, since callers that were just answered are about to come back.
/// </remarks>
internal sealed class GroupCommitQueue<T>(string name, GroupCommitLimits limits)
    where T : IQueuedWrite
{
    private readonly object _gate = new();
    private readonly Queue<T> _queue = new();
    private long _queuedBytes;
    private int _wakeAt;
    private bool _closed;

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _queue.Count;
            }
        }
    }

    /// <exception cref="StoreUnavailableException">The queue is full or closed; the write was not taken.</exception>
    public void Add(T write)
    {
        lock (_gate)
        {
            if (_closed)
            {
                throw new StoreUnavailableException($"{name} is closed.");
            }

            if (_queue.Count >= limits.QueuedOperations || (_queue.Count > 0 && _queuedBytes + write.Bytes > limits.QueuedBytes))
            {
                throw new StoreUnavailableException($"{name} has {_queue.Count} writes of {_queuedBytes} bytes waiting, which is its limit.");
            }

            _queue.Enqueue(write);
            _queuedBytes += write.Bytes;
            if (_queue.Count >= _wakeAt)
            {
                Monitor.Pulse(_gate);
            }
        }
    }

    /// <summary>Takes no more; what waits is still gathered.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits for writes and takes the next group of them. False when the queue is closed and empty.</summary>
    /// <param name="batch">Empty; takes the group.</param>
    /// <param name="previous">How many the last group had.</param>
    /// <param name="joins">Whether a write may go into the same commit as those before it; null when any may.</param>
    public bool Gather(List<T> batch, int previous, Func<T, bool>? joins = null)
    {
        lock (_gate)
        {
            while (_queue.Count == 0)
            {
                if (_closed)
                {
                    return false;
                }

                _wakeAt = 1;
                Monitor.Wait(_gate);
            }

            if (previous > 1 && _queue.Count < previous && !_closed && limits.GatherTime > TimeSpan.Zero)
            {
                _wakeAt = previous;
                Monitor.Wait(_gate, limits.GatherTime);
            }

            _wakeAt = int.MaxValue;
            int rows = 0;
            long bytes = 0;
            while (_queue.TryPeek(out T? next)
                && (batch.Count == 0 || (rows + next.Rows <= limits.RowsPerCommit && bytes + next.Bytes <= limits.BytesPerCommit))
                && (joins is null || joins(next)))
            {
                _queue.Dequeue();
                _queuedBytes -= next.Bytes;
                rows += next.Rows;
                bytes += next.Bytes;
                batch.Add(next);
            }

            return true;
        }
    }
}

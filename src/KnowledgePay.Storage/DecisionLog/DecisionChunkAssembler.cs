using System.Runtime.InteropServices;
using System.Security.Cryptography;
using KnowledgePay.Contracts.Grains;

namespace KnowledgePay.Storage;

/// <summary>Gathers decision records to chunks and hands these to the store in order, one write at a time. The same for every store.</summary>
/// <remarks>
/// A chunk is closed when it is full, old, or somebody waits for a record of it and no write is under way (else it goes on gathering).
/// When a write fails, the records that somebody waits for are dropped and their writers told; the others stay and are tried again,
/// so that chunk numbers have no gaps and a full disk costs no record for as long as <see cref="DecisionChunkLimits.WaitingBytes"/> last.
/// </remarks>
internal sealed class DecisionChunkAssembler : IAsyncDisposable
{
    public const int ChunksPerWrite = 16;

    private readonly int _partition;
    private readonly DecisionChunkLimits _limits;
    private readonly TimeProvider _time;
    private readonly Func<IReadOnlyList<DecisionChunk>, Task> _write;
    private readonly Lock _gate = new();
    private readonly List<DecisionChunk> _closed = [];
    private readonly uint[] _nonces = new uint[256];
    private readonly ITimer _timer;
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DecisionChunk? _open;
    private long _nextNumber;
    private long _waitingBytes;
    private int _nonce;
    private bool _ticking;
    private bool _writing;
    private bool _failing;
    private long _failedAt;
    private bool _closing;

    public DecisionChunkAssembler(int partition, long lastChunk, DecisionChunkLimits limits, TimeProvider time, Func<IReadOnlyList<DecisionChunk>, Task> write)
    {
        _partition = partition;
        _nextNumber = lastChunk + 1;
        _limits = limits;
        _time = time;
        _write = write;
        _nonce = _nonces.Length;
        _timer = time.CreateTimer(static state => ((DecisionChunkAssembler)state!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <exception cref="StoreUnavailableException">Too much waits for the disk, or the log is closing.</exception>
    public DecisionAddress Reserve()
    {
        DecisionAddress address;
        List<DecisionChunk>? ready = null;
        lock (_gate)
        {
            if (_closing)
            {
                throw new StoreUnavailableException("The decision log is closed.");
            }

            if (_closed.Count >= _limits.WaitingChunks || _waitingBytes >= _limits.WaitingBytes)
            {
                throw new StoreUnavailableException($"The decision log has {_closed.Count} chunks of {_waitingBytes} bytes waiting for the store, which is its limit.");
            }

            if (_open is null)
            {
                _open = new DecisionChunk(_nextNumber++, _time.GetTimestamp());
                StartTicking();
            }

            uint nonce = NextNonce();
            address = new DecisionAddress(_partition, _open.Number, _open.Reserve(nonce), nonce);
            if (_open.Count >= _limits.Records)
            {
                Close();
                ready = TakeReady();
            }
        }

        Start(ready);
        return address;
    }

    /// <summary>See <see cref="IDecisionLog.Fill"/>.</summary>
    public Task Fill(DecisionAddress address, long stream, byte[]? payload, bool durable)
    {
        bool tooLarge = payload?.Length > DecisionChunkLimits.LargestRecordBytes;
        Task outcome;
        List<DecisionChunk>? ready;
        lock (_gate)
        {
            DecisionChunk? chunk = Locate(address);
            if (chunk is null || !chunk.IsReserved(address.Index, address.Nonce))
            {
                return Task.FromException(new StoreUnavailableException($"Decision {address.Chunk}/{address.Index} is not reserved: it was filled before, or given up after {_limits.FillTimeout}."));
            }

            long before = chunk.Bytes;
            // A record that is too large gives its address up, so that the chunk does not wait for it.
            chunk.Settle(address.Index, stream, tooLarge ? null : payload, durable);
            _waitingBytes += chunk.Bytes - before;
            outcome = payload is null ? Task.CompletedTask : durable ? chunk.FirstAttempt.Task : chunk.Stored.Task;
            if (chunk == _open)
            {
                chunk.CloseWanted |= durable;
                if (chunk.Bytes >= _limits.Bytes)
                {
                    Close();
                }
            }

            _failing &= !durable;
            ready = TakeReady();
        }

        Start(ready);
        return tooLarge
            ? Task.FromException(new ArgumentException($"A decision record has {payload!.Length} bytes; at most {DecisionChunkLimits.LargestRecordBytes} are stored.", nameof(payload)))
            : outcome;
    }

    /// <summary>Looks an address up among the chunks that are not durable yet; when there, has it written at once and waits for that.</summary>
    /// <returns>Whether the address is of such a chunk, and its record.</returns>
    public async ValueTask<(bool IsHere, LoggedDecision? Record)> Find(DecisionAddress address, CancellationToken cancellation)
    {
        DecisionChunk? chunk;
        List<DecisionChunk>? ready;
        lock (_gate)
        {
            chunk = Locate(address);
            if (chunk is null)
            {
                return (false, null);
            }

            if ((uint)address.Index >= (uint)chunk.Count || chunk.Records[address.Index].Nonce != address.Nonce)
            {
                return (true, null);
            }

            chunk.CloseWanted = true;
            _failing = false;
            ready = TakeReady();
        }

        Start(ready);
        await chunk.FirstAttempt.Task.WaitAsync(cancellation).ConfigureAwait(false);
        lock (_gate)
        {
            DecisionChunk.Record record = chunk.Records[address.Index];
            return (true, record.Payload is { } payload ? new LoggedDecision(address, record.Stream, payload) : null);
        }
    }

    /// <summary>Completes when every record that was filled before is durable.</summary>
    /// <exception cref="StoreUnavailableException">The store did not take them.</exception>
    public async ValueTask Flush(CancellationToken cancellation)
    {
        DecisionChunk? last;
        List<DecisionChunk>? ready;
        lock (_gate)
        {
            last = _open ?? _closed.LastOrDefault();
            if (last is null)
            {
                return;
            }

            last.CloseWanted = true;
            _failing = false;
            ready = TakeReady();
        }

        Start(ready);
        await last.FirstAttempt.Task.WaitAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Gives up what is unfilled, writes what waits, and ends. Records that the store does not take now are lost, and their tasks say so.</summary>
    public async ValueTask DisposeAsync()
    {
        List<DecisionChunk>? ready;
        lock (_gate)
        {
            if (!_closing)
            {
                _closing = true;
                _failing = false;
                _open?.GiveUpUnfilled();
                _closed.ForEach(chunk => chunk.GiveUpUnfilled());
                if (_open is not null)
                {
                    Close();
                }
            }

            ready = TakeReady();
            SignalDrained();
        }

        Start(ready);
        await _drained.Task.ConfigureAwait(false);
        await _timer.DisposeAsync().ConfigureAwait(false);
    }

    private DecisionChunk? Locate(DecisionAddress address)
    {
        if (address.Partition != _partition)
        {
            return null;
        }

        if (_open?.Number == address.Chunk)
        {
            return _open;
        }

        long index = _closed.Count == 0 ? -1 : address.Chunk - _closed[0].Number;
        return index >= 0 && index < _closed.Count ? _closed[(int)index] : null;
    }

    private uint NextNonce()
    {
        if (_nonce == _nonces.Length)
        {
            RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(_nonces.AsSpan()));
            _nonce = 0;
        }

        return _nonces[_nonce++];
    }

    private void Close()
    {
        _open!.ClosedAt = _time.GetTimestamp();
        _open.At = _time.GetUtcNow();
        _closed.Add(_open);
        _open = null;
    }

    /// <summary>The complete chunks at the head, when it is time to write them.</summary>
    private List<DecisionChunk>? TakeReady()
    {
        if (_writing || _failing)
        {
            return null;
        }

        if (_open is { CloseWanted: true })
        {
            Close();
        }

        int count = 0;
        while (count < _closed.Count && count < ChunksPerWrite && _closed[count].Unfilled == 0)
        {
            count++;
        }

        if (count == 0)
        {
            return null;
        }

        _writing = true;
        return _closed.GetRange(0, count);
    }

    private void Start(List<DecisionChunk>? ready)
    {
        if (ready is not null)
        {
            _ = Write(ready);
        }
    }

    private async Task Write(List<DecisionChunk>? chunks)
    {
        while (chunks is not null)
        {
            StoreUnavailableException? failure = null;
            try
            {
                await _write(chunks).ConfigureAwait(false);
            }
            catch (Exception reason)
            {
                failure = reason as StoreUnavailableException ?? new StoreUnavailableException($"The decision log could not be written: {reason.Message}", reason);
            }

            List<DecisionChunk> settled = chunks;
            bool final;
            lock (_gate)
            {
                _writing = false;
                final = failure is null || _closing;
                if (failure is null)
                {
                    _closed.RemoveRange(0, chunks.Count);
                    _waitingBytes -= chunks.Sum(chunk => chunk.Bytes);
                }
                else
                {
                    // Those who wait in the chunks behind would wait for the same disk.
                    settled = _closed.TakeWhile(chunk => chunk.Unfilled == 0).ToList();
                    settled.ForEach(chunk => chunk.DropAwaited());
                    _failing = true;
                    _failedAt = _time.GetTimestamp();
                    if (_closing)
                    {
                        _closed.Clear();
                    }
                    else
                    {
                        StartTicking();
                    }
                }
            }

            foreach (DecisionChunk chunk in settled)
            {
                // In this order: whoever saw the first attempt end well may look at whether the record is stored.
                if (final)
                {
                    Settle(chunk.Stored, failure);
                }

                Settle(chunk.FirstAttempt, failure);
            }

            lock (_gate)
            {
                chunks = TakeReady();
                SignalDrained();
            }
        }
    }

    private void SignalDrained()
    {
        if (_closing && !_writing && _open is null && _closed.Count == 0)
        {
            _drained.TrySetResult();
        }
    }

    private static void Settle(TaskCompletionSource source, Exception? failure)
    {
        if (failure is null)
        {
            source.TrySetResult();
        }
        else if (source.TrySetException(failure))
        {
            // Most callers do not wait; their unread failure is not an unhandled one.
            _ = source.Task.Exception;
        }
    }

    private void StartTicking()
    {
        if (!_ticking)
        {
            _ticking = true;
            _timer.Change(_limits.Age, Timeout.InfiniteTimeSpan);
        }
    }

    private void Tick()
    {
        List<DecisionChunk>? ready;
        lock (_gate)
        {
            _ticking = false;
            if (_open is not null && _time.GetElapsedTime(_open.OpenedAt) >= _limits.Age)
            {
                _open.CloseWanted = true;
            }

            if (_closed.Count > 0 && _closed[0].Unfilled > 0 && _time.GetElapsedTime(_closed[0].ClosedAt) >= _limits.FillTimeout)
            {
                _closed[0].GiveUpUnfilled();
            }

            if (_failing && _time.GetElapsedTime(_failedAt) >= _limits.RetryDelay)
            {
                _failing = false;
            }

            ready = TakeReady();
            if ((_open is not null || _closed.Count > 0) && !_closing)
            {
                StartTicking();
            }
        }

        Start(ready);
    }
}

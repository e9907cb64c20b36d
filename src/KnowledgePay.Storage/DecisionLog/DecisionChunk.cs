using System.Runtime.InteropServices;

namespace KnowledgePay.Storage;

/// <summary>A chunk in memory, from its first reserved address until it is durable. Guarded by its assembler's lock until it is complete.</summary>
internal sealed class DecisionChunk(long number, long openedAt)
{
    private readonly List<Record> _records = [];

    public long Number { get; } = number;

    /// <summary>Time stamp of the monotonic clock.</summary>
    public long OpenedAt { get; } = openedAt;

    public long ClosedAt { get; set; }

    /// <summary>When it was closed: the chunk's age for deletion.</summary>
    public DateTimeOffset At { get; set; }

    public bool CloseWanted { get; set; }

    public int Count => _records.Count;

    public int Unfilled { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>The outcome of the first attempt to write it: what those who wait are told.</summary>
    public TaskCompletionSource FirstAttempt { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when it is stored, however many attempts that took.</summary>
    public TaskCompletionSource Stored { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ReadOnlySpan<Record> Records => CollectionsMarshal.AsSpan(_records);

    public int Reserve(uint nonce)
    {
        _records.Add(new Record { Nonce = nonce });
        Unfilled++;
        return _records.Count - 1;
    }

    public bool IsReserved(int index, uint nonce) => (uint)index < (uint)_records.Count && _records[index] is { IsSettled: false } record && record.Nonce == nonce;

    /// <summary>Fills a reserved record, or gives it up when there is no payload.</summary>
    public void Settle(int index, long stream, byte[]? payload, bool durable)
    {
        ref Record record = ref CollectionsMarshal.AsSpan(_records)[index];
        record = record with { Stream = stream, Payload = payload, IsSettled = true, IsAwaited = durable };
        Unfilled--;
        Bytes += payload?.Length ?? 0;
    }

    public void GiveUpUnfilled()
    {
        for (int i = 0; i < _records.Count; i++)
        {
            if (!_records[i].IsSettled)
            {
                Settle(i, 0, null, false);
            }
        }
    }

    /// <summary>Drops the records whose writers were told that they are not stored.</summary>
    public void DropAwaited()
    {
        foreach (ref Record record in CollectionsMarshal.AsSpan(_records))
        {
            if (record.IsAwaited)
            {
                record = record with { Payload = null, IsAwaited = false };
            }
        }
    }

    public readonly record struct Record
    {
        public long Stream { get; init; }

        public uint Nonce { get; init; }

        public byte[]? Payload { get; init; }

        public bool IsSettled { get; init; }

        public bool IsAwaited { get; init; }
    }
}

using KnowledgePay.Contracts.Grains;

namespace KnowledgePay.Storage.Sqlite;

/// <summary>Something to write in the next group commit.</summary>
internal abstract class WriteOperation : IQueuedWrite
{
    public required CancellationToken Cancellation { get; init; }

    /// <summary>About how many rows it writes: counts toward the commit's limit.</summary>
    public int Rows { get; init; } = 1;

    /// <summary>About how many bytes it holds while it waits.</summary>
    public long Bytes { get; init; }

    /// <summary>True when it may find out midway that it must not be done, so that its part alone is undone.</summary>
    public bool IsUndoable { get; init; }

    /// <summary>What made the operation, and it alone, fail.</summary>
    public Exception? Rejection { get; set; }

    /// <summary>Writes. May be called again after a roll-back.</summary>
    public abstract void Apply(Connection connection);

    /// <summary>The commit that holds it is durable (or its rejection is final).</summary>
    public abstract void Complete();

    public abstract void Fail(Exception reason);
}

/// <summary>A write with a result.</summary>
internal class WriteOperation<T>(Func<Connection, T> apply) : WriteOperation
{
    // Continuations must not run on the writer's thread: the next commit would wait for them.
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;

    public Task<T> Task => _completion.Task;

    public override void Apply(Connection connection) => _result = apply(connection);

    public override void Complete()
    {
        switch (Rejection)
        {
            case null:
                _completion.TrySetResult(_result!);
                break;
            case OperationCanceledException:
                _completion.TrySetCanceled(Cancellation);
                break;
            case SqliteFailure failure:
                _completion.TrySetException(failure.ToUnavailable("The store refused the write"));
                break;
            default:
                _completion.TrySetException(Rejection);
                break;
        }
    }

    public override void Fail(Exception reason) => _completion.TrySetException(reason as StoreUnavailableException ?? new StoreUnavailableException(reason.Message, reason));
}

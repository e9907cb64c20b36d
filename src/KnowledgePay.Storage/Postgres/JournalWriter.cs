using System.Diagnostics;
using KnowledgePay.Contracts.Grains;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace KnowledgePay.Storage.Postgres;

/// <summary>An append that waits for its group commit.</summary>
internal sealed class JournalAppend(long stream, long expected, IReadOnlyList<JournalRow> rows, long bytes, CancellationToken cancellation) : IQueuedWrite
{
    // Continuations must not run on the writer's thread: the next commit would wait for them.
    private readonly TaskCompletionSource<AppendResult> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public long Stream { get; } = stream;

    public long Expected { get; } = expected;

    public IReadOnlyList<JournalRow> Appended { get; } = rows;

    public int Rows => Math.Max(1, Appended.Count);

    public long Bytes { get; } = bytes;

    public Task<AppendResult> Task => _completion.Task;

    public bool IsCancelled => cancellation.IsCancellationRequested;

    public void Complete(AppendResult result) => _completion.TrySetResult(result);

    public void Cancel() => _completion.TrySetCanceled(cancellation);

    public void Fail(StoreUnavailableException reason) => _completion.TrySetException(reason);
}

/// <summary>One thread with one connection that sends the appends that wait to the server in groups: one round trip and one commit a group.</summary>
/// <remarks>
/// The server's function takes a group for the usual one, of rows that are all new. Where a unique index fails, a row is there already or another writer was quicker, and
/// the function looks at each row; where one fails even then, the other writer committed in between, and the group is sent again. A stream is in a group once.
/// </remarks>
internal sealed partial class JournalWriter : IDisposable
{
    private const string Name = "The journal";
    private const string Lost = "KP001";
    private const int TriesAtMost = 10;

    private readonly PostgresDatabase _database;
    private readonly PartitionLease _lease;
    private readonly GroupCommitLimits _limits;
    private readonly ILogger _logger;
    private readonly GroupCommitQueue<JournalAppend> _queue;
    private readonly List<JournalAppend> _batch = [];
    private readonly HashSet<long> _streams = [];
    private readonly Thread _thread;
    private NpgsqlConnection? _connection;
    private NpgsqlCommand? _command;
    private long _sentAt;

    public JournalWriter(PostgresDatabase database, PartitionLease lease, GroupCommitLimits limits, ILogger logger)
    {
        _database = database;
        _lease = lease;
        _limits = limits;
        _logger = logger;
        _queue = new GroupCommitQueue<JournalAppend>(Name, limits);
        _thread = new Thread(Loop) { IsBackground = true, Name = "Journal writer" };
        _thread.Start();
    }

    /// <summary>Transactions so far, and those of them that were sent again.</summary>
    public long Commits { get; private set; }

    public long Repeats { get; private set; }

    /// <summary>Called between the server's answer and the callers', for tests that cut the connection there.</summary>
    internal Action? BeforeAnswer { get; set; }

    /// <exception cref="StoreUnavailableException">The queue is full or the store is closing; the append was not taken.</exception>
    public Task<AppendResult> Append(JournalAppend append)
    {
        if (_lease.Lost.IsCancellationRequested)
        {
            throw Fenced();
        }

        _queue.Add(append);
        return append.Task;
    }

    public void Dispose()
    {
        _queue.Close();
        _thread.Join();
        Disconnect();
    }

    private void Loop()
    {
        int previous = 0;
        while (_queue.Gather(_batch, previous, append => _streams.Add(append.Stream)))
        {
            previous = _batch.Count;
            long started = Stopwatch.GetTimestamp();
            Commit();
            _batch.Clear();
            _streams.Clear();
            TimeSpan took = Stopwatch.GetElapsedTime(started);
            CommitMetrics.Committed("journal", previous, took);
            if (took > _limits.SlowCommit)
            {
                SlowCommit(_logger, previous, took.TotalMilliseconds);
            }
        }
    }

    private void Commit()
    {
        _batch.RemoveAll(append =>
        {
            if (append.IsCancelled)
            {
                append.Cancel();
            }

            return append.IsCancelled;
        });
        if (_batch.Count == 0)
        {
            return;
        }

        for (int tries = 1; ; tries++)
        {
            try
            {
                AppendResult[] results = Send();
                Commits++;
                BeforeAnswer?.Invoke();
                for (int i = 0; i < results.Length; i++)
                {
                    _batch[i].Complete(results[i]);
                }

                return;
            }
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected && tries < TriesAtMost)
            {
                Repeats++;
            }
            catch (PostgresException e) when (e.SqlState == Lost)
            {
                _lease.Lose();
                Fail(Fenced());
                return;
            }
            catch (Exception e)
            {
                CommitFailed(_logger, e, _batch.Count);
                Disconnect();
                Fail(PostgresDatabase.Unavailable(Name, e));
                return;
            }
        }
    }

    private AppendResult[] Send()
    {
        NpgsqlCommand command = Connected();
        int rows = _batch.Sum(a => a.Appended.Count);
        long[] streams = new long[_batch.Count];
        long[] expected = new long[_batch.Count];
        int[] owners = new int[rows];
        long[] rowStreams = new long[rows], sequences = new long[rows];
        var fingerprints = new Guid[rows];
        byte[][] payloads = new byte[rows][];
        int row = 0;
        for (int i = 0; i < streams.Length; i++)
        {
            streams[i] = _batch[i].Stream;
            expected[i] = _batch[i].Expected;
            long sequence = expected[i];
            foreach (JournalRow appended in _batch[i].Appended)
            {
                owners[row] = i + 1;
                rowStreams[row] = streams[i];
                sequences[row] = ++sequence;
                fingerprints[row] = appended.Fingerprint.ToGuid();
                payloads[row++] = appended.Payload;
            }
        }

        command.Parameters[2].Value = streams;
        command.Parameters[3].Value = expected;
        command.Parameters[4].Value = owners;
        command.Parameters[5].Value = rowStreams;
        command.Parameters[6].Value = sequences;
        command.Parameters[7].Value = fingerprints;
        command.Parameters[8].Value = payloads;
        command.Parameters[9].Value = _batch.TrueForAll(append => append.Appended.Count > 0);
        using NpgsqlDataReader reader = command.ExecuteReader();
        reader.Read();
        _sentAt = Stopwatch.GetTimestamp();
        return reader.IsDBNull(0)
            ? Results(reader.GetFieldValue<long[]>(1), reader.GetFieldValue<bool[]>(2), reader.GetFieldValue<long[]>(3), reader.GetFieldValue<bool[]>(4))
            : AllStored(reader.GetInt64(0));
    }

    /// <summary>Of rows that were all stored, from an offset on.</summary>
    private AppendResult[] AllStored(long offset)
    {
        var results = new AppendResult[_batch.Count];
        for (int i = 0; i < results.Length; i++)
        {
            JournalAppend append = _batch[i];
            int count = append.Appended.Count;
            results[i] = new AppendResult(false, append.Expected + count, _lease.Partition, count == 0 ? 0 : offset, new bool[count]);
            offset += count;
        }

        return results;
    }

    private AppendResult[] Results(long[] heads, bool[] fenced, long[] firsts, bool[] duplicates)
    {
        var results = new AppendResult[heads.Length];
        int row = 0;
        for (int i = 0; i < results.Length; i++)
        {
            int count = _batch[i].Appended.Count;
            results[i] = fenced[i]
                ? new AppendResult(true, Math.Max(0, heads[i]), _lease.Partition, 0, [])
                : new AppendResult(false, heads[i], _lease.Partition, firsts[i], duplicates[row..(row + count)]);
            row += count;
        }

        return results;
    }

    private NpgsqlCommand Connected()
    {
        if (_connection is not null && Stopwatch.GetElapsedTime(_sentAt) > PostgresDatabase.Idle && !PostgresDatabase.Answers(_connection))
        {
            Disconnect();
        }

        if (_command is null)
        {
            _connection = _database.Source.OpenConnection();
            _sentAt = Stopwatch.GetTimestamp();
            // With plans made for each call's arrays, planning took the server five times as long as a single append itself.
            using (var plans = new NpgsqlCommand("SET plan_cache_mode = force_generic_plan", _connection))
            {
                plans.ExecuteNonQuery();
            }

            _command = new NpgsqlCommand("SELECT first_offset, heads, fenced, first_offsets, duplicates FROM append_rows($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)", _connection);
            _command.Parameters.Add(Commands.P(_lease.Partition));
            _command.Parameters.Add(Commands.P(_lease.Epoch));
            _command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint });
            _command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint });
            _command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Integer });
            _command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint });
            _command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint });
            _command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid });
            _command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea });
            _command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Boolean });
            _command.Prepare();
        }

        return _command;
    }

    private void Disconnect()
    {
        _command?.Dispose();
        _connection?.Dispose();
        _command = null;
        _connection = null;
    }

    private void Fail(StoreUnavailableException reason) => _batch.ForEach(append => append.Fail(reason));

    private StoreUnavailableException Fenced() => new($"Another process has journal partition {_lease.Partition}: this one can store nothing any more.");

    [LoggerMessage(22, LogLevel.Error, "The journal could not commit {Appends} appends; all of them were refused.")]
    private static partial void CommitFailed(ILogger logger, Exception failure, int appends);

    [LoggerMessage(23, LogLevel.Warning, "The journal took {Milliseconds} ms to commit {Appends} appends.")]
    private static partial void SlowCommit(ILogger logger, int appends, double milliseconds);
}

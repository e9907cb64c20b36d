using Microsoft.Extensions.Logging;
using Npgsql;
using static KnowledgePay.Storage.Postgres.Commands;

namespace KnowledgePay.Storage.Postgres;

/// <summary>The journal partition that this process holds, and the epoch under which it does.</summary>
/// <remarks>
/// The lease only says when others may take the partition. What keeps two processes from writing it is the epoch: taking a partition raises it,
/// and every write checks it in its own transaction. All times are the server's, which a process's clock cannot contradict.
/// </remarks>
internal sealed partial class PartitionLease : IAsyncDisposable
{
    private const int RenewalsPerLease = 5;
    private const int PartitionsAtMost = ushort.MaxValue;

    private readonly PostgresDatabase _database;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _lost = new();
    private readonly Task _renewing;

    private PartitionLease(PostgresDatabase database, int partition, long epoch, TimeSpan lease, ILogger logger)
    {
        _database = database;
        _logger = logger;
        Partition = partition;
        Epoch = epoch;
        Lost = _lost.Token;
        _renewing = Renew(lease / RenewalsPerLease);
    }

    public int Partition { get; }

    public long Epoch { get; }

    /// <summary>Cancelled when another process has the partition: this one writes nothing any more.</summary>
    public CancellationToken Lost { get; }

    /// <summary>Takes a partition: the last one of this holder's name, one that was given back, one whose lease has run out, or else a new one.</summary>
    public static async Task<PartitionLease> Take(PostgresDatabase database, string holder, TimeSpan lease, ILogger logger, CancellationToken cancellation)
    {
        (int partition, long epoch) = await database.Transact(
            async connection =>
            {
                await using (NpgsqlCommand one = connection.Command("SELECT pg_advisory_xact_lock(hashtextextended('KnowledgePay/partition', 0))"))
                {
                    await one.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
                }

                // The row of a process that was frozen within a commit stays locked: another is taken.
                await using NpgsqlCommand free = connection.Command(
                    "SELECT partition FROM partition WHERE holder IS NULL OR holder = $1 OR renewed_at < now() - $2 ORDER BY holder IS DISTINCT FROM $1, holder IS NOT NULL, partition LIMIT 1 FOR UPDATE SKIP LOCKED",
                    P(holder), P(lease));
                List<int> found = await free.Read(r => r.GetInt32(0), cancellation).ConfigureAwait(false);
                if (found.Count == 0)
                {
                    await using NpgsqlCommand next = connection.Command("SELECT coalesce(max(partition) + 1, 0) FROM partition");
                    int made = (int)(await next.ExecuteScalarAsync(cancellation).ConfigureAwait(false))!;
                    if (made > PartitionsAtMost)
                    {
                        throw new InvalidOperationException($"All {PartitionsAtMost + 1} journal partitions are held.");
                    }

                    await using NpgsqlCommand make = connection.Command(
                        "WITH p AS (INSERT INTO partition (partition, epoch, holder, renewed_at) VALUES ($1, 0, NULL, now()) RETURNING partition) INSERT INTO decision_head (partition, last_chunk) SELECT $1, 0",
                        P(made));
                    await make.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
                    found.Add(made);
                }

                await using NpgsqlCommand take = connection.Command("UPDATE partition SET epoch = epoch + 1, holder = $2, renewed_at = now() WHERE partition = $1 RETURNING epoch", P(found[0]), P(holder));
                return (found[0], (long)(await take.ExecuteScalarAsync(cancellation).ConfigureAwait(false))!);
            },
            cancellation).ConfigureAwait(false);
        return new PartitionLease(database, partition, epoch, lease, logger);
    }

    /// <summary>To be told when a write was refused because of the epoch.</summary>
    public void Lose()
    {
        if (!_lost.IsCancellationRequested)
        {
            LeaseLost(_logger, Partition, Epoch);
            _lost.Cancel();
        }
    }

    /// <summary>Gives the partition back, so that the next process need not wait.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _renewing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            await _database.Execute("UPDATE partition SET holder = NULL WHERE partition = $1 AND epoch = $2", CancellationToken.None, P(Partition), P(Epoch)).ConfigureAwait(false);
        }
        catch (Contracts.Grains.StoreUnavailableException e)
        {
            RenewalFailed(_logger, e, Partition);
        }

        _stopping.Dispose();
    }

    /// <remarks>On real time, whatever clock the store has: the lease runs on the server's.</remarks>
    private async Task Renew(TimeSpan every)
    {
        using var timer = new PeriodicTimer(every);
        while (await timer.WaitForNextTickAsync(_stopping.Token).ConfigureAwait(false) && !_lost.IsCancellationRequested)
        {
            try
            {
                if (await _database.Execute("UPDATE partition SET renewed_at = now() WHERE partition = $1 AND epoch = $2", _stopping.Token, P(Partition), P(Epoch)).ConfigureAwait(false) == 0)
                {
                    Lose();
                }
            }
            catch (Contracts.Grains.StoreUnavailableException e)
            {
                RenewalFailed(_logger, e, Partition);
            }
        }
    }

    [LoggerMessage(20, LogLevel.Critical, "Another process took journal partition {Partition} (epoch {Epoch} is over): this one writes nothing any more.")]
    private static partial void LeaseLost(ILogger logger, int partition, long epoch);

    [LoggerMessage(21, LogLevel.Warning, "The lease of journal partition {Partition} could not be written; it is tried again.")]
    private static partial void RenewalFailed(ILogger logger, Exception failure, int partition);
}

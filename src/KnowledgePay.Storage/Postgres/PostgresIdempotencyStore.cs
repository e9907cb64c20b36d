using Npgsql;
using static KnowledgePay.Storage.Postgres.Commands;

namespace KnowledgePay.Storage.Postgres;

/// <summary>Answers by idempotency key, shared by all processes. The first answer under a key stays.</summary>
internal sealed class PostgresIdempotencyStore(PostgresDatabase database, TimeProvider time) : IIdempotencyStore
{
    private const int RowsPerDelete = 1_000;

    /// <summary>A key that others begin and release at the same moment is tried so often.</summary>
    private const int TriesAtMost = 10;

    public async ValueTask<IdempotencyEntry> Begin(UInt128 key, UInt128 bodyHash, CancellationToken cancellation)
    {
        DateTimeOffset now = time.GetUtcNow();
        for (int i = 0; i < TriesAtMost; i++)
        {
            if (await database.Execute(
                """
                INSERT INTO idempotency AS known ("key", body, stream, status, at) VALUES ($1, $2, 0, 0, $3)
                ON CONFLICT ("key") DO UPDATE SET status = 0, payload = NULL, at = EXCLUDED.at
                WHERE known.status > 0 AND known.stream = 0 AND known.body = EXCLUDED.body
                """,
                cancellation,
                P(key.ToGuid()),
                P(bodyHash.ToGuid()),
                P(now.UtcTicks)).ConfigureAwait(false) == 1)
            {
                return new IdempotencyEntry(true, bodyHash, 0, 0, null, now);
            }

            if (await Read(key, cancellation).ConfigureAwait(false) is not { } entry)
            {
                continue;
            }

            if (entry is not { Status: > 0, Stream: IIdempotencyStore.Nobody } || entry.BodyHash != bodyHash)
            {
                return entry;
            }

            if (await database.Execute(
                "UPDATE idempotency SET status = 0, payload = NULL, at = $2 WHERE \"key\" = $1 AND status > 0 AND stream = 0", cancellation, P(key.ToGuid()), P(now.UtcTicks)).ConfigureAwait(false) == 1)
            {
                return new IdempotencyEntry(true, bodyHash, 0, 0, null, now);
            }
        }

        throw new Contracts.Grains.StoreUnavailableException("The idempotency key is begun and released by others at the same time; try again.");
    }

    /// <exception cref="InvalidOperationException">The work was not begun, or its entry is deleted.</exception>
    public async ValueTask Complete(UInt128 key, long stream, int status, byte[] payload, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(status, 1);
        ArgumentNullException.ThrowIfNull(payload);
        int saved = await database.Execute(
            "UPDATE idempotency SET stream = $2, status = $3, payload = $4 WHERE \"key\" = $1 AND status = 0", cancellation, P(key.ToGuid()), P(stream), P(status), P(payload)).ConfigureAwait(false);
        if (saved == 0 && await Read(key, cancellation).ConfigureAwait(false) is null)
        {
            throw new InvalidOperationException("The idempotency key has no entry: the work under it was not begun, or the entry was deleted since.");
        }
    }

    public async ValueTask Release(UInt128 key, CancellationToken cancellation) =>
        await database.Execute("DELETE FROM idempotency WHERE \"key\" = $1 AND status = 0", cancellation, P(key.ToGuid())).ConfigureAwait(false);

    public async ValueTask<int> DeleteBefore(DateTimeOffset before, CancellationToken cancellation)
    {
        int total = 0;
        int deleted;
        do
        {
            deleted = await database.Execute(
                "DELETE FROM idempotency WHERE \"key\" IN (SELECT \"key\" FROM idempotency WHERE at < $1 ORDER BY at LIMIT $2 FOR UPDATE SKIP LOCKED)", cancellation, P(before.UtcTicks), P(RowsPerDelete)).ConfigureAwait(false);
            total += deleted;
        }
        while (deleted == RowsPerDelete);
        return total;
    }

    private async ValueTask<IdempotencyEntry?> Read(UInt128 key, CancellationToken cancellation) =>
        (await database.Query("SELECT body, stream, status, payload, at FROM idempotency WHERE \"key\" = $1", Entry, cancellation, P(key.ToGuid())).ConfigureAwait(false)).FirstOrDefault();

    private static IdempotencyEntry Entry(NpgsqlDataReader row) => new(
        false, row.GetGuid(0).ToUInt128(), row.GetInt64(1), row.GetInt32(2), row.IsDBNull(3) ? null : row.GetFieldValue<byte[]>(3), new DateTimeOffset(row.GetInt64(4), TimeSpan.Zero));
}

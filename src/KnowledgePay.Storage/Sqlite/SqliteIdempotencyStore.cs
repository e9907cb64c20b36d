namespace KnowledgePay.Storage.Sqlite;

/// <summary>Answers by idempotency key. The first answer under a key stays.</summary>
internal sealed class SqliteIdempotencyStore(EngineDatabase database) : IIdempotencyStore
{
    private const int RowsPerDelete = 1_000;

    public async ValueTask<IdempotencyEntry> Begin(UInt128 key, UInt128 bodyHash, CancellationToken cancellation) =>
        await database.Writer.Write(connection => Begin(connection, key, bodyHash), cancellation).ConfigureAwait(false);

    /// <exception cref="InvalidOperationException">The work was not begun, or its entry is deleted.</exception>
    public async ValueTask Complete(UInt128 key, long stream, int status, byte[] payload, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(status, 1);
        ArgumentNullException.ThrowIfNull(payload);
        bool known = await database.Writer.Write(
            connection =>
            {
                Span<byte> bytes = stackalloc byte[16];
                StoreArguments.Write(key, bytes);
                using Statement save = connection.Use("UPDATE idempotency SET stream = ?2, status = ?3, payload = ?4 WHERE \"key\" = ?1 AND status = 0").Bind(1, bytes).Bind(2, stream).Bind(3, status).Bind(4, payload);
                return save.Run() > 0 || Read(connection, bytes) is not null;
            },
            cancellation,
            bytes: payload.Length).ConfigureAwait(false);
        if (!known)
        {
            throw new InvalidOperationException("The idempotency key has no entry: the work under it was not begun, or the entry was deleted since.");
        }
    }

    public async ValueTask Release(UInt128 key, CancellationToken cancellation) => await database.Writer.Write(
        connection =>
        {
            Span<byte> bytes = stackalloc byte[16];
            StoreArguments.Write(key, bytes);
            using Statement delete = connection.Use("DELETE FROM idempotency WHERE \"key\" = ?1 AND status = 0").Bind(1, bytes);
            return delete.Run();
        },
        cancellation).ConfigureAwait(false);

    public async ValueTask<int> DeleteBefore(DateTimeOffset time, CancellationToken cancellation)
    {
        int total = 0;
        int deleted;
        do
        {
            deleted = await database.Writer.Write(
                connection =>
                {
                    using Statement delete = connection.Use("DELETE FROM idempotency WHERE rowid IN (SELECT rowid FROM idempotency WHERE at < ?1 LIMIT ?2)").Bind(1, time.UtcTicks).Bind(2, RowsPerDelete);
                    return delete.Run();
                },
                cancellation,
                RowsPerDelete).ConfigureAwait(false);
            total += deleted;
        }
        while (deleted == RowsPerDelete);
        return total;
    }

    private IdempotencyEntry Begin(Connection connection, UInt128 key, UInt128 bodyHash)
    {
        Span<byte> bytes = stackalloc byte[16];
        StoreArguments.Write(key, bytes);
        DateTimeOffset now = database.Time.GetUtcNow();
        if (Read(connection, bytes) is { } entry)
        {
            if (entry is not { Status: > 0, Stream: IIdempotencyStore.Nobody } || entry.BodyHash != bodyHash)
            {
                return entry;
            }

            using Statement again = connection.Use("UPDATE idempotency SET status = 0, payload = NULL, at = ?2 WHERE \"key\" = ?1").Bind(1, bytes).Bind(2, now.UtcTicks);
            again.Run();
            return new IdempotencyEntry(true, bodyHash, 0, 0, null, now);
        }

        Span<byte> body = stackalloc byte[16];
        StoreArguments.Write(bodyHash, body);
        using Statement insert = connection.Use("INSERT INTO idempotency (\"key\", body, stream, status, payload, at) VALUES (?1, ?2, 0, 0, NULL, ?3)").Bind(1, bytes).Bind(2, body).Bind(3, now.UtcTicks);
        insert.Run();
        return new IdempotencyEntry(true, bodyHash, 0, 0, null, now);
    }

    private static IdempotencyEntry? Read(Connection connection, ReadOnlySpan<byte> key)
    {
        using Statement read = connection.Use("SELECT body, stream, status, payload, at FROM idempotency WHERE \"key\" = ?1").Bind(1, key);
        return read.Step()
            ? new IdempotencyEntry(false, StoreArguments.ReadUInt128(read.Blob(0)), read.Int64(1), read.Int32(2), read.IsNull(3) ? null : read.Bytes(3), new DateTimeOffset(read.Int64(4), TimeSpan.Zero))
            : null;
    }
}

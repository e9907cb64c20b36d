namespace KnowledgePay.Storage.Sqlite;

/// <summary>One row a stream.</summary>
internal sealed class SqliteSnapshotStore(EngineDatabase database) : ISnapshotStore
{
    public async ValueTask<Snapshot?> Load(long stream, CancellationToken cancellation) => await database.Readers.Read(
        connection =>
        {
            using Statement read = connection.Use("SELECT sequence, version, payload FROM snapshot WHERE stream = ?1").Bind(1, stream);
            return read.Step() ? new Snapshot(read.Int64(0), read.Int32(1), read.Bytes(2)) : null;
        },
        cancellation).ConfigureAwait(false);

    public async ValueTask Save(long stream, Snapshot snapshot, CancellationToken cancellation)
    {
        StoreArguments.CheckSnapshot(stream, snapshot);
        await database.Writer.Write(
            connection =>
            {
                using Statement save = connection.Use(
                    "INSERT INTO snapshot (stream, sequence, version, payload) VALUES (?1, ?2, ?3, ?4) "
                    + "ON CONFLICT (stream) DO UPDATE SET sequence = excluded.sequence, version = excluded.version, payload = excluded.payload WHERE excluded.sequence >= snapshot.sequence");
                save.Bind(1, stream).Bind(2, snapshot.Sequence).Bind(3, snapshot.Version).Bind(4, snapshot.Payload);
                return save.Run();
            },
            cancellation,
            bytes: snapshot.Payload.Length).ConfigureAwait(false);
    }

    public async ValueTask Delete(long stream, CancellationToken cancellation) => await database.Writer.Write(
        connection =>
        {
            using Statement delete = connection.Use("DELETE FROM snapshot WHERE stream = ?1").Bind(1, stream);
            return delete.Run();
        },
        cancellation).ConfigureAwait(false);
}

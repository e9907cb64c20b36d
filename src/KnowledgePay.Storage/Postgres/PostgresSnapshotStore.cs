using static KnowledgePay.Storage.Postgres.Commands;

namespace KnowledgePay.Storage.Postgres;

/// <summary>One row a stream.</summary>
internal sealed class PostgresSnapshotStore(PostgresDatabase database, PartitionLease lease) : ISnapshotStore
{
    public async ValueTask<Snapshot?> Load(long stream, CancellationToken cancellation) =>
        (await database.Query("SELECT sequence, version, payload FROM snapshot WHERE stream = $1", r => new Snapshot(r.GetInt64(0), r.GetInt32(1), r.GetFieldValue<byte[]>(2)), cancellation, P(stream)).ConfigureAwait(false)).FirstOrDefault();

    /// <remarks>
    /// A snapshot of an erased stream is not kept: it could not be opened, and nobody would delete it. Nor is one of a process that holds no partition here any more: it may remember what this
    /// database never held, when another one was put in its place while the process ran.
    /// </remarks>
    public async ValueTask Save(long stream, Snapshot snapshot, CancellationToken cancellation)
    {
        StoreArguments.CheckSnapshot(stream, snapshot);
        await database.Execute(
            "INSERT INTO snapshot (stream, sequence, version, payload) SELECT $1, $2, $3, $4 WHERE NOT EXISTS (SELECT 1 FROM erased_stream WHERE stream = $1) "
            + "AND EXISTS (SELECT 1 FROM partition WHERE partition = $5 AND epoch = $6) "
            + "ON CONFLICT (stream) DO UPDATE SET sequence = excluded.sequence, version = excluded.version, payload = excluded.payload WHERE excluded.sequence >= snapshot.sequence",
            cancellation,
            P(stream),
            P(snapshot.Sequence),
            P(snapshot.Version),
            P(snapshot.Payload),
            P(lease.Partition),
            P(lease.Epoch)).ConfigureAwait(false);
    }

    public async ValueTask Delete(long stream, CancellationToken cancellation) =>
        await database.Execute("DELETE FROM snapshot WHERE stream = $1", cancellation, P(stream)).ConfigureAwait(false);
}

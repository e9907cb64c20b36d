using System.Collections.Concurrent;
using Npgsql;
using static KnowledgePay.Storage.Postgres.Commands;

namespace KnowledgePay.Storage.Postgres;

/// <summary>Documents in one table, with a row a kind that counts its numbers and versions: its lock makes versions rise in commit order, whoever writes.</summary>
/// <remarks>What waits for a kind's lock in this process goes in one transaction: one after the other, each would hold the lock for several round trips and a commit.</remarks>
internal sealed class PostgresDocumentStore(PostgresDatabase database, GroupCommitLimits limits) : IDocumentStore
{
    private readonly ConcurrentDictionary<string, DocumentWriter> _writers = new(StringComparer.Ordinal);

    public async ValueTask<IReadOnlyList<Document>> Put(string kind, IReadOnlyList<DocumentWrite> writes, CancellationToken cancellation)
    {
        long bytes = DocumentNumbering.Check(kind, writes);
        cancellation.ThrowIfCancellationRequested();
        DocumentWriter writer = _writers.GetOrAdd(kind, (named, store) => new DocumentWriter(named, store.Database, store.Limits), (Database: database, Limits: limits));
        return await writer.Put(new DocumentPut(writes, bytes, cancellation)).ConfigureAwait(false);
    }

    public async ValueTask<Document?> Find(string kind, string id, CancellationToken cancellation) =>
        (await database.Query(
            "SELECT number, version, body FROM document WHERE kind = $1 AND id = $2 AND octet_length(body) > 0",
            r => new Document(kind, id, r.GetInt32(0), r.GetInt64(1), r.GetFieldValue<byte[]>(2)),
            cancellation,
            P(kind),
            P(id)).ConfigureAwait(false)).FirstOrDefault();

    public async ValueTask<IReadOnlyList<Document>> Changes(string kind, long afterVersion, int limit, CancellationToken cancellation)
    {
        StoreArguments.CheckLimit(limit);
        return await database.Query(
            "SELECT id, number, version, body FROM document WHERE kind = $1 AND version > $2 ORDER BY version LIMIT $3",
            r => new Document(kind, r.GetString(0), r.GetInt32(1), r.GetInt64(2), r.GetFieldValue<byte[]>(3)),
            cancellation,
            P(kind),
            P(afterVersion),
            P(limit)).ConfigureAwait(false);
    }
}

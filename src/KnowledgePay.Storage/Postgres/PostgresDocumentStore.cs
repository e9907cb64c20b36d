using Npgsql;
using static KnowledgePay.Storage.Postgres.Commands;

namespace KnowledgePay.Storage.Postgres;

/// <summary>Documents in one table, with a row a kind that counts its numbers and versions: its lock makes versions rise in commit order, whoever writes.</summary>
internal sealed class PostgresDocumentStore(PostgresDatabase database) : IDocumentStore
{
    public async ValueTask<IReadOnlyList<Document>> Put(string kind, IReadOnlyList<DocumentWrite> writes, CancellationToken cancellation)
    {
        DocumentNumbering.Check(kind, writes);
        return await database.Transact<IReadOnlyList<Document>>(
            async connection =>
            {
                DocumentNumbering numbering = await Lock(connection, kind, cancellation).ConfigureAwait(false);
                Dictionary<string, KnownDocument> known = await Known(connection, kind, writes, cancellation).ConfigureAwait(false);
                var documents = new Document[writes.Count];
                var stored = new Dictionary<string, Document>(StringComparer.Ordinal);
                for (int i = 0; i < documents.Length; i++)
                {
                    (Document document, bool isStored) = numbering.Apply(writes[i], known.GetValueOrDefault(writes[i].Id, KnownDocument.Never));
                    documents[i] = document;
                    if (isStored)
                    {
                        // Written twice in one put, a document is stored as the last of them.
                        stored[document.Id] = document;
                        known[document.Id] = new KnownDocument(document.Number, document.Version, document.Body.Length > 0);
                    }
                }

                await Save(connection, kind, numbering, stored.Values, cancellation).ConfigureAwait(false);
                return documents;
            },
            cancellation).ConfigureAwait(false);
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

    private static async ValueTask<DocumentNumbering> Lock(NpgsqlConnection connection, string kind, CancellationToken cancellation)
    {
        await using NpgsqlCommand make = connection.Command("INSERT INTO document_kind (kind, version, count) VALUES ($1, 0, 0) ON CONFLICT DO NOTHING", P(kind));
        await make.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        await using NpgsqlCommand take = connection.Command("SELECT version, count FROM document_kind WHERE kind = $1 FOR UPDATE", P(kind));
        return (await take.Read(r => new DocumentNumbering(kind, r.GetInt64(0), r.GetInt32(1)), cancellation).ConfigureAwait(false))[0];
    }

    private static async ValueTask<Dictionary<string, KnownDocument>> Known(NpgsqlConnection connection, string kind, IReadOnlyList<DocumentWrite> writes, CancellationToken cancellation)
    {
        await using NpgsqlCommand read = connection.Command(
            "SELECT id, number, version, octet_length(body) > 0 FROM document WHERE kind = $1 AND id = ANY($2)",
            P(kind),
            P(writes.Select(w => w.Id).Distinct(StringComparer.Ordinal).ToArray()));
        return (await read.Read(r => (r.GetString(0), new KnownDocument(r.GetInt32(1), r.GetInt64(2), r.GetBoolean(3))), cancellation).ConfigureAwait(false)).ToDictionary(StringComparer.Ordinal);
    }

    private static async ValueTask Save(NpgsqlConnection connection, string kind, DocumentNumbering numbering, IReadOnlyCollection<Document> stored, CancellationToken cancellation)
    {
        await using NpgsqlCommand save = connection.Command(
            "INSERT INTO document (kind, id, number, version, body) SELECT $1, u.* FROM unnest($2, $3, $4, $5) u ON CONFLICT (kind, id) DO UPDATE SET version = excluded.version, body = excluded.body",
            P(kind),
            P(stored.Select(d => d.Id).ToArray()),
            P(stored.Select(d => d.Number).ToArray()),
            P(stored.Select(d => d.Version).ToArray()),
            P(stored.Select(d => d.Body).ToArray()));
        await save.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        await using NpgsqlCommand keep = connection.Command("UPDATE document_kind SET version = $2, count = $3 WHERE kind = $1", P(kind), P(numbering.Version), P(numbering.Count));
        await keep.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }
}

namespace KnowledgePay.Storage.Sqlite;

/// <summary>Documents in one table, with a row a kind that counts its numbers and versions.</summary>
internal sealed class SqliteDocumentStore(EngineDatabase database) : IDocumentStore
{
    public async ValueTask<IReadOnlyList<Document>> Put(string kind, IReadOnlyList<DocumentWrite> writes, CancellationToken cancellation)
    {
        long bytes = DocumentNumbering.Check(kind, writes);
        return await database.Writer.Write(connection => Put(connection, kind, writes), cancellation, writes.Count, bytes, undoable: true).ConfigureAwait(false);
    }

    public async ValueTask<Document?> Find(string kind, string id, CancellationToken cancellation) => await database.Readers.Read(
        connection =>
        {
            using Statement read = connection.Use("SELECT number, version, body FROM document WHERE kind = ?1 AND id = ?2 AND length(body) > 0").Bind(1, kind).Bind(2, id);
            return read.Step() ? new Document(kind, id, read.Int32(0), read.Int64(1), read.Bytes(2)) : null;
        },
        cancellation).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<Document>> Changes(string kind, long afterVersion, int limit, CancellationToken cancellation)
    {
        StoreArguments.CheckLimit(limit);
        return await database.Readers.Read(
            connection =>
            {
                using Statement read = connection.Use("SELECT id, number, version, body FROM document WHERE kind = ?1 AND version > ?2 ORDER BY version LIMIT ?3").Bind(1, kind).Bind(2, afterVersion).Bind(3, limit);
                var documents = new List<Document>();
                while (read.Step())
                {
                    documents.Add(new Document(kind, read.Text(0), read.Int32(1), read.Int64(2), read.Bytes(3)));
                }

                return documents;
            },
            cancellation).ConfigureAwait(false);
    }

    private static IReadOnlyList<Document> Put(Connection connection, string kind, IReadOnlyList<DocumentWrite> writes)
    {
        DocumentNumbering numbering = Numbering(connection, kind);
        var documents = new Document[writes.Count];
        for (int i = 0; i < documents.Length; i++)
        {
            (documents[i], bool isStored) = numbering.Apply(writes[i], Known(connection, kind, writes[i].Id));
            if (isStored)
            {
                using Statement save = connection.Use("INSERT INTO document (kind, id, number, version, body) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (kind, id) DO UPDATE SET version = excluded.version, body = excluded.body");
                save.Bind(1, kind).Bind(2, documents[i].Id).Bind(3, documents[i].Number).Bind(4, documents[i].Version).Bind(5, documents[i].Body).Run();
            }
        }

        using Statement keep = connection.Use("INSERT INTO document_kind (kind, version, count) VALUES (?1, ?2, ?3) ON CONFLICT (kind) DO UPDATE SET version = excluded.version, count = excluded.count");
        keep.Bind(1, kind).Bind(2, numbering.Version).Bind(3, numbering.Count).Run();
        return documents;
    }

    private static DocumentNumbering Numbering(Connection connection, string kind)
    {
        using Statement read = connection.Use("SELECT version, count FROM document_kind WHERE kind = ?1").Bind(1, kind);
        return read.Step() ? new DocumentNumbering(kind, read.Int64(0), read.Int32(1)) : new DocumentNumbering(kind, 0, 0);
    }

    private static KnownDocument Known(Connection connection, string kind, string id)
    {
        using Statement read = connection.Use("SELECT number, version, length(body) FROM document WHERE kind = ?1 AND id = ?2").Bind(1, kind).Bind(2, id);
        return read.Step() ? new KnownDocument(read.Int32(0), read.Int64(1), read.Int64(2) > 0) : KnownDocument.Never;
    }
}

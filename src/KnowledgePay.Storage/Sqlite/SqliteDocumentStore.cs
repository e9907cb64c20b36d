namespace KnowledgePay.Storage.Sqlite;

/// <summary>Documents in one table, with a row a kind that counts its numbers and versions.</summary>
/// <remarks>
/// A write with an empty body deletes: <see cref="Find"/> no longer has the document, <see cref="Changes"/> reports it once with an empty body,
/// and a later write brings it back under its old number. To an expectation it then counts as absent (0) or as its last version.
/// Deleting what never was writes nothing and answers number -1, version 0.
/// </remarks>
internal sealed class SqliteDocumentStore(EngineDatabase database) : IDocumentStore
{
    public const int LargestKind = 64;
    public const int LargestId = 512;
    public const int LargestBodyBytes = 64 << 20;
    public const int LargestPut = 100_000;

    public async ValueTask<IReadOnlyList<Document>> Put(string kind, IReadOnlyList<DocumentWrite> writes, CancellationToken cancellation)
    {
        CheckText(kind, LargestKind, nameof(kind));
        if (writes.Count > LargestPut)
        {
            throw new ArgumentException($"{writes.Count} documents are put at once; at most {LargestPut} are taken.", nameof(writes));
        }

        long bytes = 0;
        foreach (DocumentWrite write in writes)
        {
            CheckText(write.Id, LargestId, nameof(writes));
            if (write.Body is null || write.Body.Length > LargestBodyBytes)
            {
                throw new ArgumentException($"{kind} '{write.Id}' has {write.Body?.Length.ToString() ?? "no"} bytes; expected 0 (delete) to {LargestBodyBytes}.", nameof(writes));
            }

            bytes += write.Body.Length;
        }

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
        EngineDatabase.CheckLimit(limit);
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
        long version = 0;
        int count = 0;
        using (Statement read = connection.Use("SELECT version, count FROM document_kind WHERE kind = ?1").Bind(1, kind))
        {
            if (read.Step())
            {
                version = read.Int64(0);
                count = read.Int32(1);
            }
        }

        var documents = new Document[writes.Count];
        for (int i = 0; i < documents.Length; i++)
        {
            (string id, byte[] body, long? expected) = writes[i];
            (int number, long actual, bool exists) = Current(connection, kind, id);
            if (expected is { } wanted && wanted != (exists ? actual : 0) && (exists || wanted != actual))
            {
                throw new DocumentConflictException(kind, id, wanted, exists ? actual : 0);
            }

            if (body.Length == 0 && !exists)
            {
                documents[i] = new Document(kind, id, number, actual, []);
                continue;
            }

            if (number < 0)
            {
                number = count++;
            }

            using Statement save = connection.Use("INSERT INTO document (kind, id, number, version, body) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (kind, id) DO UPDATE SET version = excluded.version, body = excluded.body");
            save.Bind(1, kind).Bind(2, id).Bind(3, number).Bind(4, ++version).Bind(5, body).Run();
            documents[i] = new Document(kind, id, number, version, body);
        }

        using Statement keep = connection.Use("INSERT INTO document_kind (kind, version, count) VALUES (?1, ?2, ?3) ON CONFLICT (kind) DO UPDATE SET version = excluded.version, count = excluded.count");
        keep.Bind(1, kind).Bind(2, version).Bind(3, count).Run();
        return documents;
    }

    private static (int Number, long Version, bool Exists) Current(Connection connection, string kind, string id)
    {
        using Statement read = connection.Use("SELECT number, version, length(body) FROM document WHERE kind = ?1 AND id = ?2").Bind(1, kind).Bind(2, id);
        return read.Step() ? (read.Int32(0), read.Int64(1), read.Int64(2) > 0) : (-1, 0, false);
    }

    private static void CheckText(string text, int largest, string parameter)
    {
        if (string.IsNullOrEmpty(text) || text.Length > largest)
        {
            throw new ArgumentException($"A document's kind or id has {text?.Length ?? 0} characters; expected 1 to {largest}.", parameter);
        }

        EngineDatabase.CheckText(text, parameter);
    }
}

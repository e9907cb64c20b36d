using System.Diagnostics;
using KnowledgePay.Contracts.Grains;
using Npgsql;
using static KnowledgePay.Storage.Postgres.Commands;

namespace KnowledgePay.Storage.Postgres;

/// <summary>A put that waits for its group commit.</summary>
internal sealed class DocumentPut(IReadOnlyList<DocumentWrite> writes, long bytes, CancellationToken cancellation)
{
    private readonly TaskCompletionSource<IReadOnlyList<Document>> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<DocumentWrite> Writes { get; } = writes;

    public long Bytes { get; } = bytes;

    public Task<IReadOnlyList<Document>> Task => _completion.Task;

    /// <summary>What the transaction under way makes of it; counts once that is committed.</summary>
    public IReadOnlyList<Document>? Documents { get; set; }

    /// <summary>Why nothing of it is in the transaction under way.</summary>
    public DocumentConflictException? Conflict { get; set; }

    /// <summary>Takes note of a cancelled wait; false while the put is wanted.</summary>
    public bool IsGivenUp() => cancellation.IsCancellationRequested && (_completion.TrySetCanceled(cancellation) || true);

    public void Committed()
    {
        if (Conflict is { } conflict)
        {
            _completion.TrySetException(conflict);
        }
        else
        {
            _completion.TrySetResult(Documents!);
        }
    }

    public void Fail(Exception failure) => _completion.TrySetException(failure);
}

/// <summary>Writes the documents of one kind: what waits goes in one transaction under the kind's lock, each put all or none of itself.</summary>
internal sealed class DocumentWriter(string kind, PostgresDatabase database, GroupCommitLimits limits)
{
    private readonly Lock _lock = new();
    private readonly Queue<DocumentPut> _waiting = new();
    private bool _isWriting;

    /// <exception cref="StoreUnavailableException">Too many wait, or the server did not do it.</exception>
    /// <exception cref="DocumentConflictException">An expectation failed; nothing of this put was written.</exception>
    public Task<IReadOnlyList<Document>> Put(DocumentPut put)
    {
        lock (_lock)
        {
            if (_waiting.Count >= limits.QueuedOperations)
            {
                throw new StoreUnavailableException($"{_waiting.Count} writes of {kind} wait already, which is the limit.");
            }

            _waiting.Enqueue(put);
            if (!_isWriting)
            {
                _isWriting = true;
                _ = Task.Run(WriteAll);
            }
        }

        return put.Task;
    }

    private async Task WriteAll()
    {
        var group = new List<DocumentPut>();
        while (Take(group))
        {
            long started = Stopwatch.GetTimestamp();
            try
            {
                await database.Transact(
                    async connection =>
                    {
                        await Write(connection, group).ConfigureAwait(false);
                        return true;
                    },
                    CancellationToken.None).ConfigureAwait(false);
                group.ForEach(put => put.Committed());
            }
            catch (Exception failure)
            {
                group.ForEach(put => put.Fail(failure));
            }

            CommitMetrics.Committed("documents", group.Count, Stopwatch.GetElapsedTime(started));
            group.Clear();
        }
    }

    /// <summary>Takes the next group; false, and the writing is over, when nothing waits.</summary>
    private bool Take(List<DocumentPut> group)
    {
        lock (_lock)
        {
            int rows = 0;
            long bytes = 0;
            while (_waiting.TryPeek(out DocumentPut? next) && (group.Count == 0 || (rows + next.Writes.Count <= limits.RowsPerCommit && bytes + next.Bytes <= limits.BytesPerCommit)))
            {
                _waiting.Dequeue();
                if (!next.IsGivenUp())
                {
                    group.Add(next);
                    rows += next.Writes.Count;
                    bytes += next.Bytes;
                }
            }

            return _isWriting = group.Count > 0;
        }
    }

    private async Task Write(NpgsqlConnection connection, List<DocumentPut> group)
    {
        (DocumentNumbering numbering, Dictionary<string, KnownDocument> known) = await Lock(connection, group).ConfigureAwait(false);
        var stored = new Dictionary<string, Document>(StringComparer.Ordinal);
        foreach (DocumentPut put in group)
        {
            (put.Documents, put.Conflict) = (null, null);
            try
            {
                DocumentNumbering after = numbering.Copy();
                var changed = new Dictionary<string, KnownDocument>(StringComparer.Ordinal);
                var documents = new Document[put.Writes.Count];
                // Written twice, a document is stored as the last of them.
                var written = new Dictionary<string, Document>(StringComparer.Ordinal);
                for (int i = 0; i < documents.Length; i++)
                {
                    DocumentWrite write = put.Writes[i];
                    KnownDocument before = changed.TryGetValue(write.Id, out KnownDocument own) ? own : known.GetValueOrDefault(write.Id, KnownDocument.Never);
                    (documents[i], bool isStored) = after.Apply(write, before);
                    if (isStored)
                    {
                        written[write.Id] = documents[i];
                        changed[write.Id] = new KnownDocument(documents[i].Number, documents[i].Version, documents[i].Body.Length > 0);
                    }
                }

                put.Documents = documents;
                numbering = after;
                foreach ((string id, Document document) in written)
                {
                    stored[id] = document;
                    known[id] = changed[id];
                }
            }
            catch (DocumentConflictException conflict)
            {
                put.Conflict = conflict;
            }
        }

        if (stored.Count > 0)
        {
            await Save(connection, numbering, stored.Values).ConfigureAwait(false);
        }
    }

    private async Task<(DocumentNumbering Numbering, Dictionary<string, KnownDocument> Known)> Lock(NpgsqlConnection connection, List<DocumentPut> group)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add("INSERT INTO document_kind (kind, version, count) VALUES ($1, 0, 0) ON CONFLICT DO NOTHING", P(kind));
        batch.Add("SELECT version, count FROM document_kind WHERE kind = $1 FOR UPDATE", P(kind));
        // A statement of its own sees what was committed before it had the lock.
        batch.Add(
            "SELECT id, number, version, octet_length(body) > 0 FROM document WHERE kind = $1 AND id = ANY($2)",
            P(kind),
            P(group.SelectMany(put => put.Writes).Select(write => write.Id).Distinct(StringComparer.Ordinal).ToArray()));
        await using NpgsqlDataReader reader = await batch.ExecuteReaderAsync().ConfigureAwait(false);
        await reader.ReadAsync().ConfigureAwait(false);
        var numbering = new DocumentNumbering(kind, reader.GetInt64(0), reader.GetInt32(1));
        await reader.NextResultAsync().ConfigureAwait(false);
        var known = new Dictionary<string, KnownDocument>(StringComparer.Ordinal);
        while (await reader.ReadAsync().ConfigureAwait(false))
        {
            known[reader.GetString(0)] = new KnownDocument(reader.GetInt32(1), reader.GetInt64(2), reader.GetBoolean(3));
        }

        return (numbering, known);
    }

    private async Task Save(NpgsqlConnection connection, DocumentNumbering numbering, IReadOnlyCollection<Document> stored)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(
            "INSERT INTO document (kind, id, number, version, body) SELECT $1, u.* FROM unnest($2, $3, $4, $5) u ON CONFLICT (kind, id) DO UPDATE SET version = excluded.version, body = excluded.body",
            P(kind),
            P(stored.Select(d => d.Id).ToArray()),
            P(stored.Select(d => d.Number).ToArray()),
            P(stored.Select(d => d.Version).ToArray()),
            P(stored.Select(d => d.Body).ToArray()));
        batch.Add("UPDATE document_kind SET version = $2, count = $3 WHERE kind = $1", P(kind), P(numbering.Version), P(numbering.Count));
        await batch.ExecuteNonQueryAsync().ConfigureAwait(false);
    }
}

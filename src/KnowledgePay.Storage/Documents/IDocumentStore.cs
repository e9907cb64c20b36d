namespace KnowledgePay.Storage;

/// <param name="Number">A permanent number within the kind, 0 for the first, without gaps: a course's ordinal.</param>
/// <param name="Version">Of the whole kind, rising with each write: what changed since v is what has a version above v.</param>
/// <param name="Body">UTF-8 JSON or another format that carries its own version. Empty when deleted.</param>
public sealed record Document(string Kind, string Id, int Number, long Version, byte[] Body);

/// <summary>Small, shared, versioned documents: courses, partners, products, access keys, review cases, settings.</summary>
public interface IDocumentStore
{
    /// <summary>Puts documents of one kind, all or none; completes when durable. Returns them with their numbers and versions.</summary>
    /// <exception cref="DocumentConflictException">An expectation failed; nothing was written.</exception>
    ValueTask<IReadOnlyList<Document>> Put(string kind, IReadOnlyList<DocumentWrite> writes, CancellationToken cancellation);

    ValueTask<Document?> Find(string kind, string id, CancellationToken cancellation);

    /// <summary>Documents of a kind with a version above the given one, by version; at most <paramref name="limit"/>.</summary>
    ValueTask<IReadOnlyList<Document>> Changes(string kind, long afterVersion, int limit, CancellationToken cancellation);
}

/// <param name="Expected">The version that the document must have now (0: it must not exist), or null for any.</param>
public readonly record struct DocumentWrite(string Id, byte[] Body, long? Expected = null);

public sealed class DocumentConflictException(string kind, string id, long expected, long actual)
    : Exception($"{kind} '{id}' has version {actual}, not {expected}.")
{
    public long Actual { get; } = actual;
}

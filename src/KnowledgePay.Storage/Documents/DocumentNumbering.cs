namespace KnowledgePay.Storage;

/// <summary>What a store has of a document: its number (-1 when it never was), its last version, and whether it is there or deleted.</summary>
internal readonly record struct KnownDocument(int Number, long Version, bool Exists)
{
    public static readonly KnownDocument Never = new(-1, 0, false);
}

/// <summary>Numbers and versions of the documents of one kind, and the expectations on them. The same for every store.</summary>
/// <remarks>
/// A write with an empty body deletes: <see cref="IDocumentStore.Find"/> no longer has the document, <see cref="IDocumentStore.Changes"/> reports it
/// once with an empty body, and a later write brings it back under its old number. To an expectation it then counts as absent (0) or as its last
/// version. Deleting what never was writes nothing and answers number -1, version 0.
/// </remarks>
internal sealed class DocumentNumbering(string kind, long version, int count)
{
    public const int LargestKind = 64;
    public const int LargestId = 512;
    public const int LargestBodyBytes = 64 << 20;
    public const int LargestPut = 100_000;

    /// <summary>The kind's version after what was applied.</summary>
    public long Version { get; private set; } = version;

    /// <summary>How many numbers the kind has given.</summary>
    public int Count { get; private set; } = count;

    /// <summary>The same numbering, for what may still not be applied.</summary>
    public DocumentNumbering Copy() => new(kind, Version, Count);

    /// <summary>Checks a put and returns the bytes of its bodies.</summary>
    public static long Check(string kind, IReadOnlyList<DocumentWrite> writes)
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

        return bytes;
    }

    /// <summary>The document that a write makes of what is known, and whether it is to be stored.</summary>
    /// <exception cref="DocumentConflictException">The expectation failed.</exception>
    public (Document Document, bool IsStored) Apply(DocumentWrite write, KnownDocument known)
    {
        (string id, byte[] body, long? expected) = write;
        (int number, long actual, bool exists) = known;
        if (expected is { } wanted && wanted != (exists ? actual : 0) && (exists || wanted != actual))
        {
            throw new DocumentConflictException(kind, id, wanted, exists ? actual : 0);
        }

        if (body.Length == 0 && !exists)
        {
            return (new Document(kind, id, number, actual, []), false);
        }

        return (new Document(kind, id, number < 0 ? Count++ : number, ++Version, body), true);
    }

    private static void CheckText(string text, int largest, string parameter)
    {
        if (string.IsNullOrEmpty(text) || text.Length > largest)
        {
            throw new ArgumentException($"A document's kind or id has {text?.Length ?? 0} characters; expected 1 to {largest}.", parameter);
        }

        StoreArguments.CheckText(text, parameter);
    }
}

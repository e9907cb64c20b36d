using System.Buffers.Binary;
using System.Collections.Immutable;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Storage;
using KnowledgePay.Storage.Encryption;
using Orleans.Serialization;

namespace KnowledgePay.Grains.Records;

/// <summary>The review queue: cases as documents, each under its person's key, so that erasing the person empties the case.</summary>
public sealed class ReviewDesk(IEngineStore store, Serializer<ReviewCase> serializer) : IReviewQueue
{
    public const string Open = "open";

    private const string Kind = "review";
    private const string IdPrefix = "rev_";
    private const int CasesReadAtOnce = 1_000;

    public static string IdOf(string decisionId) => IdPrefix + decisionId;

    public async ValueTask<IReadOnlyList<ReviewCase>> List(string? status, int limit, CancellationToken cancellation)
    {
        var cases = new List<ReviewCase>();
        long version = 0;
        while (true)
        {
            IReadOnlyList<Document> page = await store.Documents.Changes(Kind, version, CasesReadAtOnce, cancellation);
            foreach (Document document in page)
            {
                version = document.Version;
                if (await Decode(document, cancellation) is { } read && (status is null || read.Status == status))
                {
                    cases.Add(read);
                }
            }

            if (page.Count < CasesReadAtOnce)
            {
                return [.. cases.OrderBy(c => c.OpenedAt).ThenBy(c => c.ReviewId, StringComparer.Ordinal).Take(limit)];
            }
        }
    }

    public async ValueTask<ReviewCase?> Find(string reviewId, CancellationToken cancellation) =>
        (await FindVersioned(reviewId, cancellation))?.Case;

    /// <summary>The case and the version that an answer must still find.</summary>
    public async ValueTask<(ReviewCase Case, long Version)?> FindVersioned(string reviewId, CancellationToken cancellation) =>
        await store.Documents.Find(Kind, reviewId, cancellation) is { Body.Length: > 0 } document && await Decode(document, cancellation) is { } found
            ? (found, document.Version)
            : null;

    /// <exception cref="DocumentConflictException">Somebody else wrote the case since.</exception>
    public async ValueTask Put(StreamKey key, ReviewCase review, long expectedVersion, CancellationToken cancellation)
    {
        byte[] cipher = StreamCipher.Encrypt(key, StreamCipher.Purpose.Document, serializer.SerializeToArray(review));
        byte[] body = new byte[sizeof(long) + cipher.Length];
        BinaryPrimitives.WriteInt64LittleEndian(body, key.Stream);
        cipher.CopyTo(body, sizeof(long));
        await store.Documents.Put(Kind, [new DocumentWrite(review.ReviewId, body, expectedVersion)], cancellation);
    }

    /// <summary>What a person answered to the review of a decision, or null.</summary>
    public async ValueTask<Override?> OverrideOf(string decisionId, CancellationToken cancellation) =>
        await Find(IdOf(decisionId), cancellation) is { AnsweredBy: { } by, AnsweredAt: { } at } answered
            ? new Override(by, at, answered.Status, answered.Note ?? "")
            : null;

    private async ValueTask<ReviewCase?> Decode(Document document, CancellationToken cancellation)
    {
        if (document.Body.Length <= sizeof(long)
            || await store.Keys.Resolve(BinaryPrimitives.ReadInt64LittleEndian(document.Body), cancellation) is not { } owner)
        {
            return null;
        }

        return serializer.Deserialize(StreamCipher.Decrypt(owner.Key, StreamCipher.Purpose.Document, document.Body.AsSpan(sizeof(long))));
    }
}

using KnowledgePay.Contracts.Decisions;

namespace KnowledgePay.Grains.Records;

/// <summary>Reads decision records back.</summary>
public interface IDecisionRecords
{
    /// <summary>The record, or null when there is none, it is past its retention, or its person was erased. Sees a record as soon as its decision was answered.</summary>
    ValueTask<DecisionRecord?> Find(string decisionId, CancellationToken cancellation);

    /// <summary>The same for many ids of the past: one that is not there yet is not waited for.</summary>
    ValueTask<DecisionRecord?> FindWritten(string decisionId, CancellationToken cancellation);

    /// <summary>All of a person's records, oldest first.</summary>
    IAsyncEnumerable<DecisionRecord> OfUser(string userId, CancellationToken cancellation);
}

/// <summary>Credit cases that wait for a person.</summary>
public interface IReviewQueue
{
    /// <summary>Cases by status (<c>open</c>, <c>approved</c>, <c>declined</c>, or null for all), oldest first.</summary>
    ValueTask<IReadOnlyList<ReviewCase>> List(string? status, int limit, CancellationToken cancellation);

    ValueTask<ReviewCase?> Find(string reviewId, CancellationToken cancellation);
}

/// <summary>Everything held about one person, for the right of access.</summary>
public interface IPersonExport
{
    /// <summary>Writes one JSON object (<c>profile</c>, <c>consent</c>, <c>events[]</c>, <c>decisions[]</c>, <c>reviews[]</c>) to the stream; false, and nothing written, when nothing is held.</summary>
    ValueTask<bool> Write(string userId, Stream output, CancellationToken cancellation);
}

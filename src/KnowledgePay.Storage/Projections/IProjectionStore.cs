namespace KnowledgePay.Storage;

/// <summary>State that is derived from the journal and the decision log, saved together with how far it has read.</summary>
public interface IProjectionStore
{
    /// <summary>How far a projection of a partition has read.</summary>
    ValueTask<ProjectionWatermark> Watermark(string projection, int partition, CancellationToken cancellation);

    /// <summary>Saves changed rows and the watermark in one transaction: nothing is lost or counted twice when the process dies.</summary>
    ValueTask Save(string projection, int partition, ProjectionWatermark watermark, IReadOnlyList<ProjectionRow> rows, CancellationToken cancellation);

    /// <summary>All rows of a projection, of every partition.</summary>
    IAsyncEnumerable<(int Partition, ProjectionRow Row)> Load(string projection, CancellationToken cancellation);
}

public readonly record struct ProjectionWatermark(long JournalOffset, long DecisionChunk);

public readonly record struct ProjectionRow(string Key, byte[] State);

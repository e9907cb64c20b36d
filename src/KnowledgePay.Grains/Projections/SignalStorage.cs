using KnowledgePay.Decisions.Projections;
using KnowledgePay.Decisions.Recommending;
using KnowledgePay.Storage;
using Orleans.Serialization;

namespace KnowledgePay.Grains.Projections;

/// <summary>The silo's signals, which are the sum over all journal partitions, and beside them this process's own partition, which is what it saves.</summary>
/// <remarks>Written by the projector's loop only. The gate is for those who read whole aggregates, not single counters as decisions do.</remarks>
public sealed class SignalStorage(IEngineStore store, LiveSignals signals, Serializer<CourseAggregate> courses, Serializer<ProductAggregate> products)
{
    private readonly Lock _gate = new();
    private PartitionProjection? _own;

    /// <summary>How much is saved in one commit.</summary>
    internal int SliceBytes { get; init; } = 512 * 1024;

    /// <summary>Whether there is anything to save: false for a process whose start failed before.</summary>
    public bool IsLoaded => _own is not null;

    private PartitionProjection Own => _own ?? throw new InvalidOperationException("The projections are not loaded yet.");

    /// <summary>Reads what every partition saved, by partition. Each is to be replayed up to its head, and all of them to be given to <see cref="Merge"/>.</summary>
    internal async ValueTask<IReadOnlyDictionary<int, PartitionProjection>> Load(CancellationToken cancellation)
    {
        int own = store.Journal.Partition;
        // Where this process is the only one, its similarity is everybody's: kept once.
        var partitions = new Dictionary<int, PartitionProjection>
        {
            [own] = _own = new PartitionProjection(store, own, store.IsShared ? new ItemSimilarity() : signals.Similarity, courses, products, SliceBytes),
        };
        foreach (int partition in (await store.Journal.Heads(cancellation).ConfigureAwait(false)).Keys)
        {
            if (partition != own)
            {
                partitions[partition] = new PartitionProjection(store, partition, new ItemSimilarity(), courses, products, SliceBytes);
            }
        }

        foreach (PartitionProjection partition in partitions.Values)
        {
            await partition.LoadWatermarks(cancellation).ConfigureAwait(false);
        }

        await foreach ((int partition, ProjectionRow row) in store.Projections.Load(PartitionProjection.Aggregates, cancellation).ConfigureAwait(false))
        {
            // A partition that was made since has no rows that matter: it is followed from its beginning.
            partitions.GetValueOrDefault(partition)?.TakeAggregate(row);
        }

        await foreach ((int partition, ProjectionRow row) in store.Projections.Load(PartitionProjection.Similarity, cancellation).ConfigureAwait(false))
        {
            partitions.GetValueOrDefault(partition)?.TakeSimilarity(row);
        }

        return partitions;
    }

    /// <summary>Adds the partitions, brought to their heads, to what decisions read.</summary>
    internal void Merge(IEnumerable<PartitionProjection> partitions)
    {
        lock (_gate)
        {
            foreach (PartitionProjection partition in partitions)
            {
                partition.MergeInto(signals);
            }
        }
    }

    /// <summary>Adds an effect of this process's own partition.</summary>
    public void Apply(ProjectionEffect effect)
    {
        lock (_gate)
        {
            signals.Apply(effect);
        }

        Own.Apply(effect, similarityToo: store.IsShared);
    }

    /// <summary>Adds an effect of another process's partition: to what is read here, not to what is saved.</summary>
    public void ApplyForeign(ProjectionEffect effect)
    {
        lock (_gate)
        {
            signals.Apply(effect);
        }
    }

    /// <summary>Reads a course's aggregate over all partitions as of one moment; it is null when nothing happened to the course, and not to be kept.</summary>
    public T ReadCourse<T>(int ordinal, Func<CourseAggregate?, T> read)
    {
        lock (_gate)
        {
            return read(signals.Course(ordinal));
        }
    }

    /// <summary>Reads a product's aggregate over all partitions as of one moment; it is null when nothing happened to the product, and not to be kept.</summary>
    public T ReadProduct<T>(int ordinal, Func<ProductAggregate?, T> read)
    {
        lock (_gate)
        {
            return read(signals.Product(ordinal));
        }
    }

    /// <inheritdoc cref="PartitionProjection.SaveAggregates"/>
    public ValueTask<bool> SaveAggregates(ProjectionWatermark now, CancellationToken cancellation) => Own.SaveAggregates(now, cancellation);

    /// <inheritdoc cref="PartitionProjection.SaveSimilarity"/>
    public ValueTask<bool> SaveSimilarity(long now, CancellationToken cancellation) => Own.SaveSimilarity(now, cancellation);
}

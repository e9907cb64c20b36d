using System.Globalization;
using KnowledgePay.Decisions.Projections;
using KnowledgePay.Storage;
using Orleans.Serialization;

namespace KnowledgePay.Grains.Projections;

/// <summary>How far the saved projections have read.</summary>
public readonly record struct SavedWatermarks(ProjectionWatermark Aggregates, long SimilarityOffset);

/// <summary>One changed aggregate, as its grain takes it.</summary>
public readonly record struct ChangedAggregate(bool IsProduct, int Ordinal, byte[] State);

/// <summary>This partition's aggregates beside the silo's merged signals: what is saved is the partition's, what is read is the sum.</summary>
public sealed class SignalStorage(IEngineStore store, LiveSignals signals, Serializer<CourseAggregate> courses, Serializer<ProductAggregate> products)
{
    private const string Aggregates = "aggregates";
    private const string Similarity = "similarity";
    private const string Globals = "globals";
    private const byte StateFormat = 1;

    private readonly Dictionary<int, CourseAggregate> _courses = [];
    private readonly Dictionary<int, ProductAggregate> _products = [];
    private readonly HashSet<int> _unsavedCourses = [];
    private readonly HashSet<int> _unsavedProducts = [];
    private readonly HashSet<int> _unpublishedCourses = [];
    private readonly HashSet<int> _unpublishedProducts = [];

    public async ValueTask<SavedWatermarks> Load(CancellationToken cancellation)
    {
        int own = store.Journal.Partition;
        await foreach ((int partition, ProjectionRow row) in store.Projections.Load(Aggregates, cancellation).ConfigureAwait(false))
        {
            int ordinal = int.Parse(row.Key.AsSpan(1), CultureInfo.InvariantCulture);
            if (row.Key[0] == 'c')
            {
                CourseAggregate course = DecodeCourse(row.State);
                signals.EnsureCourse(ordinal).Merge(course);
                if (partition == own)
                {
                    _courses[ordinal] = course;
                }
            }
            else
            {
                ProductAggregate product = DecodeProduct(row.State);
                signals.EnsureProduct(ordinal).Merge(product);
                if (partition == own)
                {
                    _products[ordinal] = product;
                }
            }
        }

        await foreach ((_, ProjectionRow row) in store.Projections.Load(Similarity, cancellation).ConfigureAwait(false))
        {
            if (row.Key == Globals)
            {
                signals.Similarity.LoadGlobals(row.State);
            }
            else
            {
                signals.Similarity.LoadRow(int.Parse(row.Key, CultureInfo.InvariantCulture), row.State);
            }
        }

        return new SavedWatermarks(
            await store.Projections.Watermark(Aggregates, own, cancellation).ConfigureAwait(false),
            (await store.Projections.Watermark(Similarity, own, cancellation).ConfigureAwait(false)).JournalOffset);
    }

    public void ApplyAggregates(ProjectionEffect effect)
    {
        signals.Apply(effect);
        if (effect.Course >= 0)
        {
            if (!_courses.TryGetValue(effect.Course, out CourseAggregate? course))
            {
                _courses[effect.Course] = course = new CourseAggregate();
            }

            course.Apply(effect);
            _unsavedCourses.Add(effect.Course);
            _unpublishedCourses.Add(effect.Course);
        }

        if (effect.Product >= 0)
        {
            if (!_products.TryGetValue(effect.Product, out ProductAggregate? product))
            {
                _products[effect.Product] = product = new ProductAggregate();
            }

            product.Apply(effect);
            _unsavedProducts.Add(effect.Product);
            _unpublishedProducts.Add(effect.Product);
        }
    }

    public void ApplySimilarity(ProjectionEffect effect)
    {
        if (effect.Kind == EffectKind.CourseTaken)
        {
            signals.Similarity.Add(effect.Course, effect.Shelf.AsSpan(0, effect.ShelfCount));
        }
    }

    /// <summary>Aggregates that changed since the last call.</summary>
    public List<ChangedAggregate> DrainUnpublished()
    {
        var changed = new List<ChangedAggregate>(_unpublishedCourses.Count + _unpublishedProducts.Count);
        foreach (int ordinal in _unpublishedCourses)
        {
            changed.Add(new ChangedAggregate(false, ordinal, Encode(_courses[ordinal])));
        }

        foreach (int ordinal in _unpublishedProducts)
        {
            changed.Add(new ChangedAggregate(true, ordinal, Encode(_products[ordinal])));
        }

        _unpublishedCourses.Clear();
        _unpublishedProducts.Clear();
        return changed;
    }

    /// <summary>Saves what changed with the watermark, in one transaction. On failure everything stays marked as unsaved.</summary>
    public async ValueTask SaveAggregates(ProjectionWatermark watermark, CancellationToken cancellation)
    {
        var rows = new List<ProjectionRow>(_unsavedCourses.Count + _unsavedProducts.Count);
        foreach (int ordinal in _unsavedCourses)
        {
            rows.Add(new ProjectionRow(KeyOfCourse(ordinal), Encode(_courses[ordinal])));
        }

        foreach (int ordinal in _unsavedProducts)
        {
            rows.Add(new ProjectionRow(KeyOfProduct(ordinal), Encode(_products[ordinal])));
        }

        await store.Projections.Save(Aggregates, store.Journal.Partition, watermark, rows, cancellation).ConfigureAwait(false);
        _unsavedCourses.Clear();
        _unsavedProducts.Clear();
    }

    public async ValueTask SaveSimilarity(long offset, CancellationToken cancellation)
    {
        var rows = new List<ProjectionRow> { new(Globals, signals.Similarity.SaveGlobals()) };
        foreach ((int item, byte[] state) in signals.Similarity.DrainDirtyForSave())
        {
            rows.Add(new ProjectionRow(item.ToString(CultureInfo.InvariantCulture), state));
        }

        try
        {
            await store.Projections.Save(Similarity, store.Journal.Partition, new ProjectionWatermark(offset, 0), rows, cancellation).ConfigureAwait(false);
        }
        catch
        {
            // The rows were taken off the list of unsaved ones; saving all next time is dear and right.
            signals.Similarity.MarkAllUnsaved();
            throw;
        }
    }

    /// <summary>A grain's share of one partition, as it was last saved.</summary>
    public async ValueTask<IReadOnlyList<(int Partition, long Watermark, byte[] State)>> Find(bool product, int ordinal, CancellationToken cancellation) =>
        [.. (await store.Projections.Find(Aggregates, product ? KeyOfProduct(ordinal) : KeyOfCourse(ordinal), cancellation).ConfigureAwait(false))
            .Select(f => (f.Partition, f.Watermark.JournalOffset, f.Row.State))];

    public CourseAggregate DecodeCourse(byte[] state) => courses.Deserialize(Body(state))!;

    public ProductAggregate DecodeProduct(byte[] state) => products.Deserialize(Body(state))!;

    private static string KeyOfCourse(int ordinal) => string.Create(CultureInfo.InvariantCulture, $"c{ordinal}");

    private static string KeyOfProduct(int ordinal) => string.Create(CultureInfo.InvariantCulture, $"p{ordinal}");

    private byte[] Encode(CourseAggregate aggregate) => [StateFormat, .. courses.SerializeToArray(aggregate)];

    private byte[] Encode(ProductAggregate aggregate) => [StateFormat, .. products.SerializeToArray(aggregate)];

    private static ReadOnlyMemory<byte> Body(byte[] state) => state[0] == StateFormat
        ? state.AsMemory(1)
        : throw new InvalidDataException($"A stored aggregate has format {state[0]}; this engine reads up to {StateFormat}.");
}

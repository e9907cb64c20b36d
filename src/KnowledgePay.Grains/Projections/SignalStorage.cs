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
/// <remarks>
/// Saving goes in slices, so that no commit holds up the appends of everybody: each row carries the watermark up to which it holds everything,
/// and what is replayed goes only to rows that do not have it yet. The projection's own watermark is where the last whole pass began.
/// </remarks>
public sealed class SignalStorage(IEngineStore store, LiveSignals signals, Serializer<CourseAggregate> courses, Serializer<ProductAggregate> products)
{
    private const string Aggregates = "aggregates";
    private const string Similarity = "similarity";
    private const string Globals = "globals";
    private const int SliceBytes = 512 * 1024;

    private readonly AggregateRows<CourseAggregate> _courses = new('c', courses);
    private readonly AggregateRows<ProductAggregate> _products = new('p', products);
    private readonly List<(int Item, byte[] State)> _similarityRows = [];
    private ProjectionWatermark? _aggregatePass;
    private ProjectionWatermark _aggregatesSaved;
    private long? _similarityPass;
    private long _similaritySaved;
    private int _similarityCursor;

    public async ValueTask<SavedWatermarks> Load(CancellationToken cancellation)
    {
        int own = store.Journal.Partition;
        _aggregatesSaved = await store.Projections.Watermark(Aggregates, own, cancellation).ConfigureAwait(false);
        await foreach ((int partition, ProjectionRow row) in store.Projections.Load(Aggregates, cancellation).ConfigureAwait(false))
        {
            int ordinal = int.Parse(row.Key.AsSpan(1), CultureInfo.InvariantCulture);
            if (_courses.Owns(row.Key))
            {
                (CourseAggregate course, ProjectionWatermark mark) = _courses.Decode(row.State, _aggregatesSaved);
                signals.EnsureCourse(ordinal).Merge(course);
                if (partition == own)
                {
                    _courses.Restore(ordinal, course, mark);
                }
            }
            else
            {
                (ProductAggregate product, ProjectionWatermark mark) = _products.Decode(row.State, _aggregatesSaved);
                signals.EnsureProduct(ordinal).Merge(product);
                if (partition == own)
                {
                    _products.Restore(ordinal, product, mark);
                }
            }
        }

        _similaritySaved = (await store.Projections.Watermark(Similarity, own, cancellation).ConfigureAwait(false)).JournalOffset;
        await foreach ((_, ProjectionRow row) in store.Projections.Load(Similarity, cancellation).ConfigureAwait(false))
        {
            if (row.Key == Globals)
            {
                signals.Similarity.LoadGlobals(row.State, _similaritySaved);
            }
            else
            {
                signals.Similarity.LoadRow(int.Parse(row.Key, CultureInfo.InvariantCulture), row.State, _similaritySaved);
            }
        }

        return new SavedWatermarks(_aggregatesSaved, _similaritySaved);
    }

    /// <summary>Adds an effect of a journal row to the aggregates that do not have it yet.</summary>
    public void ApplyAggregates(ProjectionEffect effect, long offset) => Apply(effect, mark => mark.JournalOffset < offset);

    /// <summary>Adds an effect of a decision record to the aggregates that do not have it yet.</summary>
    public void ApplyDecision(ProjectionEffect effect, long chunk) => Apply(effect, mark => mark.DecisionChunk < chunk);

    private void Apply(ProjectionEffect effect, Func<ProjectionWatermark, bool> isNew)
    {
        bool ofCourse = effect.Course >= 0, ofProduct = effect.Product >= 0;
        bool courseLacks = ofCourse && isNew(_courses.MarkOf(effect.Course)), productLacks = ofProduct && isNew(_products.MarkOf(effect.Product));
        if ((ofCourse && !courseLacks) || (ofProduct && !productLacks))
        {
            if (!courseLacks && !productLacks)
            {
                return;
            }

            // An effect on both, of which one was saved before it and the other after.
            effect = courseLacks ? effect with { Product = -1 } : effect with { Course = -1 };
        }

        signals.Apply(effect);
        if (courseLacks)
        {
            _courses.Ensure(effect.Course).Apply(effect);
        }

        if (productLacks)
        {
            _products.Ensure(effect.Product).Apply(effect);
        }
    }

    public void ApplySimilarity(ProjectionEffect effect, long offset)
    {
        if (effect.Kind == EffectKind.CourseTaken)
        {
            signals.Similarity.Add(effect.Course, effect.ShelfBefore, isNewPerson: effect.ShelfCount == 0, offset);
        }
    }

    /// <summary>Aggregates that changed since the last call.</summary>
    public List<ChangedAggregate> DrainUnpublished()
    {
        var changed = new List<ChangedAggregate>();
        foreach (int ordinal in _courses.DrainUnpublished())
        {
            changed.Add(new ChangedAggregate(false, ordinal, _courses.EncodePlain(ordinal)));
        }

        foreach (int ordinal in _products.DrainUnpublished())
        {
            changed.Add(new ChangedAggregate(true, ordinal, _products.EncodePlain(ordinal)));
        }

        return changed;
    }

    /// <summary>Saves a slice of the aggregates that changed, or begins a new pass over them. True when a pass was completed.</summary>
    /// <param name="now">How far everything is applied.</param>
    public async ValueTask<bool> SaveAggregates(ProjectionWatermark now, CancellationToken cancellation)
    {
        if (_aggregatePass is not { } pass)
        {
            _aggregatePass = pass = now;
            _courses.BeginPass();
            _products.BeginPass();
        }

        var rows = new List<ProjectionRow>();
        bool done = _courses.TakeOfPass(rows, SliceBytes, now) && _products.TakeOfPass(rows, SliceBytes, now);
        try
        {
            await store.Projections.Save(Aggregates, store.Journal.Partition, done ? pass : _aggregatesSaved, rows, cancellation).ConfigureAwait(false);
        }
        catch
        {
            foreach (ProjectionRow row in rows)
            {
                int ordinal = int.Parse(row.Key.AsSpan(1), CultureInfo.InvariantCulture);
                if (_courses.Owns(row.Key))
                {
                    _courses.MarkUnsaved(ordinal);
                }
                else
                {
                    _products.MarkUnsaved(ordinal);
                }
            }

            // The pass begins again, since it would else end without these.
            _aggregatePass = null;
            throw;
        }

        if (done)
        {
            (_aggregatesSaved, _aggregatePass) = (pass, null);
        }

        return done;
    }

    /// <summary>Saves a slice of the item similarity's rows that changed, or begins a new pass over them. True when a pass was completed.</summary>
    public async ValueTask<bool> SaveSimilarity(long now, CancellationToken cancellation)
    {
        long pass = _similarityPass ??= now;
        _similarityRows.Clear();
        bool done = signals.Similarity.TakeUnsaved(ref _similarityCursor, SliceBytes, now, _similarityRows);
        var rows = new List<ProjectionRow>(_similarityRows.Count + 1) { new(Globals, signals.Similarity.SaveGlobals(now)) };
        foreach ((int item, byte[] state) in _similarityRows)
        {
            rows.Add(new ProjectionRow(item.ToString(CultureInfo.InvariantCulture), state));
        }

        try
        {
            await store.Projections.Save(Similarity, store.Journal.Partition, new ProjectionWatermark(done ? pass : _similaritySaved, 0), rows, cancellation).ConfigureAwait(false);
        }
        catch
        {
            foreach ((int item, _) in _similarityRows)
            {
                signals.Similarity.MarkUnsaved(item);
            }

            // What was taken lies behind the cursor: the pass begins again, and its mark with it.
            (_similarityCursor, _similarityPass) = (0, null);
            throw;
        }

        if (done)
        {
            (_similaritySaved, _similarityPass) = (pass, null);
        }

        return done;
    }

    /// <summary>A grain's share of one partition, as it was last saved: the watermark is the row's own.</summary>
    public async ValueTask<IReadOnlyList<(int Partition, long Watermark, byte[] State)>> Find(bool product, int ordinal, CancellationToken cancellation)
    {
        IReadOnlyList<(int Partition, ProjectionWatermark Watermark, ProjectionRow Row)> found = await store.Projections.Find(
            Aggregates, product ? _products.KeyOf(ordinal) : _courses.KeyOf(ordinal), cancellation).ConfigureAwait(false);
        return [.. found.Select(f =>
        {
            (ProjectionWatermark mark, ReadOnlyMemory<byte> body) = AggregateRow.Read(f.Row.State, f.Watermark);
            return (f.Partition, mark.JournalOffset, AggregateRow.WritePlain(body.Span));
        })];
    }

    public CourseAggregate DecodeCourse(byte[] state) => _courses.Decode(state, default).Aggregate;

    public ProductAggregate DecodeProduct(byte[] state) => _products.Decode(state, default).Aggregate;
}

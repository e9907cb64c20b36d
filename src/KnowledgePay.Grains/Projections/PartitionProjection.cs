using System.Globalization;
using KnowledgePay.Decisions.Projections;
using KnowledgePay.Decisions.Recommending;
using KnowledgePay.Storage;
using Orleans.Serialization;

namespace KnowledgePay.Grains.Projections;

/// <summary>What the crowd did as one journal partition tells it: loaded from what was saved, brought on by a replay that leaves out of each row what it has, saved in slices.</summary>
/// <remarks>
/// Slices, so that no commit holds up the appends of everybody: each row carries the watermark up to which it holds everything.
/// The projection's own watermark is where the last whole pass began.
/// </remarks>
internal sealed class PartitionProjection(
    IEngineStore store, int partition, ItemSimilarity similarity, Serializer<CourseAggregate> courses, Serializer<ProductAggregate> products, int sliceBytes)
{
    public const string Aggregates = "aggregates";
    public const string Similarity = "similarity";

    private const string Globals = "globals";

    private readonly AggregateRows<CourseAggregate> _courses = new('c', courses);
    private readonly AggregateRows<ProductAggregate> _products = new('p', products);
    private readonly List<(int Item, byte[] State)> _similarityRows = [];
    private ProjectionWatermark? _aggregatePass;
    private ProjectionWatermark _aggregatesSaved;
    private long? _similarityPass;
    private long _similaritySaved;
    private int _similarityCursor;

    public int Partition => partition;

    /// <summary>Where a replay of the journal begins, and of the decision log.</summary>
    public ProjectionWatermark From => new(Math.Min(_aggregatesSaved.JournalOffset, _similaritySaved), _aggregatesSaved.DecisionChunk);

    /// <summary>Reads how far the rows were saved; to be called before they are taken, so that rows may be newer, but never older.</summary>
    public async ValueTask LoadWatermarks(CancellationToken cancellation)
    {
        _aggregatesSaved = await store.Projections.Watermark(Aggregates, partition, cancellation).ConfigureAwait(false);
        _similaritySaved = (await store.Projections.Watermark(Similarity, partition, cancellation).ConfigureAwait(false)).JournalOffset;
    }

    public void TakeAggregate(ProjectionRow row)
    {
        if (_courses.Owns(row.Key))
        {
            _courses.Restore(row, _aggregatesSaved);
        }
        else
        {
            _products.Restore(row, _aggregatesSaved);
        }
    }

    public void TakeSimilarity(ProjectionRow row)
    {
        if (row.Key == Globals)
        {
            similarity.LoadGlobals(row.State, _similaritySaved);
        }
        else
        {
            similarity.LoadRow(int.Parse(row.Key, CultureInfo.InvariantCulture), row.State, _similaritySaved);
        }
    }

    /// <summary>Adds an effect of a journal row to what does not have it yet.</summary>
    public void Replay(ProjectionEffect effect, long offset)
    {
        if (offset > _aggregatesSaved.JournalOffset)
        {
            ApplyAggregates(effect, mark => mark.JournalOffset < offset);
        }

        if (offset > _similaritySaved)
        {
            ApplySimilarity(effect, offset);
        }
    }

    /// <summary>Adds an effect of a decision record to what does not have it yet.</summary>
    public void ReplayDecision(ProjectionEffect effect, long chunk) => ApplyAggregates(effect, mark => mark.DecisionChunk < chunk);

    /// <summary>Adds an effect that is newer than all that was saved.</summary>
    public void Apply(ProjectionEffect effect, bool similarityToo)
    {
        ApplyAggregates(effect, static _ => true);
        if (similarityToo)
        {
            ApplySimilarity(effect, long.MaxValue);
        }
    }

    /// <summary>Adds all of this to what the silo's decisions read.</summary>
    public void MergeInto(LiveSignals signals)
    {
        foreach ((int ordinal, CourseAggregate course) in _courses.All)
        {
            signals.LoadCourse(ordinal, course);
        }

        foreach ((int ordinal, ProductAggregate product) in _products.All)
        {
            signals.LoadProduct(ordinal, product);
        }

        if (!ReferenceEquals(similarity, signals.Similarity))
        {
            signals.Similarity.Merge(similarity);
        }
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
        bool done = _courses.TakeOfPass(rows, sliceBytes, now) && _products.TakeOfPass(rows, sliceBytes, now);
        try
        {
            await store.Projections.Save(Aggregates, partition, done ? pass : _aggregatesSaved, rows, cancellation).ConfigureAwait(false);
        }
        catch
        {
            foreach (ProjectionRow row in rows)
            {
                int ordinal = AggregateRow.OrdinalOf(row.Key);
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
        bool done = similarity.TakeUnsaved(ref _similarityCursor, sliceBytes, now, _similarityRows);
        var rows = new List<ProjectionRow>(_similarityRows.Count + 1) { new(Globals, similarity.SaveGlobals(now)) };
        foreach ((int item, byte[] state) in _similarityRows)
        {
            rows.Add(new ProjectionRow(item.ToString(CultureInfo.InvariantCulture), state));
        }

        try
        {
            await store.Projections.Save(Similarity, partition, new ProjectionWatermark(done ? pass : _similaritySaved, 0), rows, cancellation).ConfigureAwait(false);
        }
        catch
        {
            foreach ((int item, _) in _similarityRows)
            {
                similarity.MarkUnsaved(item);
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

    private void ApplyAggregates(ProjectionEffect effect, Func<ProjectionWatermark, bool> isNew)
    {
        if (effect.Course >= 0 && isNew(_courses.MarkOf(effect.Course)))
        {
            _courses.Ensure(effect.Course).Apply(effect);
        }

        if (effect.Product >= 0 && isNew(_products.MarkOf(effect.Product)))
        {
            _products.Ensure(effect.Product).Apply(effect);
        }
    }

    private void ApplySimilarity(ProjectionEffect effect, long offset)
    {
        if (effect.Kind == EffectKind.CourseTaken)
        {
            similarity.Add(effect.Course, effect.ShelfBefore, isNewPerson: effect.ShelfCount == 0, offset);
        }
    }
}

namespace KnowledgePay.Decisions.Projections;

public sealed partial class LiveSignals
{
    /// <summary>What happened to all courses together: what a course without a history of its own is judged by.</summary>
    public CourseAggregate AllCourses { get; } = new();

    /// <summary>Effects applied by this writer since it started.</summary>
    public long EffectsApplied => Volatile.Read(ref _effectsApplied);

    private long _effectsApplied;

    /// <summary>Writer only: adds one effect to everything that it concerns.</summary>
    public void Apply(in ProjectionEffect effect)
    {
        if (effect.Course >= 0)
        {
            EnsureCourse(effect.Course).Apply(effect);
            if (effect.Kind == EffectKind.CourseTaken)
            {
                Similarity.Add(effect.Course, effect.ShelfBefore, isNewPerson: effect.ShelfCount == 0);
            }

            if (effect.Kind != EffectKind.MarketPriceObserved)
            {
                AllCourses.Apply(effect);
            }
        }

        if (effect.Product >= 0)
        {
            EnsureProduct(effect.Product).Apply(effect);
        }

        Volatile.Write(ref _effectsApplied, _effectsApplied + 1);
    }

    /// <summary>Writer only, before the first decision: adds a course's stored aggregate of one partition.</summary>
    public void LoadCourse(int ordinal, CourseAggregate partition)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ordinal);
        EnsureCourse(ordinal).Merge(partition);
        AllCourses.Merge(partition);
        AllCourses.Market = null;
    }

    /// <summary>Writer only, before the first decision: adds a product's stored aggregate of one partition.</summary>
    public void LoadProduct(int ordinal, ProductAggregate partition)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ordinal);
        EnsureProduct(ordinal).Merge(partition);
    }
}

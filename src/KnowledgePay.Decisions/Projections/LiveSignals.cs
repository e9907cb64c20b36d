using KnowledgePay.Decisions.Recommending;

namespace KnowledgePay.Decisions.Projections;

/// <summary>What a silo's decisions read about the crowd: course aggregates, item similarity, offer responses. One writer (the projector), many readers.</summary>
/// <remarks>Readers never lock: arrays are replaced by reference when they grow, and a counter that is read while it is written is merely one event old.</remarks>
public sealed partial class LiveSignals
{
    private CourseAggregate?[] _courses = new CourseAggregate?[1024];
    private ProductAggregate?[] _products = new ProductAggregate?[64];

    public ItemSimilarity Similarity { get; init; } = new();

    /// <summary>A course's aggregate over all partitions, or null when nothing happened to it yet.</summary>
    public CourseAggregate? Course(int ordinal)
    {
        CourseAggregate?[] courses = Volatile.Read(ref _courses);
        return (uint)ordinal < (uint)courses.Length ? courses[ordinal] : null;
    }

    /// <summary>A product's aggregate over all partitions, or null when nothing happened to it yet.</summary>
    public ProductAggregate? Product(int ordinal)
    {
        ProductAggregate?[] products = Volatile.Read(ref _products);
        return (uint)ordinal < (uint)products.Length ? products[ordinal] : null;
    }

    /// <summary>Writer only: the aggregate of a course, made if there was none.</summary>
    public CourseAggregate EnsureCourse(int ordinal)
    {
        if (ordinal >= _courses.Length)
        {
            CourseAggregate?[] grown = _courses;
            Array.Resize(ref grown, Math.Max(ordinal + 1, grown.Length * 2));
            Volatile.Write(ref _courses, grown);
        }

        return _courses[ordinal] ??= new CourseAggregate();
    }

    /// <summary>Writer only: the aggregate of a product, made if there was none.</summary>
    public ProductAggregate EnsureProduct(int ordinal)
    {
        if (ordinal >= _products.Length)
        {
            ProductAggregate?[] grown = _products;
            Array.Resize(ref grown, Math.Max(ordinal + 1, grown.Length * 2));
            Volatile.Write(ref _products, grown);
        }

        return _products[ordinal] ??= new ProductAggregate();
    }
}

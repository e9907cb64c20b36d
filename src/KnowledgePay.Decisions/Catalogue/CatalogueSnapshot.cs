using System.Collections.Frozen;
using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Contracts.Partners;
using KnowledgePay.Decisions.Offers;
using KnowledgePay.Decisions.Recommending;
using KnowledgePay.Decisions.Rules;

namespace KnowledgePay.Decisions.Catalogue;

/// <summary>Courses, partners, products and rules as every decision on a silo reads them: immutable, swapped by reference.</summary>
public sealed class CatalogueSnapshot
{
    public static readonly CatalogueSnapshot Empty = new();

    /// <summary>Courses that <see cref="Freshest"/> holds.</summary>
    public const int FreshestKept = 256;

    private readonly Adjacency _categories;
    private readonly FrozenDictionary<string, ProductEntry[]> _productsById;

    public CatalogueSnapshot()
        : this(0, [], CourseVectors.Empty, [], [], [])
    {
    }

    /// <param name="version">Rises with every change; part of each decision's model versions.</param>
    /// <param name="courses">By ordinal; a hole (a course whose document was deleted) is null.</param>
    /// <param name="terms">Category and concept names by term number.</param>
    /// <param name="products">By ordinal; a hole is null.</param>
    public CatalogueSnapshot(
        long version,
        CourseEntry?[] courses,
        CourseVectors vectors,
        string[] terms,
        Partner[] partners,
        ProductEntry?[] products)
        : this(version, courses, vectors, terms, partners, products, OrdinalsOf(courses))
    {
    }

    internal CatalogueSnapshot(
        long version,
        CourseEntry?[] courses,
        CourseVectors vectors,
        string[] terms,
        Partner[] partners,
        ProductEntry?[] products,
        Dictionary<string, int> courseOrdinals,
        RankingRules? rules = null,
        CourseGraph? graph = null)
    {
        Rules = rules ?? RankingRules.Empty;
        Graph = graph ?? new CourseGraph(courses, courseOrdinals);
        Version = version;
        Courses = courses;
        Vectors = vectors;
        Terms = terms;
        Partners = partners.ToFrozenDictionary(p => p.Id, StringComparer.Ordinal);
        Products = products;
        CourseOrdinals = courseOrdinals;
        _categories = ByCategory(courses);
        Freshest = FreshestOf(courses);
        (Facts, Labels) = FactsOf(courses, Graph);
        _productsById = products.OfType<ProductEntry>().GroupBy(p => p.Product.Id, StringComparer.Ordinal)
            .ToFrozenDictionary(g => g.Key, g => g.ToArray(), StringComparer.Ordinal);
    }

    public long Version { get; }

    public CourseEntry?[] Courses { get; }

    public CourseVectors Vectors { get; }

    public string[] Terms { get; }

    public FrozenDictionary<string, Partner> Partners { get; }

    public ProductEntry?[] Products { get; }

    /// <summary>What editors and partners say about lists of courses.</summary>
    public RankingRules Rules { get; }

    /// <summary>Concepts and prerequisites.</summary>
    public CourseGraph Graph { get; }

    /// <summary>Ordinals of the courses that were published last (no date counts as long ago; then the higher ordinal), at most <see cref="FreshestKept"/>.</summary>
    /// <remarks>A date that is still to come is among them.</remarks>
    public int[] Freshest { get; }

    /// <summary>By ordinal, what a ranking asks of every candidate, without a step to the course itself.</summary>
    internal CourseFacts[] Facts { get; }

    /// <summary>All courses' label hashes, side by side: see <see cref="LabelsOf"/>.</summary>
    internal ulong[] Labels { get; }

    /// <summary>Hashes of a course's category and tags, as <see cref="CourseEntry.Labels"/> has them, without a step to the course itself.</summary>
    internal ReadOnlySpan<ulong> LabelsOf(int ordinal) => Labels.AsSpan(Facts[ordinal].FirstLabel, Facts[ordinal].LabelCount);

    internal Dictionary<string, int> CourseOrdinals { get; }

    /// <summary>Ordinals of a category's courses, rising; none for an unknown category.</summary>
    public ReadOnlySpan<int> InCategory(int category) => _categories.Of(category);

    public CourseEntry? FindCourse(string id) => CourseOrdinals.TryGetValue(id, out int ordinal) ? Courses[ordinal] : null;

    /// <summary>The product, or null when there is none, or when no partner is named and several have one of that id.</summary>
    public ProductEntry? FindProduct(string? partnerId, string productId)
    {
        if (!_productsById.TryGetValue(productId, out ProductEntry[]? entries))
        {
            return null;
        }

        return partnerId is null
            ? entries.Length == 1 ? entries[0] : null
            : Array.Find(entries, e => e.Product.PartnerId == partnerId);
    }

    private static Dictionary<string, int> OrdinalsOf(CourseEntry?[] courses)
    {
        var ordinals = new Dictionary<string, int>(courses.Length, StringComparer.Ordinal);
        foreach (CourseEntry? course in courses)
        {
            if (course is not null)
            {
                ordinals[course.Course.Id] = course.Ordinal;
            }
        }

        return ordinals;
    }

    private static Adjacency ByCategory(CourseEntry?[] courses)
    {
        int highest = -1;
        var members = new List<(int Category, int Course)>(courses.Length);
        foreach (CourseEntry? course in courses)
        {
            if (course is { Category: >= 0 })
            {
                highest = Math.Max(highest, course.Category);
                members.Add((course.Category, course.Ordinal));
            }
        }

        return new Adjacency(highest + 1, members);
    }

    private static (CourseFacts[] Facts, ulong[] Labels) FactsOf(CourseEntry?[] courses, CourseGraph graph)
    {
        var facts = new CourseFacts[courses.Length];
        var labels = new List<ulong>(courses.Length * 2);
        for (int i = 0; i < facts.Length; i++)
        {
            if (courses[i] is { } course)
            {
                facts[i] = new CourseFacts(course.Course.PublishedAt?.UtcTicks ?? 0, course.Category, !graph.Requirements(i).IsEmpty, (byte)graph.ConceptsOf(i).Length, labels.Count, course.Labels.Length)
                {
                    FirstConcept = graph.FirstConceptOf(i),
                    ConceptLength = graph.LengthOf(i),
                };
                labels.AddRange(course.Labels);
            }
            else
            {
                facts[i] = new CourseFacts(long.MaxValue, -1, false, 0, 0, 0);
            }
        }

        return (facts, [.. labels]);
    }

    private static int[] FreshestOf(CourseEntry?[] courses)
    {
        var newest = new PriorityQueue<int, (long, int)>(FreshestKept + 1);
        foreach (CourseEntry? course in courses)
        {
            if (course is not null)
            {
                newest.Enqueue(course.Ordinal, (course.Course.PublishedAt?.UtcTicks ?? 0, course.Ordinal));
                if (newest.Count > FreshestKept)
                {
                    newest.Dequeue();
                }
            }
        }

        var freshest = new int[newest.Count];
        for (int i = freshest.Length - 1; i >= 0; i--)
        {
            freshest[i] = newest.Dequeue();
        }

        return freshest;
    }
}

/// <param name="PublishedTicks">UTC; 0 for a course without a date, the end of time for none at all.</param>
/// <param name="Category">Term number, −1 for none.</param>
/// <param name="FirstLabel">Where the course's labels begin in <see cref="CatalogueSnapshot.Labels"/>.</param>
internal readonly record struct CourseFacts(long PublishedTicks, int Category, bool HasPrerequisites, byte ConceptCount, int FirstLabel, int LabelCount)
{
    /// <summary>Where the course's concepts begin in <see cref="CourseGraph.Concepts"/>.</summary>
    public int FirstConcept { get; init; }

    /// <inheritdoc cref="CourseGraph.LengthOf"/>
    public float ConceptLength { get; init; }
}

/// <summary>A course with what decisions need of it resolved to numbers.</summary>
public sealed class CourseEntry
{
    /// <summary>Permanent; index into every by-course array.</summary>
    public required int Ordinal { get; init; }
    public required Course Course { get; init; }
    /// <summary>Term number, −1 for none.</summary>
    public required int Category { get; init; }
    /// <summary>Term numbers.</summary>
    public required int[] Concepts { get; init; }

    /// <summary>Hashes of the category and the tags, without regard to case: 64 bits, so that equal ones are the same text.</summary>
    public ulong[] Labels => field ??= LabelsOf(Course);

    /// <summary>Never 0.</summary>
    public static ulong LabelOf(string text) => Profiles.StableHash.Of(text.ToUpperInvariant());

    private static ulong[] LabelsOf(Course course)
    {
        var labels = new List<ulong>();
        if (course.Category is { } category)
        {
            labels.Add(LabelOf(category));
        }

        foreach (string tag in course.Tags.IsDefault ? [] : course.Tags)
        {
            labels.Add(LabelOf(tag));
        }

        return [.. labels];
    }

    public bool IsPublished(DateTimeOffset now) => Course.PublishedAt is not { } at || at <= now;
}

/// <summary>A partner's product with its rule compiled.</summary>
public sealed class ProductEntry
{
    public required int Ordinal { get; init; }
    public required PartnerProduct Product { get; init; }
    public required CompiledRule Eligibility { get; init; }
    /// <summary><c>partner/product</c>: what records and models call it.</summary>
    public string Key => field ??= Product.PartnerId + "/" + Product.Id;
    /// <summary>What the engine reads from the product's terms, parsed once.</summary>
    public ProductTerms Terms => field ??= ProductTerms.Parse(Product.Terms);

    public bool IsValid(DateTimeOffset now) =>
        (Product.ValidFrom is not { } from || from <= now) && (Product.ValidTo is not { } to || now < to);
}

using System.Collections.Frozen;
using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Contracts.Partners;
using KnowledgePay.Decisions.Offers;
using KnowledgePay.Decisions.Rules;

namespace KnowledgePay.Decisions.Catalogue;

/// <summary>Courses, partners, products and rules as every decision on a silo reads them: immutable, swapped by reference.</summary>
public sealed class CatalogueSnapshot
{
    public static readonly CatalogueSnapshot Empty = new();

    private readonly Dictionary<string, int> _courseOrdinals;
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
    {
        Version = version;
        Courses = courses;
        Vectors = vectors;
        Terms = terms;
        Partners = partners.ToFrozenDictionary(p => p.Id, StringComparer.Ordinal);
        Products = products;
        _courseOrdinals = new Dictionary<string, int>(courses.Length, StringComparer.Ordinal);
        foreach (CourseEntry? course in courses)
        {
            if (course is not null)
            {
                _courseOrdinals[course.Course.Id] = course.Ordinal;
            }
        }

        _productsById = products.OfType<ProductEntry>().GroupBy(p => p.Product.Id, StringComparer.Ordinal)
            .ToFrozenDictionary(g => g.Key, g => g.ToArray(), StringComparer.Ordinal);
    }

    public long Version { get; }

    public CourseEntry?[] Courses { get; }

    public CourseVectors Vectors { get; }

    public string[] Terms { get; }

    public FrozenDictionary<string, Partner> Partners { get; }

    public ProductEntry?[] Products { get; }

    public CourseEntry? FindCourse(string id) => _courseOrdinals.TryGetValue(id, out int ordinal) ? Courses[ordinal] : null;

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
    /// <summary>Ordinals of the prerequisites that the catalogue knows.</summary>
    public required int[] Prerequisites { get; init; }

    public bool IsPublished(DateTimeOffset now) => Course.PublishedAt is not { } at || at <= now;
}

/// <summary>A partner's product with its rule compiled.</summary>
public sealed class ProductEntry
{
    public required int Ordinal { get; init; }
    public required PartnerProduct Product { get; init; }
    public required CompiledRule Eligibility { get; init; }
    /// <summary>What the engine reads from the product's terms, parsed once.</summary>
    public ProductTerms Terms => field ??= ProductTerms.Parse(Product.Terms);

    public bool IsValid(DateTimeOffset now) =>
        (Product.ValidFrom is not { } from || from <= now) && (Product.ValidTo is not { } to || now < to);
}

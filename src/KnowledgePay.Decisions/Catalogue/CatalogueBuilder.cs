using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Contracts.Partners;

namespace KnowledgePay.Decisions.Catalogue;

/// <summary>Makes the next catalogue from the previous one and what changed. The previous one stays as it was.</summary>
/// <remarks>Only changed courses are encoded; the arrays are copied (100,000 courses: 8 MB, some milliseconds), so changes are best applied in batches.</remarks>
public static class CatalogueBuilder
{
    /// <param name="termOf">Number of a category or concept, −1 for one without a number. Every term of a changed course should have one by now.</param>
    /// <exception cref="ArgumentException">A course's id stands under two ordinals, or an ordinal is negative.</exception>
    public static CatalogueSnapshot Apply(CatalogueSnapshot previous, CatalogueChanges changes, long version, Func<string, int> termOf)
    {
        CourseEntry?[] courses = previous.Courses;
        CourseVectors vectors = previous.Vectors;
        bool sameIds = true, isLinkedAlike = true;
        int[] changed = [];
        if (changes.Courses.Count > 0)
        {
            int count = Math.Max(courses.Length, changes.Courses.Max(c => c.Key) + 1);
            courses = new CourseEntry?[count];
            previous.Courses.CopyTo(courses, 0);
            changed = new int[changes.Courses.Count];
            float[] encoded = new float[changes.Courses.Count * CourseVectors.Dimensions];
            int change = 0;
            foreach ((int ordinal, Course? course) in changes.Courses)
            {
                ArgumentOutOfRangeException.ThrowIfNegative(ordinal, nameof(changes));
                sameIds &= course?.Id == courses[ordinal]?.Course.Id;
                CourseEntry? before = courses[ordinal];
                courses[ordinal] = course is null ? null : EntryOf(course, ordinal, termOf);
                isLinkedAlike &= before is not null && courses[ordinal] is { } after && after.Course.Id == before.Course.Id && CourseGraph.IsSame(before, after);
                if (course is not null)
                {
                    CourseTextEncoder.Encode(course, encoded.AsSpan(change * CourseVectors.Dimensions, CourseVectors.Dimensions));
                }

                changed[change++] = ordinal;
            }

            vectors = vectors.With(count, changed, encoded);
        }

        Dictionary<string, int> ordinals = sameIds ? previous.CourseOrdinals : OrdinalsOf(courses);
        return new CatalogueSnapshot(
            version,
            courses,
            vectors,
            changes.Terms ?? previous.Terms,
            PartnersOf(previous, changes),
            ProductsOf(previous, changes),
            ordinals,
            previous.Rules.With(changes.Rules, courses, changed),
            isLinkedAlike ? previous.Graph : null);
    }

    private static CourseEntry EntryOf(Course course, int ordinal, Func<string, int> termOf)
    {
        int[] concepts = course.Concepts.IsDefaultOrEmpty
            ? []
            : course.Concepts.Select(termOf).Where(t => t >= 0).Distinct().ToArray();
        return new CourseEntry
        {
            Ordinal = ordinal,
            Course = course,
            Category = string.IsNullOrEmpty(course.Category) ? -1 : termOf(course.Category),
            Concepts = concepts,
        };
    }

    private static Dictionary<string, int> OrdinalsOf(CourseEntry?[] courses)
    {
        var ordinals = new Dictionary<string, int>(courses.Length, StringComparer.Ordinal);
        foreach (CourseEntry? entry in courses)
        {
            if (entry is not null && !ordinals.TryAdd(entry.Course.Id, entry.Ordinal))
            {
                throw new ArgumentException($"Course '{entry.Course.Id}' stands under ordinals {ordinals[entry.Course.Id]} and {entry.Ordinal}; expected one.");
            }
        }

        return ordinals;
    }

    private static Partner[] PartnersOf(CatalogueSnapshot previous, CatalogueChanges changes)
    {
        var partners = previous.Partners.ToDictionary(p => p.Key, p => p.Value, StringComparer.Ordinal);
        foreach ((string id, Partner? partner) in changes.Partners)
        {
            if (partner is null)
            {
                partners.Remove(id);
            }
            else
            {
                partners[id] = partner;
            }
        }

        return [.. partners.Values];
    }

    private static ProductEntry?[] ProductsOf(CatalogueSnapshot previous, CatalogueChanges changes)
    {
        if (changes.Products.Count == 0 && changes.RemovedProducts.Count == 0)
        {
            return previous.Products;
        }

        int count = Math.Max(previous.Products.Length, changes.Products.Select(p => p.Ordinal + 1).DefaultIfEmpty().Max());
        var products = new ProductEntry?[count];
        previous.Products.CopyTo(products, 0);
        foreach (int ordinal in changes.RemovedProducts)
        {
            products[ordinal] = null;
        }

        foreach (ProductEntry product in changes.Products)
        {
            products[product.Ordinal] = product;
        }

        return products;
    }
}

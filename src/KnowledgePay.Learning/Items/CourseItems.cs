using System.Collections.Immutable;
using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Learning.Interactions;

namespace KnowledgePay.Learning.Items;

/// <summary>What a catalogue says of its courses, as features of items.</summary>
public static class CourseItems
{
    /// <summary>Courses that nobody has taken yet and that are ranked all the same, by their likeness to those that were: the newest ones.</summary>
    public const int MostUntaken = 5_000;

    /// <param name="courses">Courses that may be recommended.</param>
    /// <param name="items">Items of the interactions; courses that nobody took are added.</param>
    public static ItemFeatures Of(IEnumerable<Course> courses, IdTable items)
    {
        var builder = new ItemFeatureBuilder();
        int taken = items.Count;
        foreach (Course course in courses.OrderByDescending(course => course.PublishedAt ?? DateTimeOffset.MinValue).ThenBy(course => course.Id, StringComparer.Ordinal))
        {
            int item = items.Find(course.Id);
            if (item < 0 && items.Count - taken < MostUntaken)
            {
                item = items.Add(course.Id);
            }

            if (item >= 0)
            {
                Add(builder, item, course);
            }
        }

        return builder.Build(items.Count);
    }

    private static void Add(ItemFeatureBuilder builder, int item, Course course)
    {
        foreach ((string field, string? text) in new[]
        {
            ("title", course.Title), ("description", course.Description), ("category", course.Category), ("language", course.Language), ("instructor", course.Instructor), ("level", course.Level),
        })
        {
            if (!string.IsNullOrEmpty(text))
            {
                builder.AddText(item, field, text);
            }
        }

        foreach (string tag in course.Tags)
        {
            builder.AddText(item, "tags", tag);
        }

        foreach (string concept in course.Concepts)
        {
            builder.AddText(item, "concepts", concept);
        }

        if (course.Embeddings is { } embeddings)
        {
            foreach ((string modality, ImmutableArray<float>? vector) in new[] { ("text", embeddings.Text), ("image", embeddings.Image), ("audio", embeddings.Audio) })
            {
                if (vector is { IsDefaultOrEmpty: false } given)
                {
                    builder.AddVector(item, modality, [.. given]);
                }
            }
        }

        // A statistic to tell cheap from dear by, not an amount: currencies are told apart by their own field.
        builder.AddNumber(item, "listPrice." + course.ListPrice.Currency, course.ListPrice.MinorUnits);
        if (course.DurationMinutes is { } minutes)
        {
            builder.AddNumber(item, "durationMinutes", minutes);
        }
    }
}

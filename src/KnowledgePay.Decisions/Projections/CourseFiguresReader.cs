using System.Collections.Immutable;
using KnowledgePay.Contracts.Grains;
using KnowledgePay.Decisions.Profiles;

namespace KnowledgePay.Decisions.Projections;

/// <summary>Reads a course's figures from its aggregates. They are the platform's own and not suppressed.</summary>
public static class CourseFiguresReader
{
    /// <param name="aggregates">One for each partition; none for a course to which nothing happened.</param>
    /// <param name="watermarks">Journal offset by partition that the aggregates include.</param>
    public static CourseFigures Read(
        ReadOnlySpan<CourseAggregate> aggregates, string courseId, DateTimeOffset now, ImmutableSortedDictionary<int, long> watermarks)
    {
        var all = new CourseAggregate();
        foreach (CourseAggregate aggregate in aggregates)
        {
            all.Merge(aggregate);
        }

        long shown = 0;
        foreach (int count in all.QuotesShown ?? [])
        {
            shown += count;
        }

        long ticks = now.UtcTicks;
        return new CourseFigures
        {
            CourseId = courseId,
            Views = all.Views,
            Enrolments = all.Enrolments,
            Completions = all.Completions,
            Ratings = all.Ratings,
            MeanStars = all.Ratings > 0 ? Math.Clamp(all.StarsSum / all.Ratings, 0.5, 5) : null,
            Comments = all.Comments,
            MeanSentiment = all.Comments > 0 ? Math.Clamp(all.SentimentSum / all.Comments, -1, 1) : null,
            QuotesShown = shown,
            Orders = all.Orders,
            Conversion = shown > 0 ? Math.Min(1, (double)all.Orders / shown) : null,
            Revenue = [.. all.Revenue ?? []],
            TrendDay = all.TrendDayAt(ticks),
            TrendFortnight = all.TrendFortnightAt(ticks),
            RiskMix = Named(all.RiskMix, RiskBands.Names),
            SegmentMix = Named(all.SegmentMix, Segments.Names),
            Watermarks = watermarks,
        };
    }

    private static ImmutableSortedDictionary<string, long> Named(long[] counts, IReadOnlyList<string> names)
    {
        ImmutableSortedDictionary<string, long>.Builder mix = ImmutableSortedDictionary.CreateBuilder<string, long>(StringComparer.Ordinal);
        for (int i = 0; i < names.Count; i++)
        {
            mix[names[i]] = counts[i];
        }

        return mix.ToImmutable();
    }
}

using System.Collections.Immutable;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Partners;
using KnowledgePay.Decisions.Profiles;

namespace KnowledgePay.Decisions.Projections;

/// <summary>Reads a product's figures for its partner, so that none is about fewer than k people.</summary>
/// <remarks>
/// <para>A figure whose happenings are of 1 to k − 1 different people is null; of nobody it is 0.</para>
/// <para>
/// Complementary suppression: a mix adds up to the shown total, so what is null in it could be had by subtraction. While the people behind all null cells
/// of a mix together are fewer than k, the next smallest cell (by count) becomes null as well;
/// when all cells together are about fewer than k, the whole mix is null, cells of nobody too: a zero there would say that everybody is elsewhere.
/// Revenue is by the people who brought it in each currency; a currency with 1 to k − 1 of them is left out, and the figure is null when none is left.
/// </para>
/// <para>What this does not stop: subtracting the figures of two spans that differ by a day, or of two moments. Who may ask, and how often, is for the caller to limit.</para>
/// </remarks>
public static class ProductFiguresReader
{
    /// <inheritdoc cref="Read(ReadOnlySpan{ProductAggregate}, string, ProductKind, string, DateOnly, DateOnly, int)"/>
    public static ProductFigures Read(ProductAggregate? aggregate, string name, ProductKind kind, string productId, DateOnly from, DateOnly to, int minimumGroup) =>
        Read(aggregate is null ? [] : [aggregate], name, kind, productId, from, to, minimumGroup);

    /// <param name="aggregates">One for each partition; none for a product to which nothing happened.</param>
    /// <param name="from">First UTC day, included.</param>
    /// <param name="to">Last UTC day, included.</param>
    /// <param name="minimumGroup">k, 1 to <see cref="PeopleCount.PeopleKept"/>.</param>
    public static ProductFigures Read(
        ReadOnlySpan<ProductAggregate> aggregates, string name, ProductKind kind, string productId, DateOnly from, DateOnly to, int minimumGroup)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(minimumGroup, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minimumGroup, PeopleCount.PeopleKept);
        ProductDay span = Span(aggregates, from.DayNumber, to.DayNumber);
        long? shown = Figure(span.Shown, minimumGroup);
        long? accepted = Figure(span.Accepted, minimumGroup);
        return new ProductFigures
        {
            ProductId = productId,
            Name = name,
            Kind = kind,
            Eligible = Figure(span.Eligible, minimumGroup),
            Shown = shown,
            Accepted = accepted,
            Declined = Figure(span.Declined, minimumGroup),
            Conversion = shown is > 0 && accepted is { } a ? Math.Min(1, (double)a / shown.Value) : null,
            Revenue = RevenueOf(span, minimumGroup),
            RiskMix = Mix(span.RiskMix, RiskBands.Names, minimumGroup),
            SegmentMix = Mix(span.SegmentMix, Segments.Names, minimumGroup),
        };
    }

    /// <summary>The days of a span as one; the aggregates are left as they are.</summary>
    private static ProductDay Span(ReadOnlySpan<ProductAggregate> aggregates, int from, int to)
    {
        var span = new ProductDay();
        foreach (ProductAggregate aggregate in aggregates)
        {
            foreach (ProductDay day in aggregate.Days)
            {
                if (day.Day >= from && day.Day <= to)
                {
                    span.Merge(day);
                }
            }
        }

        return span;
    }

    private static long? Figure(PeopleCount count, int minimumGroup) =>
        count.DifferentPeople >= minimumGroup || count.Count == 0 ? count.Count : null;

    private static ImmutableArray<Money>? RevenueOf(ProductDay span, int minimumGroup)
    {
        if (span.Accepted.Count > 0 && span.Accepted.DifferentPeople < minimumGroup)
        {
            return null;
        }

        ImmutableArray<Money>.Builder revenue = ImmutableArray.CreateBuilder<Money>();
        for (int i = 0; i < span.RevenuePeople.Length; i++)
        {
            if (span.RevenuePeople[i].DifferentPeople >= minimumGroup)
            {
                revenue.Add(span.Revenue![i]);
            }
        }

        return revenue.Count == 0 && span.RevenuePeople.Length > 0 ? null : revenue.ToImmutable();
    }

    private static ImmutableSortedDictionary<string, long?> Mix(PeopleCount[] cells, IReadOnlyList<string> names, int minimumGroup)
    {
        bool[] hidden = Hidden(cells, minimumGroup);
        bool isHidden = cells.Length > 0 && Array.TrueForAll(hidden, h => h);
        ImmutableSortedDictionary<string, long?>.Builder mix = ImmutableSortedDictionary.CreateBuilder<string, long?>(StringComparer.Ordinal);
        for (int i = 0; i < names.Count; i++)
        {
            mix[names[i]] = i < cells.Length ? hidden[i] ? null : cells[i].Count : isHidden ? null : 0;
        }

        return mix.ToImmutable();
    }

    /// <summary>Which cells of a mix are not to be told.</summary>
    private static bool[] Hidden(PeopleCount[] cells, int minimumGroup)
    {
        bool[] hidden = new bool[cells.Length];
        var behind = new PeopleCount();
        for (int i = 0; i < cells.Length; i++)
        {
            if (cells[i].Count > 0 && cells[i].DifferentPeople < minimumGroup)
            {
                hidden[i] = true;
                behind.Merge(cells[i]);
            }
        }

        while (behind.Count > 0 && behind.DifferentPeople < minimumGroup)
        {
            int next = -1;
            for (int i = 0; i < cells.Length; i++)
            {
                if (!hidden[i] && cells[i].Count > 0 && (next < 0 || cells[i].Count < cells[next].Count))
                {
                    next = i;
                }
            }

            if (next < 0)
            {
                // There are fewer than k people in all: the cells of nobody would say that they are all in the others.
                Array.Fill(hidden, true);
                break;
            }

            hidden[next] = true;
            behind.Merge(cells[next]);
        }

        return hidden;
    }
}

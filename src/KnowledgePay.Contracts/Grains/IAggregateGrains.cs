using System.Collections.Immutable;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Contracts.Partners;
using Orleans.Concurrency;

namespace KnowledgePay.Contracts.Grains;

/// <summary>What many people did to one course: a projection of the journal. Keyed by the course id.</summary>
[Alias("kp.ICourseGrain")]
public interface ICourseGrain : IGrainWithStringKey
{
    /// <summary>Makes what markets say about the course durable; one disposition an event, in order.</summary>
    /// <exception cref="StoreUnavailableException">Nothing was accepted.</exception>
    [AlwaysInterleave, Alias("Append")]
    ValueTask<ImmutableArray<EventDisposition>> Append(ImmutableArray<IncomingEvent> events);

    [AlwaysInterleave, Alias("Get")]
    ValueTask<CourseFigures> Get();
}

/// <summary>What many people did with one partner product. Keyed by <c>partner/product</c>.</summary>
[Alias("kp.IProductGrain")]
public interface IProductGrain : IGrainWithStringKey
{
    /// <summary>Figures of a span of days, both ends included; <paramref name="name"/> and <paramref name="kind"/> are the catalogue's.</summary>
    [AlwaysInterleave, Alias("Figures")]
    ValueTask<ProductFigures> Figures(string name, ProductKind kind, DateOnly from, DateOnly to, int minimumGroup);
}

/// <summary>A course's live figures.</summary>
[GenerateSerializer, Immutable, Alias("kp.CourseFigures")]
public sealed record CourseFigures
{
    [Id(0)] public required string CourseId { get; init; }
    [Id(1)] public long Views { get; init; }
    [Id(2)] public long Enrolments { get; init; }
    [Id(3)] public long Completions { get; init; }
    [Id(4)] public long Ratings { get; init; }
    /// <summary>Mean stars, 0.5–5; null without ratings.</summary>
    [Id(5)] public double? MeanStars { get; init; }
    [Id(6)] public long Comments { get; init; }
    /// <summary>Mean comment sentiment, −1 to 1; null without comments.</summary>
    [Id(7)] public double? MeanSentiment { get; init; }
    [Id(8)] public long QuotesShown { get; init; }
    [Id(9)] public long Orders { get; init; }
    /// <summary>Orders ÷ quotes shown; null without quotes.</summary>
    [Id(10)] public double? Conversion { get; init; }
    [Id(11)] public ImmutableArray<Money> Revenue { get; init; } = [];
    /// <summary>Decayed interest at a half-life of a day and of a fortnight.</summary>
    [Id(12)] public double TrendDay { get; init; }
    [Id(13)] public double TrendFortnight { get; init; }
    [Id(14)] public required ImmutableSortedDictionary<string, long> RiskMix { get; init; }
    [Id(15)] public required ImmutableSortedDictionary<string, long> SegmentMix { get; init; }
    /// <summary>Journal offset by partition that these figures include.</summary>
    [Id(16)] public required ImmutableSortedDictionary<int, long> Watermarks { get; init; }
}

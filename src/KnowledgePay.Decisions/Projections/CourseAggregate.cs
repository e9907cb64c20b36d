using KnowledgePay.Contracts;
using KnowledgePay.Decisions.Profiles;

namespace KnowledgePay.Decisions.Projections;

/// <summary>What many people did to one course. Per journal partition where it is stored; merged where it is read.</summary>
[GenerateSerializer, Alias("kp.CourseAggregate")]
public sealed partial class CourseAggregate
{
    /// <summary>Rungs of the price ladder that are counted; rung r is a discount of 5·r % of list.</summary>
    public const int Rungs = 19;

    [Id(0)] public long Views { get; set; }
    [Id(1)] public long Enrolments { get; set; }
    [Id(2)] public long Completions { get; set; }
    [Id(3)] public long Ratings { get; set; }
    [Id(4)] public double StarsSum { get; set; }
    [Id(5)] public long Comments { get; set; }
    [Id(6)] public double SentimentSum { get; set; }
    [Id(7)] public long Orders { get; set; }
    [Id(8)] public long Taken { get; set; }
    [Id(9)] public Money[]? Revenue { get; set; }
    /// <summary>Quotes shown by rung; null until the first.</summary>
    [Id(10)] public int[]? QuotesShown { get; set; }
    /// <summary>Orders by rung of their quote.</summary>
    [Id(11)] public int[]? QuotesBought { get; set; }
    /// <summary>Forward-decayed interest: the sum of weight·2^((t − landmark)/half-life) at a half-life of one day and of fourteen; see <c>Trend</c>.</summary>
    [Id(12)] public double TrendDay { get; set; }
    [Id(13)] public double TrendFortnight { get; set; }
    [Id(14)] public long TrendLandmarkTicks { get; set; }
    [Id(15)] public long[] RiskMix { get; set; } = new long[RiskBands.Count];
    [Id(16)] public long[] SegmentMix { get; set; } = new long[Segments.Capacity];
    /// <summary>Latest observed price by competitor, at most 16.</summary>
    [Id(17)] public MarketPrice[]? Market { get; set; }
    [Id(18)] public long FirstSeenTicks { get; set; }
    /// <summary>People who took it by the region that they declared; see <c>RegionMix</c>. Null until the first.</summary>
    [Id(19)] public long[]? RegionMix { get; set; }
}

/// <summary>A price seen elsewhere.</summary>
[GenerateSerializer, Immutable, Alias("kp.MarketPrice")]
public readonly record struct MarketPrice([property: Id(0)] string Competitor, [property: Id(1)] Money Price, [property: Id(2)] long Ticks);

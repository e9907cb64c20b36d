using KnowledgePay.Contracts;
using KnowledgePay.Decisions.Profiles;

namespace KnowledgePay.Decisions.Projections;

/// <summary>What many people did with one partner product. Per journal partition where it is stored; merged where it is read.</summary>
[GenerateSerializer, Alias("kp.ProductAggregate")]
public sealed partial class ProductAggregate
{
    /// <summary>By segment: times shown, accepted, declined over all time; what the propensity learns from.</summary>
    [Id(0)] public long[] ShownBySegment { get; set; } = new long[Segments.Capacity];
    [Id(1)] public long[] AcceptedBySegment { get; set; } = new long[Segments.Capacity];
    [Id(2)] public long[] DeclinedBySegment { get; set; } = new long[Segments.Capacity];
    /// <summary>Figures by day, oldest first, at most 400 days; what dashboards read.</summary>
    [Id(3)] public ProductDay[] Days { get; set; } = [];
}

/// <summary>One UTC day of a product.</summary>
[GenerateSerializer, Alias("kp.ProductDay")]
public sealed partial class ProductDay
{
    /// <summary><see cref="DateOnly.DayNumber"/>.</summary>
    [Id(0)] public int Day { get; set; }
    [Id(1)] public PeopleCount Eligible { get; set; } = new();
    [Id(2)] public PeopleCount Shown { get; set; } = new();
    [Id(3)] public PeopleCount Accepted { get; set; } = new();
    [Id(4)] public PeopleCount Declined { get; set; } = new();
    [Id(5)] public Money[]? Revenue { get; set; }
    /// <summary>Shown, by risk band and by segment.</summary>
    [Id(6)] public PeopleCount[] RiskMix { get; set; } = [];
    [Id(7)] public PeopleCount[] SegmentMix { get; set; } = [];
}

/// <summary>A count of happenings that also knows whether at least k different people are behind it.</summary>
/// <remarks>Keeps the first people exactly, at most <see cref="PeopleKept"/>; from there it is known that there are enough, and no list is needed.</remarks>
[GenerateSerializer, Alias("kp.PeopleCount")]
public sealed partial class PeopleCount
{
    /// <summary>The largest k that a dashboard may be configured to.</summary>
    public const int PeopleKept = 50;

    [Id(0)] public long Count { get; set; }
    /// <summary>Stream numbers of the first different people, sorted, at most <see cref="PeopleKept"/>.</summary>
    [Id(1)] public long[] People { get; set; } = [];
}

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
    /// <summary>What became of the contracts, over all time.</summary>
    [Id(4)] public long Claims { get; set; }
    [Id(5)] public long InstallmentsPaid { get; set; }
    [Id(6)] public long InstallmentsMissed { get; set; }
    [Id(7)] public long Defaults { get; set; }
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
    /// <summary>Who brought revenue, by the currencies of <see cref="Revenue"/> in their order.</summary>
    [Id(8)] public PeopleCount[] RevenuePeople { get; set; } = [];
}

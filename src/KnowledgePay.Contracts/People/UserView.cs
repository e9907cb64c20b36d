using System.Collections.Immutable;

namespace KnowledgePay.Contracts.People;

/// <summary>What the engine holds about a person, as <c>GET /v1/users/{id}</c> shows it.</summary>
[GenerateSerializer, Immutable, Alias("kp.UserView")]
public sealed record UserView
{
    [Id(0)] public required string UserId { get; init; }
    /// <summary>How many events made this state.</summary>
    [Id(1)] public required long Sequence { get; init; }
    [Id(2)] public DateTimeOffset? FirstSeen { get; init; }
    [Id(3)] public DateTimeOffset? LastSeen { get; init; }
    [Id(4)] public required string Segment { get; init; }
    /// <summary>Rolling payment risk, 0 (none seen) to 1.</summary>
    [Id(5)] public required double RiskScore { get; init; }
    [Id(6)] public required string RiskBand { get; init; }
    [Id(7)] public required Consent Consent { get; init; }
    /// <summary>Numbers by feature name; a feature that has no value yet is absent.</summary>
    [Id(8)] public required ImmutableSortedDictionary<string, double> Features { get; init; }
    /// <summary>What the person said: occupation, region, … and the strongest categories.</summary>
    [Id(9)] public required ImmutableSortedDictionary<string, string> Declared { get; init; }
    [Id(10)] public required ImmutableArray<CategoryAffinity> Affinities { get; init; }
    [Id(11)] public required ImmutableArray<OwnedCourse> Courses { get; init; }
    [Id(12)] public ImmutableArray<float>? TasteVector { get; init; }
    /// <summary>The segment by the learned segmenter that is promoted; null where there is none, or for who was never seen or refuses personalisation. <see cref="Segment"/> goes on by its rules.</summary>
    [Id(13)] public LearnedSegmentView? LearnedSegment { get; init; }
}

/// <summary>A person's learned segment.</summary>
/// <param name="Name">Words for what sets its people apart.</param>
/// <param name="Model">The segmenter that says so, as algorithm and version.</param>
[GenerateSerializer, Immutable, Alias("kp.LearnedSegment")]
public sealed record LearnedSegmentView([property: Id(0)] string Name, [property: Id(1)] string Model);

[GenerateSerializer, Immutable, Alias("kp.CategoryAffinity")]
public sealed record CategoryAffinity([property: Id(0)] string Category, [property: Id(1)] double Weight);

[GenerateSerializer, Immutable, Alias("kp.OwnedCourse")]
public sealed record OwnedCourse([property: Id(0)] string CourseId, [property: Id(1)] double Progress);

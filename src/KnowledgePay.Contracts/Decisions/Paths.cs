using System.Collections.Immutable;

namespace KnowledgePay.Contracts.Decisions;

/// <summary>What to take, in this order, to be ready for a course and then to take it.</summary>
[GenerateSerializer, Immutable, Alias("kp.PathAnswer")]
public sealed record PathAnswer
{
    /// <summary>The course that the path leads to.</summary>
    [Id(0)] public required string CourseId { get; init; }

    /// <summary>Courses that the person does not have, each after all that it asks for; the last one is the goal. Empty when the person has it.</summary>
    [Id(1)] public required ImmutableArray<PathStep> Steps { get; init; }

    [Id(2)] public required ModelVersions ModelVersions { get; init; }
}

/// <summary>A course on a path.</summary>
[GenerateSerializer, Immutable, Alias("kp.PathStep")]
public sealed record PathStep
{
    [Id(0)] public required string CourseId { get; init; }

    [Id(1)] public required ImmutableArray<Reason> Reasons { get; init; }
}

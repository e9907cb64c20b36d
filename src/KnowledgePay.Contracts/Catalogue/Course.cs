using System.Collections.Immutable;

namespace KnowledgePay.Contracts.Catalogue;

/// <summary>A course, audio lecture or column as the platform sells it.</summary>
[GenerateSerializer, Immutable, Alias("kp.Course")]
public sealed record Course
{
    [Id(0)] public required string Id { get; init; }
    /// <summary>1–500 characters.</summary>
    [Id(1)] public required string Title { get; init; }
    /// <summary>At most 20,000 characters.</summary>
    [Id(2)] public string? Description { get; init; }
    [Id(3)] public string? Category { get; init; }
    [Id(4)] public ImmutableArray<string> Tags { get; init; } = [];
    /// <summary>BCP 47, for example <c>zh</c> or <c>en-GB</c>.</summary>
    [Id(5)] public string? Language { get; init; }
    [Id(6)] public string? Instructor { get; init; }
    [Id(7)] public string? Level { get; init; }
    [Id(8)] public required Money ListPrice { get; init; }
    /// <summary>No price goes below it; same currency as, and at most, the list price.</summary>
    [Id(9)] public Money? FloorPrice { get; init; }
    /// <summary>What one more sale costs; same currency as the list price.</summary>
    [Id(10)] public Money? MarginalCost { get; init; }
    [Id(11)] public int? DurationMinutes { get; init; }
    /// <summary>What to have taken first: ids of courses, or, where no course has that id, concepts, of which one course that teaches it is enough. What is neither asks for nothing.</summary>
    [Id(12)] public ImmutableArray<string> Prerequisites { get; init; } = [];
    [Id(13)] public ImmutableArray<string> Concepts { get; init; } = [];
    /// <summary>From when it may be recommended and sold; absent means already.</summary>
    [Id(14)] public DateTimeOffset? PublishedAt { get; init; }
    [Id(15)] public CourseEmbeddings? Embeddings { get; init; }
    /// <summary>What partners (a sponsor, a lender, an insurer) pay the platform for a sale; same currency as the list price. It may move lists, never prices.</summary>
    [Id(16)] public Money? PartnerValue { get; init; }
}

/// <summary>Vectors made elsewhere, one a modality: 1–4,096 finite floats each.</summary>
[GenerateSerializer, Immutable, Alias("kp.CourseEmbeddings")]
public sealed record CourseEmbeddings
{
    [Id(0)] public ImmutableArray<float>? Text { get; init; }
    [Id(1)] public ImmutableArray<float>? Image { get; init; }
    [Id(2)] public ImmutableArray<float>? Audio { get; init; }
}

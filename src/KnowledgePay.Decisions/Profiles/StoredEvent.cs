using KnowledgePay.Contracts.Events;

namespace KnowledgePay.Decisions.Profiles;

/// <summary>An event as the journal keeps it: what came in, and the facts about the world that its fold needs.</summary>
/// <remarks>Facts are captured when the event is accepted, so that a replay next year folds what was folded today, whatever the catalogue says by then.</remarks>
[GenerateSerializer, Immutable, Alias("kp.StoredEvent")]
public sealed record StoredEvent
{
    [Id(0)] public required string Source { get; init; }
    [Id(1)] public required string Id { get; init; }
    /// <summary>When it happened.</summary>
    [Id(2)] public required DateTimeOffset Time { get; init; }
    /// <summary>When the engine took it.</summary>
    [Id(3)] public required DateTimeOffset ReceivedAt { get; init; }
    [Id(4)] public required EventData Data { get; init; }
    [Id(5)] public required EventFacts Facts { get; init; }
}

/// <summary>What the catalogue and the models said about an event's course or product when it was accepted.</summary>
[GenerateSerializer, Immutable, Alias("kp.EventFacts")]
public sealed record EventFacts
{
    public static readonly EventFacts None = new();

    /// <summary>Ordinal of the course, −1 when the event is about none.</summary>
    [Id(0)] public int Course { get; init; } = -1;
    /// <summary>Term number of the course's category, −1 for none.</summary>
    [Id(1)] public int Category { get; init; } = -1;
    /// <summary>Term numbers of the course's first concepts, at most 8.</summary>
    [Id(2)] public int[] Concepts { get; init; } = [];
    /// <summary>List price in minor units of <see cref="Currency"/>; 0 when unknown.</summary>
    [Id(3)] public long ListPriceMinorUnits { get; init; }
    [Id(4)] public string? Currency { get; init; }
    /// <summary>The course's quantised vector (<see cref="Catalogue.CourseVectors.Dimensions"/> signed bytes, unit length when scaled), or empty.</summary>
    [Id(5)] public sbyte[] Vector { get; init; } = [];
    /// <summary>Sentiment of a comment, −1 to 1; null for other events.</summary>
    [Id(6)] public float? Sentiment { get; init; }
    /// <summary>Ordinal of the partner product, −1 for none.</summary>
    [Id(7)] public int Product { get; init; } = -1;
    /// <summary>Ordinals of an order's accepted products.</summary>
    [Id(8)] public int[] AcceptedProducts { get; init; } = [];
    /// <summary>A payment's risk as the fraud model that served then had it, on the scale of the rolling risk, 0 to 1; null where none served.</summary>
    [Id(9)] public float? PaymentRisk { get; init; }
    /// <summary>The model that said so.</summary>
    [Id(10)] public string? PaymentRiskBy { get; init; }
}

namespace KnowledgePay.Contracts.Events;

/// <summary>A validated event on its way to the grain of its subject. (<see cref="Source"/>, <see cref="Id"/>) is what makes it the same event.</summary>
[GenerateSerializer, Immutable, Alias("kp.IncomingEvent")]
public sealed record IncomingEvent
{
    [Id(0)] public required string Source { get; init; }
    [Id(1)] public required string Id { get; init; }
    /// <summary>When it happened, UTC.</summary>
    [Id(2)] public required DateTimeOffset Time { get; init; }
    [Id(3)] public required EventData Data { get; init; }
}

/// <summary>What became of one event of a batch.</summary>
public enum EventDisposition : byte
{
    Accepted = 0,
    Duplicate = 1,
}

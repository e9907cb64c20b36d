using System.Collections.Immutable;

namespace KnowledgePay.Contracts.Decisions;

public enum DecisionKind : byte
{
    Recommendation = 0,
    Price = 1,
    Credit = 2,
    Offers = 3,
    Checkout = 4,
    Review = 5,
}

/// <summary>Everything by which a decision can be explained later: inputs as they were, versions, contributions, rules, overrides.</summary>
[GenerateSerializer, Immutable, Alias("kp.DecisionRecord")]
public sealed record DecisionRecord
{
    [Id(0)] public required string DecisionId { get; init; }
    [Id(1)] public required DecisionKind Kind { get; init; }
    [Id(2)] public required string UserId { get; init; }
    [Id(3)] public required DateTimeOffset At { get; init; }
    /// <summary>The user's event sequence that the decision saw.</summary>
    [Id(4)] public required long UserSequence { get; init; }
    [Id(5)] public required ModelVersions ModelVersions { get; init; }
    /// <summary>Request and feature values as they were, by name.</summary>
    [Id(6)] public required ImmutableArray<NamedValue> Inputs { get; init; }
    /// <summary>What each feature or model part added, by candidate; price and credit have one candidate.</summary>
    [Id(7)] public required ImmutableArray<CandidateRecord> Candidates { get; init; }
    /// <summary>Every condition that was evaluated, with the value that it saw.</summary>
    [Id(8)] public ImmutableArray<RuleTrace> Rules { get; init; } = [];
    /// <summary>How many candidates were left after each stage.</summary>
    [Id(9)] public ImmutableArray<StageCount> Stages { get; init; } = [];
    [Id(10)] public ImmutableArray<Reason> Reasons { get; init; } = [];
    [Id(11)] public ImmutableArray<Override> Overrides { get; init; } = [];
    /// <summary>Outcome in one word (<c>approved</c>, <c>quoted</c>, …).</summary>
    [Id(12)] public string Outcome { get; init; } = "";
}

/// <summary>A named input: a number, or a text.</summary>
[GenerateSerializer, Immutable, Alias("kp.NamedValue")]
public readonly record struct NamedValue([property: Id(0)] string Name, [property: Id(1)] double? Number, [property: Id(2)] string? Text)
{
    public NamedValue(string name, double number)
        : this(name, number, null)
    {
    }

    public NamedValue(string name, string? text)
        : this(name, null, text)
    {
    }
}

/// <summary>One candidate (course, price rung, product) and what made its score.</summary>
[GenerateSerializer, Immutable, Alias("kp.CandidateRecord")]
public readonly record struct CandidateRecord(
    [property: Id(0)] string Candidate,
    [property: Id(1)] double Score,
    [property: Id(2)] ImmutableArray<Contribution> Contributions,
    [property: Id(3)] double? Propensity);

/// <summary>What a named part added to a score.</summary>
[GenerateSerializer, Immutable, Alias("kp.Contribution")]
public readonly record struct Contribution([property: Id(0)] string Name, [property: Id(1)] double Value, [property: Id(2)] double? Input = null);

[GenerateSerializer, Immutable, Alias("kp.RuleTrace")]
public readonly record struct RuleTrace(
    [property: Id(0)] string Rule,
    [property: Id(1)] string Condition,
    [property: Id(2)] string? Saw,
    [property: Id(3)] bool Passed);

[GenerateSerializer, Immutable, Alias("kp.StageCount")]
public readonly record struct StageCount([property: Id(0)] string Stage, [property: Id(1)] int Left);

/// <summary>A person's answer that replaced the engine's.</summary>
[GenerateSerializer, Immutable, Alias("kp.Override")]
public sealed record Override(
    [property: Id(0)] string By,
    [property: Id(1)] DateTimeOffset At,
    [property: Id(2)] string Outcome,
    [property: Id(3)] string Note);

using System.Text.Json.Nodes;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.People;

namespace KnowledgePay.Server.Apis;

/// <summary>Everything held about a person, as <c>GET /v1/users/{id}/export</c> streams it.</summary>
public sealed record PersonDocument
{
    /// <summary>What the person's events made of them.</summary>
    public required UserView Profile { get; init; }

    public required Consent Consent { get; init; }

    /// <summary>Every event of the person, oldest first.</summary>
    public required IReadOnlyList<JsonObject> Events { get; init; }

    /// <summary>Every decision about the person, oldest first.</summary>
    public required IReadOnlyList<DecisionRecord> Decisions { get; init; }
}

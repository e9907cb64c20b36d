using System.Collections.Immutable;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;

namespace KnowledgePay.Decisions.Recording;

/// <summary>Takes down a decision field by field, in the order in which a record has them and is stored: what is counted is announced with its count and follows at once.</summary>
/// <remarks>A decision that writes itself needs none of the objects of a <see cref="DecisionRecord"/>; one that is asked for a record gets them from <see cref="DecisionRecordBuilder"/>.</remarks>
public interface IDecisionRecordWriter
{
    void Begin(string decisionId, DecisionKind kind, string userId, DateTimeOffset at, long userSequence, ModelVersions modelVersions);

    void Inputs(int count);

    void Input(string name, double number);

    void Input(string name, scoped ReadOnlySpan<char> text);

    void Candidates(int count);

    /// <summary>Begins a candidate; its contributions follow, then <see cref="EndCandidate"/>.</summary>
    void Candidate(scoped ReadOnlySpan<char> id, double score, int contributions);

    void Contribution(string name, double value, double? input = null);

    /// <param name="propensity">The chance with which the candidate is in the answer; null for one that is not.</param>
    void EndCandidate(double? propensity);

    void Rules(int count);

    void Rule(string rule, scoped ReadOnlySpan<char> condition, scoped ReadOnlySpan<char> saw, bool passed);

    void Rule(in RuleTrace rule);

    void Stages(int count);

    void Stage(string name, int left);

    /// <summary>What is left; nothing follows.</summary>
    void End(ImmutableArray<Reason> reasons, string outcome);
}

/// <summary>A decision that can be taken down. Always the same, and only as long as what it read stays as it was: while the caller holds the profile.</summary>
public interface IRecordedDecision
{
    DecisionKind Kind { get; }

    void WriteTo<TWriter>(ref TWriter writer)
        where TWriter : IDecisionRecordWriter, allows ref struct;
}

using System.Collections.Immutable;
using KnowledgePay.Contracts.Decisions;

namespace KnowledgePay.Decisions.Rules;

/// <summary>A rule, compiled once, that says for a person whether it holds and can trace every condition with the value that it saw.</summary>
public abstract class CompiledRule
{
    /// <summary>True when the rule reads nothing about the person, so that it may run without consent.</summary>
    public abstract bool IsImpersonal { get; }

    /// <summary>Whether the rule holds. Allocates nothing.</summary>
    public abstract bool Holds(in RuleFacts facts);

    /// <summary>Adds one trace a condition, in the rule's order, and says whether the rule holds.</summary>
    public abstract bool Trace(in RuleFacts facts, string rule, ImmutableArray<RuleTrace>.Builder traces);
}

using KnowledgePay.Decisions.Rules;

namespace KnowledgePay.Decisions.Credit;

/// <summary>All that a credit decision may look at.</summary>
public readonly struct CreditContext
{
    public required DecisionContext Decision { get; init; }
    public required PersonStanding Standing { get; init; }
    public required CreditPolicy Policy { get; init; }
}

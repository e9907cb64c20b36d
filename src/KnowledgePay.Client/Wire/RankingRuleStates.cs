using KnowledgePay.Contracts.Catalogue;

namespace KnowledgePay.Client.Wire;

/// <summary>A ranking rule and how many of the catalogue's courses it is about now.</summary>
public sealed record RankingRuleState(RankingRule Rule, int Courses);

internal sealed record RankingRuleStates
{
    public IReadOnlyList<RankingRuleState> Rules { get; init => field = value ?? []; } = [];
}

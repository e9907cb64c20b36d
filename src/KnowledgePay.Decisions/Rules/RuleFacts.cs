using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Profiles;

namespace KnowledgePay.Decisions.Rules;

/// <summary>All that a rule may read.</summary>
public readonly struct RuleFacts
{
    public required UserProfile Profile { get; init; }
    public required CatalogueSnapshot Catalogue { get; init; }
    public required DateTimeOffset Now { get; init; }
    /// <summary>The course at hand, or null.</summary>
    public CourseEntry? Course { get; init; }
    /// <summary>The amount asked for in minor units, 0 for none.</summary>
    public long AmountMinorUnits { get; init; }
    public string? Surface { get; init; }
}

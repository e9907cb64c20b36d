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
    /// <summary>Segment and rolling risk as of <see cref="Now"/>.</summary>
    public PersonStanding Standing { get; init; }
    /// <summary>The currency in which spending is read; null for the course's, or where there is no course for the first that the person spent in.</summary>
    public string? Currency { get; init; }
}

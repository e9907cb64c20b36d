using System.Collections.Frozen;

namespace KnowledgePay.Decisions.Pricing;

/// <summary>What other courses' quotes taught of a course's demand before its own speak: a prior by category, and one for every other course.</summary>
/// <param name="version">What decisions call it.</param>
public sealed class LearnedDemand(string version, DemandPrior overall, IReadOnlyDictionary<string, DemandPrior> byCategory)
{
    private readonly FrozenDictionary<string, DemandPrior> _byCategory = byCategory.ToFrozenDictionary(StringComparer.Ordinal);

    public string Version { get; } = version;

    /// <summary>Of a course whose category has none.</summary>
    public DemandPrior Overall { get; } = overall;

    public IReadOnlyDictionary<string, DemandPrior> ByCategory => _byCategory;

    public DemandPrior Of(string? category) => category is not null && _byCategory.TryGetValue(category, out DemandPrior own) ? own : Overall;
}

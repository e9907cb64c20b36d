using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Contracts.Partners;
using KnowledgePay.Decisions.Rules;

namespace KnowledgePay.Decisions.Catalogue;

/// <summary>What changed since a snapshot: documents under the ordinals that the store gave them.</summary>
public sealed class CatalogueChanges
{
    /// <summary>New or changed courses by ordinal; null deletes.</summary>
    public IReadOnlyList<KeyValuePair<int, Course?>> Courses { get; init; } = [];

    /// <summary>New or changed partners by id; null deletes.</summary>
    public IReadOnlyList<KeyValuePair<string, Partner?>> Partners { get; init; } = [];

    /// <summary>New or changed products.</summary>
    public IReadOnlyList<ProductEntry> Products { get; init; } = [];

    /// <summary>Ordinals of products that were deleted.</summary>
    public IReadOnlyList<int> RemovedProducts { get; init; } = [];

    /// <summary>New or changed ranking rules by id; null deletes.</summary>
    public IReadOnlyList<KeyValuePair<string, RankingRule?>> Rules { get; init; } = [];

    /// <summary>All terms by number when any was added (numbers are permanent), else null.</summary>
    public string[]? Terms { get; init; }
}

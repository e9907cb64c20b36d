using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Contracts.Partners;
using KnowledgePay.Decisions.Catalogue;

namespace KnowledgePay.Grains.Catalogue;

/// <summary>The silo's catalogue: an immutable snapshot to read, and durable writes that are in the snapshot when they return.</summary>
public interface ICatalogue
{
    CatalogueSnapshot Current { get; }

    /// <summary>Puts validated courses, all or none. Returns, by course, true when it was made and false when it was replaced.</summary>
    ValueTask<bool[]> PutCourses(IReadOnlyList<Course> courses, CancellationToken cancellation);

    /// <summary>True when the partner was made, false when replaced.</summary>
    ValueTask<bool> PutPartner(Partner partner, CancellationToken cancellation);

    /// <summary>True when the product was made, false when replaced. Its eligibility must have compiled (<c>RuleCompiler</c>).</summary>
    ValueTask<bool> PutProduct(PartnerProduct product, CancellationToken cancellation);

    /// <summary>True when the ranking rule was made, false when replaced, null when there are already as many as there may be (<c>RankingRules.Most</c>). Both of its rules must have compiled.</summary>
    ValueTask<bool?> PutRule(RankingRule rule, CancellationToken cancellation);

    /// <summary>False when there is no such ranking rule.</summary>
    ValueTask<bool> RemoveRule(string id, CancellationToken cancellation);
}

namespace KnowledgePay.Decisions.Premiums;

/// <summary>What a year of cover costs by a model, in yuan on the policy's scale: claims × mean amount is the pure part, the others load it.</summary>
/// <param name="Frequency">Claims a year.</param>
/// <param name="MeanClaim">Of one claim.</param>
public readonly record struct LoadedPremium(double Frequency, double MeanClaim, double Pure, double Safety, double Expenses, double Profit);

/// <summary>Expected claims, learned and promoted. Immutable and without side effects: the same input gives the same premium, always.</summary>
public interface IPremiumModel
{
    /// <summary>What decisions call it.</summary>
    string Version { get; }

    /// <param name="attributes">By <see cref="PolicyAttribute"/>.</param>
    /// <param name="product">As <c>partner/product</c>; one that the model never saw counts as unknown.</param>
    LoadedPremium Of(ReadOnlySpan<double> attributes, string product);
}

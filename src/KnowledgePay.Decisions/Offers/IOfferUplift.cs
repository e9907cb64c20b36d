namespace KnowledgePay.Decisions.Offers;

/// <summary>The difference that showing an offer makes, learned from offers held out by lot and promoted. Immutable and without side effects.</summary>
public interface IOfferUplift
{
    /// <summary>What decisions call it.</summary>
    string Version { get; }

    /// <summary>By how much showing the product raises the probability that the person buys a course soon, −1 to 1.</summary>
    /// <param name="features">By <see cref="Segmentation.SegmentFeature"/>.</param>
    /// <param name="product">As <c>partner/product</c>; one that the model never saw counts as unknown.</param>
    double Of(ReadOnlySpan<double> features, string product);
}

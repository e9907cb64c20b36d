namespace KnowledgePay.Server.Models;

/// <summary>The kinds of models, and what the engine decides by while none of a kind was promoted.</summary>
public static class ModelKinds
{
    public const string Recommender = "recommender";
    public const string Sentiment = "sentiment";
    public const string Risk = "risk";
    public const string Fraud = "fraud";
    public const string Segmenter = "segmenter";
    public const string Demand = "demand";
    public const string Premium = "premium";
    public const string Uplift = "uplift";

    /// <summary>By kind, in the contract's order.</summary>
    public static IReadOnlyList<(string Kind, string BuiltIn)> All { get; } =
    [
        (Recommender, "Incremental item-based collaborative filtering, taste vector, text and trend."),
        (Segmenter, "Segments by declared occupation and by behaviour."),
        (Risk, "The expert points scorecard."),
        (Fraud, "Rolling payment risk by an expert's weights, and knock-out rules over it."),
        (Demand, "Parametric purchase probability by price, updated by each quote and order."),
        (Sentiment, "Chinese and English lexicon with negation."),
        (Uplift, "Thompson sampling on a Beta distribution by product and segment."),
        (Premium, "The partner's own terms."),
    ];

    public static bool IsKnown(string kind) => All.Any(one => one.Kind == kind);
}

namespace KnowledgePay.Server.Models;

/// <summary>The kinds of models, and what the engine decides by while none of a kind was promoted.</summary>
public static class ModelKinds
{
    public const string Recommender = "recommender";
    public const string Sentiment = "sentiment";
    public const string Risk = "risk";

    /// <summary>By kind, in the contract's order.</summary>
    public static IReadOnlyList<(string Kind, string BuiltIn)> All { get; } =
    [
        (Recommender, "Incremental item-based collaborative filtering, taste vector, text and trend."),
        ("segmenter", "Segments by declared occupation and by behaviour."),
        (Risk, "Rolling payment risk with decay, and the expert points scorecard."),
        ("fraud", "Knock-out rules over the rolling payment features."),
        ("demand", "Parametric purchase probability by price, updated by each quote and order."),
        (Sentiment, "Chinese and English lexicon with negation."),
        ("uplift", "Thompson sampling on a Beta distribution by product and segment."),
        ("premium", "The partner's own terms."),
    ];

    public static bool IsKnown(string kind) => All.Any(one => one.Kind == kind);
}

namespace KnowledgePay.Decisions.Recommending;

/// <summary>Item-to-item co-occurrence, kept incrementally. One writer, many readers.</summary>
public sealed partial class ItemSimilarity
{
}

namespace KnowledgePay.Decisions.Recommending;

public sealed partial class ItemSimilarity
{
    /// <summary>Temporary: gives way to the recommending branch's own member of the same signature.</summary>
    public void Add(int item, ReadOnlySpan<int> shelfBefore) => LastAdded = (item, shelfBefore.Length);

    internal (int Item, int Shelf) LastAdded { get; private set; }
}

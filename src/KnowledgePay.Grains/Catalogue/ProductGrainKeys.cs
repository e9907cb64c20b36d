namespace KnowledgePay.Grains.Catalogue;

/// <summary>Keys of product grains: <c>partner/product</c>; the slash is no character of an id.</summary>
public static class ProductGrainKeys
{
    public static string Of(string partnerId, string productId) => partnerId + "/" + productId;
}

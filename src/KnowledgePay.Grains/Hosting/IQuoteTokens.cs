namespace KnowledgePay.Grains.Hosting;

/// <summary>Reads quote tokens at the door, so that a checkout can be sent to its person's grain.</summary>
public interface IQuoteTokens
{
    /// <summary>The user id inside a token whose signature holds, or null. Expiry and single use are the grain's to check.</summary>
    string? UserOf(string quoteToken);
}

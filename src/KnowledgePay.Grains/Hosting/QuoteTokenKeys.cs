using KnowledgePay.Decisions.Pricing;
using KnowledgePay.Storage;

namespace KnowledgePay.Grains.Hosting;

/// <summary>The secrets that sign quotes; of the installation, so that any silo's quote is good at any other.</summary>
public sealed class QuoteTokenKeys : IQuoteTokens
{
    private const string Purpose = "quote-token";
    private const byte FirstKeyId = 1;

    private QuoteKeys? _keys;

    public QuoteKeys Keys => _keys ?? throw new InvalidOperationException("The store is not open yet.");

    public async ValueTask Open(IEngineStore store, CancellationToken cancellation) =>
        _keys = new QuoteKeys(new QuoteKey(FirstKeyId, await store.Keys.Secret(Purpose, cancellation)));

    public string? UserOf(string quoteToken) => QuoteToken.TryRead(quoteToken, Keys, out QuoteClaims claims, out _) ? claims.UserId : null;
}

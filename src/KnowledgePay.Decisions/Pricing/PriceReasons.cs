namespace KnowledgePay.Decisions.Pricing;

/// <summary>Codes of the reasons that a price gives. None of them has arguments.</summary>
public static class PriceReasons
{
    /// <summary>The price that everybody pays.</summary>
    public const string Standard = "price-standard";
    /// <summary>The price is the list price.</summary>
    public const string List = "price-list";
    /// <summary>The price was made for this person.</summary>
    public const string Personal = "price-personal";
    /// <summary>Prices seen elsewhere are below the list price and were taken into account.</summary>
    public const string Market = "price-market";
    /// <summary>The person has not consented to personal prices (or to personalisation), so the standard price applies.</summary>
    public const string NoConsent = "price-no-consent";
    /// <summary>The floor price, the margin or the largest discount kept the price from going lower.</summary>
    public const string Floor = "price-floor";
    /// <summary>The price was quoted earlier today and is kept for the day.</summary>
    public const string SameDay = "price-same-day";
}

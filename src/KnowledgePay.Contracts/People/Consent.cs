namespace KnowledgePay.Contracts.People;

/// <summary>What a person allows. Until said otherwise <c>personalisation</c> is true and all else false.</summary>
[GenerateSerializer, Immutable, Alias("kp.Consent")]
public sealed record Consent
{
    public static readonly Consent Default = new();

    /// <summary>One of each: there are 128, and everybody has one.</summary>
    private static readonly Consent?[] Known = new Consent?[128];

    [Id(0)] public bool Personalisation { get; init; } = true;
    [Id(1)] public bool PersonalPricing { get; init; }
    [Id(2)] public bool CreditChecks { get; init; }
    [Id(3)] public bool PartnerSharing { get; init; }
    [Id(4)] public MarketingConsent Marketing { get; init; } = MarketingConsent.None;

    /// <summary>An equal consent that all who have it share.</summary>
    public Consent Shared()
    {
        ReadOnlySpan<bool> given = [Personalisation, PersonalPricing, CreditChecks, PartnerSharing, Marketing.Email, Marketing.Sms, Marketing.Social];
        int at = 0;
        foreach (bool one in given)
        {
            at = (at << 1) | (one ? 1 : 0);
        }

        // Which of two that come at once stays is all one.
        return Known[at] ??= this;
    }
}

[GenerateSerializer, Immutable, Alias("kp.MarketingConsent")]
public sealed record MarketingConsent
{
    public static readonly MarketingConsent None = new();

    [Id(0)] public bool Email { get; init; }
    [Id(1)] public bool Sms { get; init; }
    [Id(2)] public bool Social { get; init; }
}

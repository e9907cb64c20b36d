using CsCheck;
using KnowledgePay.Contracts.People;

namespace KnowledgePay.Contracts.Tests;

/// <summary>What many people have in common is one object, and says the same.</summary>
public sealed class SharedValuesTests
{
    private static readonly Gen<Consent> Consents = Gen.Bool.Array[7].Select(given => new Consent
    {
        Personalisation = given[0],
        PersonalPricing = given[1],
        CreditChecks = given[2],
        PartnerSharing = given[3],
        Marketing = new MarketingConsent { Email = given[4], Sms = given[5], Social = given[6] },
    });

    [Fact]
    public void Equal_consents_are_one_object_and_others_are_others() => Gen.Select(Consents, Consents).Sample((one, other) =>
    {
        Assert.Equal(one, one.Shared());
        Assert.Equal(one == other, ReferenceEquals(one.Shared(), other.Shared()));
    });

    [Fact]
    public void Amounts_of_a_currency_share_its_code()
    {
        string made = new(['C', 'N', 'Y']);
        Assert.NotSame(made, "CNY");
        Assert.Same(new Money("CNY", 1).Shared().Currency, new Money(made, 2).Shared().Currency);
        Assert.Equal(new Money(made, 2), new Money(made, 2).Shared());

        // A code that nobody knows is not kept for ever.
        string unknown = new(['Q', 'Q', 'Q']);
        Assert.Same(unknown, new Money(unknown, 1).Shared().Currency);
    }

    [Fact]
    public void An_amount_is_written_into_given_room_as_it_is_into_a_text() => Gen.Select(Gen.Int[0, 2].Select(i => new[] { "CNY", "JPY", "KWD" }[i]), Gen.Long, Gen.Int[0, 40]).Sample((currency, minor, room) =>
    {
        var money = new Money(currency, minor);
        char[] given = new char[room];
        bool fits = money.TryFormat(given, out int written, default, null);
        Assert.Equal(money.ToString().Length <= room, fits);
        Assert.Equal(fits ? money.ToString() : "", new string(given, 0, written));
    });
}

using System.Text.Json;
using CsCheck;

namespace KnowledgePay.Contracts.Tests;

public class MoneyTests
{
    private static readonly string[] Three = ["CNY", "JPY", "KWD"];
    private static readonly Gen<Money> Amounts = Gen.Select(Gen.Int[0, 2], Gen.Long[0, Money.LargestMinorUnits], (currency, units) => new Money(Three[currency], units));

    [Fact]
    public void Sums_and_differences_undo_each_other() => Gen.Select(Amounts, Gen.Long[0, Money.LargestMinorUnits]).Sample((a, units) =>
        (a + (a with { MinorUnits = units })) - (a with { MinorUnits = units }) == a);

    [Fact]
    public void Amounts_of_two_currencies_do_not_mix() =>
        Assert.Throws<InvalidOperationException>(() => new Money("CNY", 1) + new Money("USD", 1));

    [Theory]
    [InlineData("CNY", 19900, "CNY 199.00")]
    [InlineData("JPY", 19900, "JPY 19900")]
    [InlineData("KWD", 19900, "KWD 19.900")]
    [InlineData("CNY", 5, "CNY 0.05")]
    public void People_read_it_with_the_currency_s_own_decimals(string currency, long units, string text) =>
        Assert.Equal(text, new Money(currency, units).ToString());

    [Fact]
    public void On_the_wire_it_is_a_currency_and_minor_units_and_nothing_else() =>
        Assert.Equal("""{"currency":"CNY","minorUnits":19900}""", JsonSerializer.Serialize(new Money("CNY", 19900), JsonSerializerOptions.Web));

    [Theory]
    [InlineData("CNY", 0, true)]
    [InlineData("CNY", Money.LargestMinorUnits, true)]
    [InlineData("CNY", Money.LargestMinorUnits + 1, false)]
    [InlineData("CNY", -1, false)]
    [InlineData("XXZ", 1, false)]
    public void A_price_is_of_a_known_currency_and_in_range(string currency, long units, bool valid) =>
        Assert.Equal(valid, new Money(currency, units).IsValidPrice);
}

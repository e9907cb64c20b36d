using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Serialization;

namespace KnowledgePay.Contracts;

/// <summary>An amount of money: a currency and a whole number of its minor units (cents, fen).</summary>
/// <remarks>No binary floating point ever touches an amount. <c>{"currency":"CNY","minorUnits":19900}</c> is CNY 199.00.</remarks>
/// <param name="Currency">ISO 4217 code, three upper-case letters that <see cref="Currencies"/> knows.</param>
/// <param name="MinorUnits">Whole minor units; negative only where a document says so (refund deltas).</param>
[GenerateSerializer, Immutable, Alias("kp.Money")]
public readonly record struct Money([property: Id(0)] string Currency, [property: Id(1)] long MinorUnits) : ISpanFormattable
{
    /// <summary>The largest amount that any request may carry, in minor units: one trillion.</summary>
    public const long LargestMinorUnits = 1_000_000_000_000;

    public static Money Zero(string currency) => new(currency, 0);

    public static Money operator +(Money a, Money b) => new(SameCurrency(a, b), checked(a.MinorUnits + b.MinorUnits));

    public static Money operator -(Money a, Money b) => new(SameCurrency(a, b), checked(a.MinorUnits - b.MinorUnits));

    public static bool operator <(Money a, Money b) => SameCurrency(a, b) is not null && a.MinorUnits < b.MinorUnits;

    public static bool operator >(Money a, Money b) => b < a;

    public static bool operator <=(Money a, Money b) => !(b < a);

    public static bool operator >=(Money a, Money b) => !(a < b);

    /// <summary>True for a known currency and an amount from 0 to <see cref="LargestMinorUnits"/>.</summary>
    [JsonIgnore]
    public bool IsValidPrice => Currencies.IsKnown(Currency) && MinorUnits is >= 0 and <= LargestMinorUnits;

    /// <summary>The same amount, its currency's code the one object that all amounts share.</summary>
    public Money Shared() => Currencies.IsKnown(Currency) ? this with { Currency = string.Intern(Currency) } : this;

    /// <summary>As people read it, for example <c>CNY 199.00</c>.</summary>
    public override string ToString() => ToString(null, null);

    /// <summary>Currency and amount in major units, for example <c>CNY 99.00</c>; always the same, whatever the culture.</summary>
    public string ToString(string? format, IFormatProvider? formatProvider) => string.Create(CultureInfo.InvariantCulture, $"{this}");

    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider)
    {
        int exponent = Currencies.ExponentOf(Currency);
        decimal major = MinorUnits;
        for (int i = 0; i < exponent; i++)
        {
            major /= 10m;
        }

        Span<char> places = ['F', (char)('0' + exponent)];
        charsWritten = Currency.Length + 1;
        if (destination.Length <= charsWritten || !major.TryFormat(destination[charsWritten..], out int digits, places, CultureInfo.InvariantCulture))
        {
            charsWritten = 0;
            return false;
        }

        Currency.CopyTo(destination);
        destination[Currency.Length] = ' ';
        charsWritten += digits;
        return true;
    }

    [SuppressMessage("Usage", "CA2208:Instantiate argument exceptions correctly", Justification = "Operators name their operands a and b.")]
    private static string SameCurrency(Money a, Money b) => a.Currency == b.Currency
        ? a.Currency
        : throw new InvalidOperationException($"Amounts in {a.Currency} and {b.Currency} cannot be combined.");
}

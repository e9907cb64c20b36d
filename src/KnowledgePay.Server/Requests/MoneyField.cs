using System.Globalization;
using System.Text.Json;
using KnowledgePay.Contracts;

namespace KnowledgePay.Server.Requests;

/// <summary>Reads <c>{"currency":"CNY","minorUnits":19900}</c>, and refuses whatever could be meant otherwise.</summary>
/// <remarks>Unlike other objects it takes no member that it does not know: a caller that sends <c>amount</c> or <c>majorUnits</c> means something that would be lost.</remarks>
public static class MoneyField
{
    /// <param name="pointer">The amount's own pointer; its members are <c>/currency</c> and <c>/minorUnits</c> below it.</param>
    public static Money? Read(ref Utf8JsonReader reader, RequestErrors errors, string pointer)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            JsonFields.WrongType(ref reader, errors, pointer, "an object with currency and minorUnits");
            return null;
        }

        string? currency = null;
        long? minorUnits = null;
        bool sawCurrency = false, sawMinorUnits = false;
        int before = errors.Count;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("currency"u8))
            {
                Once(ref sawCurrency, errors, pointer, "/currency");
                currency = ReadCurrency(ref reader, errors, pointer);
            }
            else if (reader.ValueTextEquals("minorUnits"u8))
            {
                Once(ref sawMinorUnits, errors, pointer, "/minorUnits");
                minorUnits = ReadMinorUnits(ref reader, errors, pointer);
            }
            else
            {
                errors.Add(pointer, $"must hold currency and minorUnits only, not {RequestErrors.Quote(reader.GetString()!)}.");
                JsonFields.Skip(ref reader);
            }
        }

        if (!sawCurrency)
        {
            errors.Add(pointer + "/currency", "is required.");
        }

        if (!sawMinorUnits)
        {
            errors.Add(pointer + "/minorUnits", "is required.");
        }

        return errors.Count == before && currency is not null && minorUnits is { } units ? new Money(currency, units) : null;
    }

    private static string? ReadCurrency(ref Utf8JsonReader reader, RequestErrors errors, string pointer)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("CNY"u8))
        {
            return "CNY";
        }

        if (reader.TokenType != JsonTokenType.String)
        {
            JsonFields.WrongType(ref reader, errors, pointer + "/currency", "a string");
            return null;
        }

        if (reader.ValueSpan.Length == 3 && !reader.ValueIsEscaped && reader.GetString() is { } code && Currencies.IsKnown(code))
        {
            return code;
        }

        errors.Add(pointer + "/currency", "must be an ISO 4217 currency code in upper case, such as CNY.");
        return null;
    }

    private static long? ReadMinorUnits(ref Utf8JsonReader reader, RequestErrors errors, string pointer)
    {
        reader.Read();
        pointer += "/minorUnits";
        if (reader.TokenType != JsonTokenType.Number)
        {
            JsonFields.WrongType(ref reader, errors, pointer, "a JSON integer of minor units");
            return null;
        }

        if (reader.ValueSpan.ContainsAny((byte)'.', (byte)'e', (byte)'E'))
        {
            errors.Add(pointer, "must be a whole number of minor units, written without a fraction or an exponent.");
            return null;
        }

        if (reader.TryGetInt64(out long units) && units is >= 0 and <= Money.LargestMinorUnits)
        {
            return units;
        }

        errors.Add(pointer, string.Create(CultureInfo.InvariantCulture, $"must be from 0 to {Money.LargestMinorUnits}."));
        return null;
    }

    private static void Once(ref bool saw, RequestErrors errors, string pointer, string member)
    {
        if (saw)
        {
            errors.Add(pointer + member, "is given twice.");
        }

        saw = true;
    }
}

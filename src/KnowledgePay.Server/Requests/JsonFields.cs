using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using KnowledgePay.Contracts;

namespace KnowledgePay.Server.Requests;

/// <summary>
/// Reads one field each: the reader stands on the property's name before and on the value's last token after.
/// Null means that the field is absent (JSON null) or wrong; what is wrong is then among the errors.
/// </summary>
/// <remarks>Pointers are constants and messages are made only for errors, so that a good request costs no more than its own strings.</remarks>
public static class JsonFields
{
    /// <summary>How every body is read: no comments, no trailing commas, at most 32 levels.</summary>
    public static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = 32, CommentHandling = JsonCommentHandling.Disallow, AllowTrailingCommas = false };

    public static void Skip(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }

    /// <summary>Text of <paramref name="shortest"/> to <paramref name="longest"/> UTF-16 code units.</summary>
    public static string? Text(ref Utf8JsonReader reader, RequestErrors errors, string pointer, int longest, int shortest = 1)
    {
        reader.Read();
        return TextValue(ref reader, errors, pointer, longest, shortest);
    }

    public static string? Id(ref Utf8JsonReader reader, RequestErrors errors, string pointer)
    {
        reader.Read();
        return IdValue(ref reader, errors, pointer);
    }

    public static bool? Flag(ref Utf8JsonReader reader, RequestErrors errors, string pointer)
    {
        reader.Read();
        switch (reader.TokenType)
        {
            case JsonTokenType.True: return true;
            case JsonTokenType.False: return false;
            case JsonTokenType.Null: return null;
            default: WrongType(ref reader, errors, pointer, "true or false"); return null;
        }
    }

    /// <summary>A whole number; a fraction or an exponent is refused.</summary>
    public static long? Whole(ref Utf8JsonReader reader, RequestErrors errors, string pointer, long smallest, long largest)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (reader.TokenType != JsonTokenType.Number)
        {
            WrongType(ref reader, errors, pointer, "an integer");
            return null;
        }

        if (reader.ValueSpan.ContainsAny((byte)'.', (byte)'e', (byte)'E'))
        {
            errors.Add(pointer, "must be an integer written without a fraction or an exponent.");
            return null;
        }

        if (reader.TryGetInt64(out long value) && value >= smallest && value <= largest)
        {
            return value;
        }

        errors.Add(pointer, string.Create(CultureInfo.InvariantCulture, $"must be an integer from {smallest} to {largest}."));
        return null;
    }

    /// <summary>A finite number in a range, both ends included.</summary>
    public static double? Number(ref Utf8JsonReader reader, RequestErrors errors, string pointer, double smallest, double largest)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (reader.TokenType != JsonTokenType.Number)
        {
            WrongType(ref reader, errors, pointer, "a number");
            return null;
        }

        if (reader.TryGetDouble(out double value) && double.IsFinite(value) && value >= smallest && value <= largest)
        {
            return value;
        }

        errors.Add(pointer, string.Create(CultureInfo.InvariantCulture, $"must be a number from {smallest} to {largest}."));
        return null;
    }

    /// <summary>A decimal number with at most four places, in a range, both ends included.</summary>
    public static decimal? Exact(ref Utf8JsonReader reader, RequestErrors errors, string pointer, decimal smallest, decimal largest)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (reader.TokenType != JsonTokenType.Number)
        {
            WrongType(ref reader, errors, pointer, "a number");
            return null;
        }

        if (reader.TryGetDecimal(out decimal value) && value >= smallest && value <= largest && decimal.Round(value, 4) == value)
        {
            return value;
        }

        errors.Add(pointer, string.Create(CultureInfo.InvariantCulture, $"must be a number from {smallest} to {largest} with at most four decimal places."));
        return null;
    }

    public static DateTimeOffset? Time(ref Utf8JsonReader reader, RequestErrors errors, string pointer)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (reader.TokenType != JsonTokenType.String)
        {
            WrongType(ref reader, errors, pointer, Rfc3339.Expected);
            return null;
        }

        if (!reader.HasValueSequence && !reader.ValueIsEscaped && Rfc3339.TryParse(reader.ValueSpan, out DateTimeOffset time))
        {
            return time;
        }

        errors.Add(pointer, $"must be {Rfc3339.Expected}, with its offset.");
        return null;
    }

    /// <summary>An array of texts.</summary>
    public static ImmutableArray<string>? Texts(ref Utf8JsonReader reader, RequestErrors errors, string pointer, int most, int longest) =>
        Array(ref reader, errors, pointer, most, (ref Utf8JsonReader r, RequestErrors e, string p) => TextValue(ref r, e, p, longest, 1));

    /// <summary>1 to 4,096 finite floats.</summary>
    public static ImmutableArray<float>? Vector(ref Utf8JsonReader reader, RequestErrors errors, string pointer)
    {
        const int longest = 4_096;
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            WrongType(ref reader, errors, pointer, "an array of numbers");
            return null;
        }

        ImmutableArray<float>.Builder values = ImmutableArray.CreateBuilder<float>(64);
        int index = 0;
        for (; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
        {
            if (reader.TokenType == JsonTokenType.Number && reader.TryGetSingle(out float value) && float.IsFinite(value))
            {
                if (index < longest)
                {
                    values.Add(value);
                }
            }
            else
            {
                errors.Add(string.Create(CultureInfo.InvariantCulture, $"{pointer}/{index}"), "must be a finite number in the range of a 32-bit float.");
                reader.Skip();
            }
        }

        if (index is < 1 or > longest)
        {
            errors.Add(pointer, string.Create(CultureInfo.InvariantCulture, $"must hold 1 to {longest} numbers, but holds {index}."));
            return null;
        }

        return values.ToImmutable();
    }

    /// <summary>A JSON object, kept as it was written.</summary>
    public static string? RawObject(ref Utf8JsonReader reader, ReadOnlySpan<byte> body, RequestErrors errors, string pointer, int longestBytes)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            WrongType(ref reader, errors, pointer, "an object");
            return null;
        }

        int start = (int)reader.TokenStartIndex;
        reader.Skip();
        int length = (int)reader.BytesConsumed - start;
        if (length > longestBytes)
        {
            errors.Add(pointer, string.Create(CultureInfo.InvariantCulture, $"must be at most {longestBytes} bytes of JSON, but is {length}."));
            return null;
        }

        return Encoding.UTF8.GetString(body.Slice(start, length));
    }

    /// <summary>Reads the value that the reader stands on as text.</summary>
    public static string? TextValue(ref Utf8JsonReader reader, RequestErrors errors, string pointer, int longest, int shortest)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (reader.TokenType != JsonTokenType.String)
        {
            WrongType(ref reader, errors, pointer, "a string");
            return null;
        }

        // A UTF-16 unit takes at most 3 bytes, or 6 as an escape: what is longer need not be decoded to be refused.
        if (reader.ValueSpan.Length <= longest * 6L)
        {
            string text;
            try
            {
                text = reader.GetString()!;
            }
            catch (InvalidOperationException)
            {
                errors.Add(pointer, "is not valid Unicode text.");
                return null;
            }

            if (text.Length >= shortest && text.Length <= longest)
            {
                return text;
            }
        }

        errors.Add(pointer, string.Create(CultureInfo.InvariantCulture, $"must be {shortest} to {longest} characters."));
        return null;
    }

    /// <summary>Reads the value that the reader stands on as an id.</summary>
    public static string? IdValue(ref Utf8JsonReader reader, RequestErrors errors, string pointer)
    {
        int before = errors.Count;
        string? id = TextValue(ref reader, errors, pointer, EntityId.LongestLength, 0);
        if (id is null || EntityId.IsValid(id))
        {
            return id;
        }

        if (errors.Count == before)
        {
            errors.Add(pointer, $"must be {EntityId.Expected}.");
        }

        return null;
    }

    public static void WrongType(ref Utf8JsonReader reader, RequestErrors errors, string pointer, string expected)
    {
        string found = reader.TokenType switch
        {
            JsonTokenType.String => "a string",
            JsonTokenType.Number => "a number",
            JsonTokenType.True or JsonTokenType.False => "a boolean",
            JsonTokenType.StartObject => "an object",
            JsonTokenType.StartArray => "an array",
            _ => "null",
        };
        errors.Add(pointer, $"must be {expected}, not {found}.");
        reader.Skip();
    }

    private delegate string? ItemReader(ref Utf8JsonReader reader, RequestErrors errors, string pointer);

    private static ImmutableArray<string>? Array(ref Utf8JsonReader reader, RequestErrors errors, string pointer, int most, ItemReader item)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            WrongType(ref reader, errors, pointer, "an array");
            return null;
        }

        ImmutableArray<string>.Builder items = ImmutableArray.CreateBuilder<string>();
        int index = 0;
        for (; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
        {
            if (index >= most)
            {
                reader.Skip();
                continue;
            }

            string at = string.Create(CultureInfo.InvariantCulture, $"{pointer}/{index}");
            if (reader.TokenType == JsonTokenType.Null)
            {
                errors.Add(at, "must not be null.");
            }
            else if (item(ref reader, errors, at) is { } value)
            {
                items.Add(value);
            }
        }

        if (index > most)
        {
            errors.Add(pointer, string.Create(CultureInfo.InvariantCulture, $"must hold at most {most} items, but holds {index}."));
        }

        return items.ToImmutable();
    }
}

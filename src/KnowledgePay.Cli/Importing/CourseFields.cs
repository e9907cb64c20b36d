using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using KnowledgePay.Contracts;
using KnowledgePay.Learning.Files;

namespace KnowledgePay.Cli.Importing;

/// <summary>A value of a course file: JSON, or the text of a CSV field or a default.</summary>
internal readonly struct CourseField
{
    private readonly JsonElement? _json;
    private readonly string? _text;

    public CourseField(JsonElement json) => _json = json.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined ? null : json;

    public CourseField(string text) => _text = text;

    public bool IsMissing => _json is null && _text is null;

    public bool IsObject => _json is { ValueKind: JsonValueKind.Object };

    /// <summary>Whether an object holds something other than null under a name.</summary>
    public bool Has(string name) => _json is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>A scalar as text; the first element of an array; null when there is nothing.</summary>
    public string? Text() => _json is { } json
        ? json.ValueKind == JsonValueKind.Array ? json.EnumerateArray().Select(Scalar).FirstOrDefault(text => text.Length > 0) : Scalar(json)
        : _text;

    /// <summary>An array as it is; a scalar as its one element; CSV text cut at <c>;</c> and <c>|</c>. Without empty and repeated texts.</summary>
    public ImmutableArray<string> Texts()
    {
        IEnumerable<string> texts = _json is { } json
            ? json.ValueKind == JsonValueKind.Array ? json.EnumerateArray().Select(Scalar) : [Scalar(json)]
            : _text!.Split([';', '|']);
        return [.. texts.Select(text => text.Trim()).Where(text => text.Length > 0).Distinct()];
    }

    /// <summary><c>{"currency":…,"minorUnits":…}</c> or <c>CNY:9900</c>.</summary>
    public Money? Money()
    {
        if (_json is { ValueKind: JsonValueKind.Object } json)
        {
            return json.TryGetProperty("currency", out JsonElement currency) && currency.ValueKind == JsonValueKind.String
                && json.TryGetProperty("minorUnits", out JsonElement minor) && minor.ValueKind == JsonValueKind.Number && minor.TryGetInt64(out long units)
                ? Valid(currency.GetString()!, units)
                : null;
        }

        string[] parts = (Text() ?? "").Split(':');
        return parts.Length == 2 && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out long written) ? Valid(parts[0], written) : null;
    }

    public int? WholeNumber() => int.TryParse(Text(), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    public DateTimeOffset? Time() => Timestamps.TryParse(Text() ?? "", out DateTimeOffset time) ? time : null;

    /// <summary>Finite numbers, or null when it is no array of them.</summary>
    public ImmutableArray<float>? Vector(string name)
    {
        if (_json is not { ValueKind: JsonValueKind.Object } json || !json.TryGetProperty(name, out JsonElement array) || array.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var vector = ImmutableArray.CreateBuilder<float>(array.GetArrayLength());
        foreach (JsonElement element in array.EnumerateArray())
        {
            if (element.ValueKind != JsonValueKind.Number || !element.TryGetSingle(out float value) || !float.IsFinite(value))
            {
                return null;
            }

            vector.Add(value);
        }

        return vector.MoveToImmutable();
    }

    private static Money? Valid(string currency, long units)
    {
        var money = new Money(currency, units);
        return money.IsValidPrice ? money : null;
    }

    private static string Scalar(JsonElement json) => json.ValueKind == JsonValueKind.String ? json.GetString()! : json.ValueKind == JsonValueKind.Null ? "" : json.GetRawText();
}

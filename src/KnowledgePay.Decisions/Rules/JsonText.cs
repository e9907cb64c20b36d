using System.Text.Json;

namespace KnowledgePay.Decisions.Rules;

/// <summary>Wording of errors about JSON.</summary>
internal static class JsonText
{
    private const int LongestQuoted = 64;

    /// <summary>A JSON pointer one step further (RFC 6901 escapes).</summary>
    public static string Append(string pointer, string name) =>
        $"{pointer}/{Shorten(name).Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";

    public static string Shorten(string text) => text.Length <= LongestQuoted ? text : string.Concat(text.AsSpan(0, LongestQuoted), "…");

    public static string KindOf(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => element.GetArrayLength() == 0 ? "an empty list" : "a list",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "true or false",
        _ => "null",
    };
}

using System.Globalization;
using KnowledgePay.Learning.Files;

namespace KnowledgePay.Cli.CommandLine;

/// <summary>Durations as people write them: <c>500ms</c>, <c>20s</c>, <c>5m</c>, <c>1h</c>; a bare number is seconds.</summary>
internal static class Durations
{
    public const string Expected = "a duration such as 500ms, 20s, 5m or 1h";

    public static TimeSpan Parse(string name, string text)
    {
        (string number, double unitMs) = text switch
        {
            _ when text.EndsWith("ms", StringComparison.Ordinal) => (text[..^2], 1.0),
            _ when text.EndsWith('s') => (text[..^1], 1000.0),
            _ when text.EndsWith('m') => (text[..^1], 60_000.0),
            _ when text.EndsWith('h') => (text[..^1], 3_600_000.0),
            _ => (text, 1000.0),
        };
        return double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) && value * unitMs <= 86_400_000
            ? TimeSpan.FromMilliseconds(value * unitMs)
            : throw new InputException($"{name} '{text}': expected {Expected}, at most 24h.");
    }
}

using System.Globalization;

namespace KnowledgePay.Learning.Files;

/// <summary>Times as files have them.</summary>
public static class Timestamps
{
    public const string Expected = "RFC 3339, yyyy-MM-dd, or Unix seconds or milliseconds";

    private static readonly string[] Formats =
    [
        "yyyy-MM-dd", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm:ss.FFFFFFF", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd HH:mm:ssK",
    ];

    /// <summary>A time without a zone is UTC; numbers of twelve digits and more are milliseconds.</summary>
    public static bool TryParse(string text, out DateTimeOffset time)
    {
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number))
        {
            double seconds = number >= 1e11 ? number / 1000 : number;
            bool fits = seconds <= 253_402_300_799;
            time = fits ? DateTimeOffset.UnixEpoch.AddTicks((long)(seconds * TimeSpan.TicksPerSecond)) : default;
            return fits;
        }

        return DateTimeOffset.TryParseExact(text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
    }
}

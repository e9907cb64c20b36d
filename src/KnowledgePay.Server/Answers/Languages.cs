using System.Globalization;
using KnowledgePay.Contracts;

namespace KnowledgePay.Server.Answers;

/// <summary>Which of the engine's languages a caller would rather read.</summary>
public static class Languages
{
    private const int LongestHeader = 1_000;

    /// <summary>The language with the highest weight in <c>Accept-Language</c> among Chinese and English; English when neither is asked for.</summary>
    public static SpokenLanguage Of(HttpRequest request)
    {
        string? header = request.Headers.AcceptLanguage;
        return string.IsNullOrEmpty(header) ? SpokenLanguage.English : Of(header);
    }

    /// <summary>What is past 1,000 characters is not read; a weight that is no number from 0 to 1 counts as 1; <c>*</c> stands for whichever is not named.</summary>
    public static SpokenLanguage Of(ReadOnlySpan<char> header)
    {
        double chinese = -1, english = -1, others = 0;
        if (header.Length > LongestHeader)
        {
            header = header[..LongestHeader];
        }

        foreach (Range range in header.Split(','))
        {
            ReadOnlySpan<char> item = header[range].Trim();
            double weight = 1;
            int parameter = item.IndexOf(';');
            if (parameter >= 0)
            {
                weight = WeightOf(item[(parameter + 1)..].Trim());
                item = item[..parameter].Trim();
            }

            if (Is(item, "zh")) chinese = Math.Max(chinese, weight);
            else if (Is(item, "en")) english = Math.Max(english, weight);
            else if (item is "*") others = Math.Max(others, weight);
        }

        // What is refused (a weight of 0) stands behind what is not named.
        double forChinese = chinese >= 0 ? chinese : others, forEnglish = english >= 0 ? english : others;
        return forChinese > forEnglish || (forChinese == forEnglish && english == 0 && chinese != 0) ? SpokenLanguage.Chinese : SpokenLanguage.English;
    }

    private static double WeightOf(ReadOnlySpan<char> parameter) =>
        parameter.StartsWith("q=", StringComparison.OrdinalIgnoreCase)
        && double.TryParse(parameter[2..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double weight) && weight is >= 0 and <= 1
            ? weight
            : 1;

    /// <summary>As <c>Content-Language</c> says it.</summary>
    public static string Tag(SpokenLanguage language) => language == SpokenLanguage.Chinese ? "zh" : "en";

    private static bool Is(ReadOnlySpan<char> item, string primary) =>
        item.StartsWith(primary, StringComparison.OrdinalIgnoreCase) && (item.Length == primary.Length || item[primary.Length] == '-');
}

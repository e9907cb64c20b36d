using System.Globalization;
using KnowledgePay.Contracts;

namespace KnowledgePay.Server.Answers;

/// <summary>Which of the engine's languages a caller would rather read.</summary>
public static class Languages
{
    /// <summary>The language with the highest weight in <c>Accept-Language</c> among Chinese and English; English when neither is asked for.</summary>
    public static SpokenLanguage Of(HttpRequest request)
    {
        string? header = request.Headers.AcceptLanguage;
        return string.IsNullOrEmpty(header) ? SpokenLanguage.English : Of(header);
    }

    public static SpokenLanguage Of(ReadOnlySpan<char> header)
    {
        double chinese = 0, english = 0;
        if (header.Length > 1_000)
        {
            header = header[..1_000];
        }

        foreach (Range range in header.Split(','))
        {
            ReadOnlySpan<char> item = header[range].Trim();
            double weight = 1;
            int parameter = item.IndexOf(';');
            if (parameter >= 0)
            {
                ReadOnlySpan<char> q = item[(parameter + 1)..].Trim();
                if (q.StartsWith("q=") && double.TryParse(q[2..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double given))
                {
                    weight = given;
                }

                item = item[..parameter].Trim();
            }

            if (Is(item, "zh")) chinese = Math.Max(chinese, weight);
            else if (Is(item, "en")) english = Math.Max(english, weight);
        }

        return chinese > english ? SpokenLanguage.Chinese : SpokenLanguage.English;
    }

    /// <summary>As <c>Content-Language</c> says it.</summary>
    public static string Tag(SpokenLanguage language) => language == SpokenLanguage.Chinese ? "zh" : "en";

    private static bool Is(ReadOnlySpan<char> item, string primary) =>
        item.StartsWith(primary, StringComparison.OrdinalIgnoreCase) && (item.Length == primary.Length || item[primary.Length] == '-');
}

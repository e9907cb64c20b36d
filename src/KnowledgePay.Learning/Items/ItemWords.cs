using System.Globalization;

namespace KnowledgePay.Learning.Items;

/// <summary>Splits texts into features: words where they are written with spaces, pairs of characters in Han, kana and hangul.</summary>
internal static class ItemWords
{
    /// <summary>Characters of a text that are read.</summary>
    public const int CharactersRead = 4000;

    private const int LongestWord = 40;

    public static IEnumerable<string> Of(string text)
    {
        int end = Math.Min(text.Length, CharactersRead), start = -1;
        for (int k = 0; k <= end; k++)
        {
            char c = k < end ? text[k] : ' ';
            bool ideograph = IsIdeograph(c), word = !ideograph && (char.IsLetterOrDigit(c) || c == '\'');
            if (!word && start >= 0)
            {
                if (k - start is > 1 and <= LongestWord)
                {
                    yield return text[start..k].ToLower(CultureInfo.InvariantCulture);
                }

                start = -1;
            }

            if (word && start < 0)
            {
                start = k;
            }

            if (ideograph && k + 1 < end && IsIdeograph(text[k + 1]))
            {
                yield return text.Substring(k, 2);
            }
        }
    }

    private static bool IsIdeograph(char c) => c is (>= '\u4E00' and <= '\u9FFF') or (>= '\u3400' and <= '\u4DBF') or (>= '\u3040' and <= '\u30FF') or (>= '\uAC00' and <= '\uD7AF');
}

using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using KnowledgePay.Contracts;

namespace KnowledgePay.Decisions.Reasons;

/// <summary>Says a reason in a person's language.</summary>
public static class ReasonTexts
{
    private static readonly FrozenDictionary<string, ReasonSentence> ByCode =
        ReasonSentences.All.ToFrozenDictionary(s => s.Code, StringComparer.Ordinal);

    /// <summary>Every code that has a sentence, in ordinal order.</summary>
    public static ImmutableArray<string> Codes { get; } = [.. ByCode.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The sentence with its arguments put in. A code that has none is given as it is, its arguments behind a colon.</summary>
    /// <remarks>Arguments are put in as they are: whoever writes them into HTML escapes them there. A sentence that misses an argument is said in its shorter form.</remarks>
    public static string Render(Reason reason, SpokenLanguage language)
    {
        ImmutableArray<string> args = reason.Args.IsDefault ? [] : reason.Args;
        bool chinese = language == SpokenLanguage.Chinese;
        if (!ByCode.TryGetValue(reason.Code, out ReasonSentence? sentence))
        {
            return args.IsEmpty ? reason.Code : reason.Code + (chinese ? "：" : ": ") + string.Join(chinese ? "、" : ", ", args);
        }

        string text = chinese ? sentence.Chinese : sentence.English;
        string? bare = chinese ? sentence.ChineseBare : sentence.EnglishBare;
        return bare is null ? text : Fill(text, args) ?? bare;
    }

    /// <summary>Null when an argument is missing.</summary>
    private static string? Fill(string text, ImmutableArray<string> args)
    {
        var filled = new System.Text.StringBuilder(text.Length + 32);
        int from = 0;
        for (int open = text.IndexOf('{'); open >= 0; open = text.IndexOf('{', from))
        {
            int close = text.IndexOf('}', open);
            int index = int.Parse(text.AsSpan(open + 1, close - open - 1), NumberStyles.None, CultureInfo.InvariantCulture);
            if (index >= args.Length)
            {
                return null;
            }

            filled.Append(text, from, open - from).Append(args[index]);
            from = close + 1;
        }

        return filled.Append(text, from, text.Length - from).ToString();
    }
}

using System.Collections.Frozen;

namespace KnowledgePay.Decisions.Sentiment;

/// <summary>Scores the sentiment of Chinese, English and mixed text by its words: no model, no allocation, time in proportion to the length.</summary>
/// <remarks>
/// Each word of the lists counts +2, +1, −1 or −2. Within one clause a negation before it turns it round at three quarters of its strength, an intensifier
/// counts half as much more and a softener half as much; after a contrast ("but", 但是) the rest of the sentence counts half as much more and what stood before
/// it as it did. The sum s becomes s ⁄ √(s² + 4), which never leaves −1 to 1 (the normalisation of Hutto and Gilbert, VADER, ICWSM 2014, with a smaller constant
/// since comments are short). A stand-in until a trained model is promoted.
/// </remarks>
public static class SentimentLexicon
{
    private const int LongestChinese = 5;
    private const int LongestEnglish = 20;

    /// <summary>Words (English) and places (Chinese) through which a negation or an intensifier reaches.</summary>
    private const int Reach = 3;
    private const float Alpha = 4;

    private enum Role : byte
    {
        Sentiment,
        Negator,
        Intensifier,
        Softener,
        Contrast,
    }

    private readonly record struct Entry(Role Role, float Value);

    private static readonly FrozenDictionary<string, Entry> English = Build(
        EnglishWords.StronglyGood, EnglishWords.Good, EnglishWords.StronglyBad, EnglishWords.Bad,
        EnglishWords.Negators, EnglishWords.Intensifiers, EnglishWords.Softeners, EnglishWords.Contrasts);

    private static readonly FrozenDictionary<string, Entry> Chinese = Build(
        ChineseWords.StronglyGood, ChineseWords.Good, ChineseWords.StronglyBad, ChineseWords.Bad,
        ChineseWords.Negators, ChineseWords.Intensifiers, ChineseWords.Softeners, ChineseWords.Contrasts);

    private static readonly FrozenDictionary<string, Entry>.AlternateLookup<ReadOnlySpan<char>> EnglishBySpan = English.GetAlternateLookup<ReadOnlySpan<char>>();
    private static readonly FrozenDictionary<string, Entry>.AlternateLookup<ReadOnlySpan<char>> ChineseBySpan = Chinese.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Length of the longest word that starts with a character, by code unit from U+4E00; 0 for none.</summary>
    private static readonly byte[] LongestFrom = LongestByFirst();

    /// <summary>Entries that carry sentiment, Chinese and English.</summary>
    public static (int Chinese, int English) Size =>
        (Chinese.Values.Count(e => e.Role == Role.Sentiment), English.Values.Count(e => e.Role == Role.Sentiment));

    /// <summary>−1 (bad) to 1 (good); 0 when nothing in the text says either.</summary>
    public static float Score(ReadOnlySpan<char> text)
    {
        var clause = new Clause();
        int i = 0;
        while (i < text.Length)
        {
            char c = text[i];
            if (char.IsAsciiLetter(c))
            {
                int end = i + 1;
                while (end < text.Length && (char.IsAsciiLetter(text[end]) || (text[end] is '\'' or '’' or '-' && end + 1 < text.Length && char.IsAsciiLetter(text[end + 1]))))
                {
                    end++;
                }

                clause.Step();
                if (end - i <= LongestEnglish && TryEnglish(text[i..end], out Entry word))
                {
                    clause.Take(word);
                }

                i = end;
            }
            else if (c is >= '\u4E00' and <= '\u9FFF')
            {
                int length = MatchChinese(text[i..], out Entry word);
                clause.Step();
                if (length > 0)
                {
                    clause.Take(word);
                }

                i += Math.Max(1, length);
            }
            else
            {
                clause.Mark(c);
                i++;
            }
        }

        float sum = clause.Sum;
        return sum / MathF.Sqrt((sum * sum) + Alpha);
    }

    private static bool TryEnglish(ReadOnlySpan<char> word, out Entry entry)
    {
        if (!word.Contains('’'))
        {
            return EnglishBySpan.TryGetValue(word, out entry);
        }

        Span<char> straight = stackalloc char[LongestEnglish];
        word.Replace(straight, '’', '\'');
        return EnglishBySpan.TryGetValue(straight[..word.Length], out entry);
    }

    private static int MatchChinese(ReadOnlySpan<char> text, out Entry entry)
    {
        for (int length = Math.Min(LongestFrom[text[0] - 0x4E00], text.Length); length > 0; length--)
        {
            if (ChineseBySpan.TryGetValue(text[..length], out entry))
            {
                return length;
            }
        }

        entry = default;
        return 0;
    }

    private static FrozenDictionary<string, Entry> Build(
        string stronglyGood, string good, string stronglyBad, string bad, string negators, string intensifiers, string softeners, string contrasts)
    {
        var entries = new Dictionary<string, Entry>(StringComparer.OrdinalIgnoreCase);
        Put(good, new Entry(Role.Sentiment, 1));
        Put(bad, new Entry(Role.Sentiment, -1));
        Put(stronglyGood, new Entry(Role.Sentiment, 2));
        Put(stronglyBad, new Entry(Role.Sentiment, -2));
        Put(negators, new Entry(Role.Negator, -0.75f));
        Put(intensifiers, new Entry(Role.Intensifier, 1.5f));
        Put(softeners, new Entry(Role.Softener, 0.5f));
        Put(contrasts, new Entry(Role.Contrast, 1.5f));
        return entries.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

        void Put(string words, Entry entry)
        {
            foreach (string word in words.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                entries[word] = entry;
            }
        }
    }

    private static byte[] LongestByFirst()
    {
        byte[] longest = new byte[0x9FFF - 0x4E00 + 1];
        foreach (string word in Chinese.Keys)
        {
            ref byte known = ref longest[word[0] - 0x4E00];
            known = Math.Max(known, (byte)Math.Min(word.Length, LongestChinese));
        }

        return longest;
    }

    /// <summary>What the words so far do to the next.</summary>
    private struct Clause
    {
        private float _factor;
        private int _left;
        private float _contrast;

        public Clause()
        {
            _factor = 1;
            _contrast = 1;
        }

        public float Sum { get; private set; }

        public void Step()
        {
            if (_left-- <= 0)
            {
                _factor = 1;
            }
        }

        public void Take(in Entry word)
        {
            switch (word.Role)
            {
                case Role.Sentiment:
                    Sum += word.Value * _factor * _contrast;
                    break;
                case Role.Contrast:
                    _contrast = word.Value;
                    _factor = 1;
                    break;
                default:
                    _factor = Math.Clamp(_factor * word.Value, -2f, 2f);
                    _left = Reach;
                    break;
            }
        }

        public void Mark(char c)
        {
            if (c is ',' or '，' or ';' or '；' or '、' or '：' or ':')
            {
                _factor = 1;
            }
            else if (c is '.' or '。' or '!' or '！' or '?' or '？' or '\n')
            {
                _factor = 1;
                _contrast = 1;
            }
        }
    }
}

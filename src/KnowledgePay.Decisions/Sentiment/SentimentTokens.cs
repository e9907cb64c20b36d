namespace KnowledgePay.Decisions.Sentiment;

/// <summary>What a text is read as: hashed n-grams over tokens. A token is a CJK character, a word of other letters, a number or a mark.</summary>
/// <remarks>
/// So Chinese is read by characters and English by words, and a mixed text by both. Letters are lowered, full-width forms narrowed, digits of a
/// number taken as one token, runs of the same mark taken as one, or as two when longer. Besides n-grams, a word of five letters or more gives its stem of
/// four letters, and each of the <see cref="Reach"/> tokens after a negation gives a token that says so. Everything is a function of the characters:
/// training and scoring share this code.
/// </remarks>
public static class SentimentTokens
{
    /// <summary>Characters of a text that are read; what follows is not.</summary>
    public const int LongestText = 4_096;

    /// <summary>Longest n-grams that <see cref="Hash"/> makes.</summary>
    public const int LongestGram = 4;

    /// <summary>Features that a text can have at most.</summary>
    public const int MostFeatures = LongestText * (LongestGram + 2);

    /// <summary>Tokens that a negation reaches in its clause.</summary>
    private const int Reach = 3;

    private const ulong Prime = 0x9E3779B97F4A7C15;
    private const ulong NegatedSalt = 0xD6E8FEB86659FD93;
    private const ulong StemSalt = 0xA0761D6478BD642F;

    /// <summary>Writes the hashes of the features, repeats included, in the order of the text; returns how many.</summary>
    /// <param name="longestGram">1 to <see cref="LongestGram"/>.</param>
    /// <param name="hashes">Room for <c>text.Length * (LongestGram + 2)</c>.</param>
    public static int Hash(ReadOnlySpan<char> text, int longestGram, Span<ulong> hashes)
    {
        if (text.Length > LongestText)
        {
            text = text[..LongestText];
        }

        int count = 0;
        ulong last1 = 0;
        ulong last2 = 0;
        ulong last3 = 0;
        int before = 0;
        int negated = 0;
        int i = 0;
        while (i < text.Length)
        {
            ulong token = Next(text, ref i, out TokenKind kind, out ulong stem);
            if (kind == TokenKind.None)
            {
                continue;
            }

            hashes[count++] = Mix(token);
            if (stem != 0)
            {
                hashes[count++] = Mix(stem ^ StemSalt);
            }

            if (before >= 1 && longestGram >= 2)
            {
                hashes[count++] = Mix((last1 * Prime) + token);
            }

            if (before >= 2 && longestGram >= 3)
            {
                hashes[count++] = Mix((((last2 * Prime) + last1) * Prime) + token);
            }

            if (before >= 3 && longestGram >= 4)
            {
                hashes[count++] = Mix((((((last3 * Prime) + last2) * Prime) + last1) * Prime) + token);
            }

            if (kind == TokenKind.Mark)
            {
                negated = 0;
            }
            else if (negated > 0)
            {
                hashes[count++] = Mix(token ^ NegatedSalt);
                negated--;
            }

            if (kind == TokenKind.Negation)
            {
                negated = Reach;
            }

            (last3, last2, last1) = (last2, last1, token);
            before++;
        }

        return count;
    }

    private enum TokenKind
    {
        None,
        Word,
        Mark,
        Negation,
    }

    private static ulong Next(ReadOnlySpan<char> text, ref int i, out TokenKind kind, out ulong stem)
    {
        stem = 0;
        char c = Fold(text[i++]);
        if (c is >= '\u3400' and <= '\u9FFF')
        {
            kind = c is '不' or '没' or '未' or '别' or '无' or '莫' ? TokenKind.Negation : TokenKind.Word;
            return Token(c, 1);
        }

        if (char.IsAsciiDigit(c))
        {
            while (i < text.Length && (char.IsAsciiDigit(Fold(text[i])) || text[i] is '.' && i + 1 < text.Length && char.IsAsciiDigit(text[i + 1])))
            {
                i++;
            }

            kind = TokenKind.Word;
            return Token('0', 2);
        }

        if (char.IsLetter(c))
        {
            int start = i - 1;
            ulong hash = Token(c, 3);
            int length = 1;
            while (i < text.Length && IsInWord(text, i))
            {
                char next = Fold(text[i++]);
                hash = (hash ^ next) * Prime;
                if (++length == 4)
                {
                    stem = hash;
                }
            }

            stem = length >= 5 ? stem : 0;
            kind = IsNegation(text[start..i]) ? TokenKind.Negation : TokenKind.Word;
            return hash;
        }

        if (char.IsWhiteSpace(c) || char.IsControl(c))
        {
            kind = TokenKind.None;
            return 0;
        }

        int run = 1;
        while (i < text.Length && Fold(text[i]) == c)
        {
            i++;
            run++;
        }

        kind = TokenKind.Mark;
        return Token(c, run > 1 ? 5UL : 4UL);
    }

    private static bool IsInWord(ReadOnlySpan<char> text, int i)
    {
        char c = text[i];
        return c is not (>= '\u3400' and <= '\u9FFF')
            && (char.IsLetter(c) || (c is '\'' or '’' && i + 1 < text.Length && char.IsLetter(text[i + 1])));
    }

    private static bool IsNegation(ReadOnlySpan<char> word) =>
        Is(word, "not") || Is(word, "no") || Is(word, "never") || Is(word, "nothing") || Is(word, "without") || Is(word, "hardly") || Is(word, "cannot")
        || (word.Length > 3 && (word[^2] is '\'' or '’') && word[^1] is 't' or 'T' && word[^3] is 'n' or 'N');

    private static bool Is(ReadOnlySpan<char> word, string other) => word.Equals(other, StringComparison.OrdinalIgnoreCase);

    private static char Fold(char c) => c switch
    {
        >= 'A' and <= 'Z' => (char)(c + 32),
        < '\u0080' => c,
        '\u3000' => ' ',
        '’' => '\'',
        >= '\uFF01' and <= '\uFF5E' => Fold((char)(c - 0xFEE0)),
        '。' => '.',
        '、' => ',',
        _ => char.ToLowerInvariant(c),
    };

    private static ulong Token(char c, ulong kind) => (((kind * 0xCBF29CE484222325) ^ c) * Prime) | 1;

    /// <summary>SplitMix64's finaliser (Steele, Lea and Flood 2014).</summary>
    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}

namespace KnowledgePay.Decisions.Catalogue;

/// <summary>Features of a text as hashes: character 2- and 3-grams where it is written in Han, kana or hangul, words and word pairs where it is written with spaces.</summary>
/// <remarks>Counts repeats in a table of its own (at most <see cref="Capacity"/> different features, further ones are dropped), so that their weight can grow as 1 + ln(count). One thread at a time.</remarks>
internal sealed class TextFeatures
{
    private const int Slots = 16384;
    public const int Capacity = Slots / 2;

    private const ulong GramSeed = 0x5851F42D4C957F2DUL;
    private const ulong WordSeed = 0x14057B7EF767814FUL;
    private const ulong PairSeed = 0x2545F4914F6CDD1DUL;

    private static readonly HashSet<ulong> Ubiquitous = MakeUbiquitous();

    private readonly ulong[] _keys = new ulong[Slots];
    private readonly int[] _counts = new int[Slots];
    private readonly int[] _used = new int[Capacity];
    private int _n;

    /// <summary>Adds the text's features.</summary>
    public void Read(ReadOnlySpan<char> text)
    {
        ulong word = 0, previousWord = 0;
        char one = '\0', two = '\0';
        foreach (char raw in text)
        {
            char c = char.ToLowerInvariant(raw);
            if (IsIdeographic(c))
            {
                EndWord(ref word, ref previousWord);
                previousWord = 0;
                if (two != '\0')
                {
                    Count(HashProjection.Mix(GramSeed ^ ((ulong)two << 16) ^ c));
                    if (one != '\0')
                    {
                        Count(HashProjection.Mix(GramSeed ^ ((ulong)one << 32) ^ ((ulong)two << 16) ^ c));
                    }
                }

                one = two;
                two = c;
                continue;
            }

            one = two = '\0';
            if (char.IsLetterOrDigit(c) || c is '+' or '#')
            {
                word = HashProjection.Mix((word == 0 ? WordSeed : word) ^ c);
            }
            else
            {
                EndWord(ref word, ref previousWord);
                if (!char.IsWhiteSpace(c) && c != '-' && c != '\'')
                {
                    previousWord = 0;
                }
            }
        }

        EndWord(ref word, ref previousWord);
    }

    /// <summary>Adds Σ (1 + ln count) · row(feature) to the sum and forgets the features.</summary>
    public void Project(Span<float> sum)
    {
        for (int i = 0; i < _n; i++)
        {
            int slot = _used[i];
            HashProjection.Add(sum, _keys[slot], 1f + MathF.Log(_counts[slot]));
            _keys[slot] = 0;
            _counts[slot] = 0;
        }

        _n = 0;
    }

    private void EndWord(ref ulong word, ref ulong previous)
    {
        if (word == 0)
        {
            return;
        }

        Count(word);
        if (previous != 0)
        {
            Count(HashProjection.Mix(previous ^ (word * PairSeed)));
        }

        previous = word;
        word = 0;
    }

    private void Count(ulong feature)
    {
        if (feature == 0 || Ubiquitous.Contains(feature))
        {
            return;
        }

        int at = (int)(feature >> 32) & (Slots - 1);
        while (_keys[at] != feature)
        {
            if (_keys[at] == 0)
            {
                if (_n == Capacity)
                {
                    return;
                }

                _keys[at] = feature;
                _used[_n++] = at;
                break;
            }

            at = (at + 1) & (Slots - 1);
        }

        _counts[at]++;
    }

    private static bool IsIdeographic(char c) =>
        c is (>= '\u3400' and <= '\u9FFF') or (>= '\u3040' and <= '\u30FF') or (>= '\uAC00' and <= '\uD7AF') or (>= '\uF900' and <= '\uFAFF')
        || char.IsSurrogate(c);

    /// <summary>What nearly every course says of itself tells none from another.</summary>
    private static HashSet<ulong> MakeUbiquitous()
    {
        string[] grams =
        [
            "课程", "本课", "本课程", "学习", "我们", "一个", "以及", "通过", "进行", "可以", "能够", "掌握", "了解", "主要", "内容", "教学", "知识", "相关", "具有",
            "大学", "学生", "同学", "基本", "基础", "方法", "理论", "应用", "介绍", "理解", "问题", "方面", "培养", "能力", "专业", "重要", "不同", "这些", "如何", "什么", "的基", "的基本", "和应",
        ];
        string[] words =
        [
            "the", "a", "an", "of", "and", "to", "in", "for", "is", "are", "you", "your", "this", "that", "with", "will", "on", "we", "be", "as", "by", "or", "it", "from",
            "course", "courses", "learn", "learning", "students", "can", "how", "what", "our", "about", "at", "have",
        ];
        var features = new HashSet<ulong>();
        foreach (string gram in grams)
        {
            ulong hash = GramSeed;
            for (int i = 0; i < gram.Length; i++)
            {
                hash ^= (ulong)gram[i] << (16 * (gram.Length - 1 - i));
            }

            features.Add(HashProjection.Mix(hash));
        }

        foreach (string word in words)
        {
            ulong hash = WordSeed;
            foreach (char c in word)
            {
                hash = HashProjection.Mix(hash ^ c);
            }

            features.Add(hash);
        }

        return features;
    }
}

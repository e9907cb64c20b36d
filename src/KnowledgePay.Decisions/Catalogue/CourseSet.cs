using System.Numerics;

namespace KnowledgePay.Decisions.Catalogue;

/// <summary>A set of courses by ordinal: one bit a course, so that a ranking asks for a candidate in a nanosecond.</summary>
public sealed class CourseSet
{
    public static readonly CourseSet Empty = new([]);

    private readonly ulong[] _words;

    private CourseSet(ulong[] words)
    {
        _words = words;
        int count = 0;
        foreach (ulong word in words)
        {
            count += BitOperations.PopCount(word);
        }

        Count = count;
    }

    public int Count { get; }

    /// <summary>False for an ordinal that the set was made without.</summary>
    public bool Contains(int ordinal) => (uint)(ordinal >> 6) < (uint)_words.Length && (_words[ordinal >> 6] >> ordinal & 1) != 0;

    /// <summary>The set as it is once the given courses are looked at anew.</summary>
    public CourseSet With(int courses, IEnumerable<int> changed, Func<int, bool> holds)
    {
        ulong[] words = new ulong[(courses + 63) >> 6];
        _words.AsSpan(0, Math.Min(_words.Length, words.Length)).CopyTo(words);
        foreach (int ordinal in changed)
        {
            ulong bit = 1UL << ordinal;
            words[ordinal >> 6] = holds(ordinal) ? words[ordinal >> 6] | bit : words[ordinal >> 6] & ~bit;
        }

        return new CourseSet(words);
    }

    /// <summary>The lowest member that is at least <paramref name="from"/>, −1 when there is none.</summary>
    public int Next(int from)
    {
        int word = from >> 6;
        if ((uint)word >= (uint)_words.Length)
        {
            return -1;
        }

        ulong left = _words[word] & (ulong.MaxValue << from);
        while (left == 0)
        {
            if (++word == _words.Length)
            {
                return -1;
            }

            left = _words[word];
        }

        return (word << 6) + BitOperations.TrailingZeroCount(left);
    }

    /// <summary>The highest member below <paramref name="end"/>, −1 when there is none.</summary>
    public int Before(int end)
    {
        int last = Math.Min(end, _words.Length << 6) - 1;
        if (last < 0)
        {
            return -1;
        }

        int word = last >> 6;
        ulong left = _words[word] & (ulong.MaxValue >> (63 - (last & 63)));
        while (left == 0)
        {
            if (--word < 0)
            {
                return -1;
            }

            left = _words[word];
        }

        return (word << 6) + 63 - BitOperations.LeadingZeroCount(left);
    }
}

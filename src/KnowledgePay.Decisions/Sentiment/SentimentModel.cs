using System.Buffers;
using System.Numerics;

namespace KnowledgePay.Decisions.Sentiment;

/// <summary>A trained linear model of sentiment: the probability that a comment is positive, in microseconds and without allocation.</summary>
/// <remarks>
/// A text is the set of its hashed features (<see cref="SentimentTokens"/>), each with a scale that training chose, divided by the length of that vector; the
/// lexicon's score is one feature more. The margin m = w·x + b becomes σ(slope·m + offset) (Platt scaling as fitted by Lin, Lin and Weng 2007). A bucket that training did not see often enough has
/// scale 0 and does not count.
/// </remarks>
public sealed class SentimentModel
{
    private const int LargestOnStack = 1_024;

    private readonly (float Weight, float Scale)[] _buckets;
    private readonly int _shift;

    /// <param name="buckets">A power of two: for each bucket, the weight times the scale, and the scale.</param>
    public SentimentModel(int longestGram, (float Weight, float Scale)[] buckets, float lexiconWeight, float bias, double slope, double offset)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(longestGram, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(longestGram, SentimentTokens.LongestGram);
        if (buckets.Length < 2 || !BitOperations.IsPow2(buckets.Length))
        {
            throw new ArgumentException("The number of buckets must be a power of two.", nameof(buckets));
        }

        LongestGram = longestGram;
        _buckets = buckets;
        _shift = 64 - BitOperations.Log2((uint)buckets.Length);
        (LexiconWeight, Bias, Slope, Offset) = (lexiconWeight, bias, slope, offset);
    }

    public int LongestGram { get; }

    public ReadOnlySpan<(float Weight, float Scale)> Buckets => _buckets;

    public float LexiconWeight { get; }

    public float Bias { get; }

    /// <summary>Of the calibration.</summary>
    public double Slope { get; }

    /// <summary>Of the calibration.</summary>
    public double Offset { get; }

    /// <summary>Probability that the text is positive, 0 to 1.</summary>
    public double Probability(ReadOnlySpan<char> text)
    {
        double logit = (Slope * Margin(text)) + Offset;
        return 1 / (1 + Math.Exp(-logit));
    }

    /// <summary>−1 (bad) to 1 (good): twice the probability less one, the scale of <see cref="SentimentLexicon.Score"/>.</summary>
    public float Score(ReadOnlySpan<char> text) => (float)((2 * Probability(text)) - 1);

    /// <summary>The linear model's answer before calibration.</summary>
    public double Margin(ReadOnlySpan<char> text)
    {
        if (text.Length > SentimentTokens.LongestText)
        {
            text = text[..SentimentTokens.LongestText];
        }

        int most = text.Length * (SentimentTokens.LongestGram + 2);
        int tableSize = (int)BitOperations.RoundUpToPowerOf2((uint)(most * 2) | 16);
        if (most <= LargestOnStack)
        {
            Span<ulong> hashes = stackalloc ulong[most];
            Span<int> seen = stackalloc int[tableSize];
            return Margin(text, hashes, seen);
        }

        ulong[] rentedHashes = ArrayPool<ulong>.Shared.Rent(most);
        int[] rentedSeen = ArrayPool<int>.Shared.Rent(tableSize);
        try
        {
            return Margin(text, rentedHashes, rentedSeen.AsSpan(0, tableSize));
        }
        finally
        {
            ArrayPool<ulong>.Shared.Return(rentedHashes);
            ArrayPool<int>.Shared.Return(rentedSeen);
        }
    }

    private double Margin(ReadOnlySpan<char> text, Span<ulong> hashes, Span<int> seen)
    {
        int count = SentimentTokens.Hash(text, LongestGram, hashes);
        seen.Clear();
        int mask = seen.Length - 1;
        double sum = 0;
        double squares = 0;
        foreach (ulong hash in hashes[..count])
        {
            int bucket = (int)(hash >> _shift);
            (float weight, float scale) = _buckets[bucket];
            if (scale == 0 || !Add(seen, mask, bucket + 1))
            {
                continue;
            }

            sum += weight;
            squares += (double)scale * scale;
        }

        return (squares > 0 ? sum / Math.Sqrt(squares) : 0) + (LexiconWeight * SentimentLexicon.Score(text)) + Bias;
    }

    private static bool Add(Span<int> seen, int mask, int key)
    {
        int at = (int)((uint)key * 2_654_435_769u >> 7) & mask;
        while (seen[at] != 0)
        {
            if (seen[at] == key)
            {
                return false;
            }

            at = (at + 1) & mask;
        }

        seen[at] = key;
        return true;
    }
}

using System.Buffers;
using System.Numerics;

namespace KnowledgePay.Decisions.Sentiment;

/// <summary>What a hashed feature counts: weights are times their scale, and times the part of their weighting in the whole.</summary>
/// <param name="FrequencyWeight">Under inverse document frequency.</param>
/// <param name="FrequencyScale">Inverse document frequency; 0 for a feature that training did not see often enough.</param>
/// <param name="RatioWeight">Under the log-ratio of positive and negative texts (Wang and Manning, ACL 2012).</param>
/// <param name="RatioScale">The log-ratio.</param>
public readonly record struct SentimentBucket(float FrequencyWeight, float FrequencyScale, float RatioWeight, float RatioScale);

/// <summary>A trained linear model of sentiment: the probability that a comment is positive, in microseconds and without allocation.</summary>
/// <remarks>
/// A text is the set of its hashed features (<see cref="SentimentTokens"/>) under two weightings, each divided by the length of its vector; the lexicon's score is one
/// feature more. The margin m = w·x + b over both becomes σ(slope·m + offset) (Platt scaling as fitted by Lin, Lin and Weng 2007).
/// </remarks>
public sealed class SentimentModel
{
    private const int LargestOnStack = 1_024;

    private readonly SentimentBucket[] _buckets;
    private readonly int _shift;

    /// <param name="buckets">A power of two of them.</param>
    public SentimentModel(int longestGram, SentimentBucket[] buckets, float lexiconWeight, float bias, double slope, double offset)
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

    public ReadOnlySpan<SentimentBucket> Buckets => _buckets;

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
        double frequency = 0;
        double frequencySquares = 0;
        double ratio = 0;
        double ratioSquares = 0;
        foreach (ulong hash in hashes[..count])
        {
            int index = (int)(hash >> _shift);
            ref readonly SentimentBucket bucket = ref _buckets[index];
            if (bucket.FrequencyScale == 0 || !Add(seen, mask, index + 1))
            {
                continue;
            }

            frequency += bucket.FrequencyWeight;
            frequencySquares += (double)bucket.FrequencyScale * bucket.FrequencyScale;
            ratio += bucket.RatioWeight;
            ratioSquares += (double)bucket.RatioScale * bucket.RatioScale;
        }

        return (frequencySquares > 0 ? frequency / Math.Sqrt(frequencySquares) : 0) + (ratioSquares > 0 ? ratio / Math.Sqrt(ratioSquares) : 0)
            + (LexiconWeight * SentimentLexicon.Score(text)) + Bias;
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

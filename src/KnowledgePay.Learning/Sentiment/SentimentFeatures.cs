using System.Numerics;
using KnowledgePay.Decisions.Sentiment;

namespace KnowledgePay.Learning.Sentiment;

/// <summary>How a feature of a text is weighed before the classifier sees it.</summary>
internal enum TextWeighting
{
    /// <summary>Inverse document frequency: rare features count more.</summary>
    InverseDocumentFrequency,

    /// <summary>Log-ratio of a feature's rates in positive and negative texts (Wang and Manning, ACL 2012).</summary>
    NaiveBayesRatio,
}

/// <summary>The texts as sets of hashed features, before any weighing.</summary>
internal sealed class TextBuckets
{
    /// <summary>Buckets that features are hashed to.</summary>
    public const int Buckets = 1 << 20;

    /// <summary>Texts that a feature must be in to count.</summary>
    private const int LeastTexts = 2;

    private readonly int[] _starts;
    private readonly int[] _buckets;
    private readonly float[] _lexicon;

    private TextBuckets(int longestGram, int[] starts, int[] buckets, float[] lexicon) =>
        (LongestGram, _starts, _buckets, _lexicon) = (longestGram, starts, buckets, lexicon);

    public int LongestGram { get; }

    public int Count => _starts.Length - 1;

    public static TextBuckets Of(IReadOnlyList<string> texts, int longestGram)
    {
        int[] starts = new int[texts.Count + 1];
        var buckets = new List<int>(texts.Count * 100);
        float[] lexicon = new float[texts.Count];
        ulong[] hashes = new ulong[SentimentTokens.MostFeatures];
        int shift = 64 - BitOperations.Log2(Buckets);
        var seen = new HashSet<int>();
        for (int t = 0; t < texts.Count; t++)
        {
            seen.Clear();
            int count = SentimentTokens.Hash(texts[t], longestGram, hashes);
            for (int i = 0; i < count; i++)
            {
                int bucket = (int)(hashes[i] >> shift);
                if (seen.Add(bucket))
                {
                    buckets.Add(bucket);
                }
            }

            starts[t + 1] = buckets.Count;
            ReadOnlySpan<char> text = texts[t];
            lexicon[t] = SentimentLexicon.Score(text.Length > SentimentTokens.LongestText ? text[..SentimentTokens.LongestText] : text);
        }

        return new TextBuckets(longestGram, starts, [.. buckets], lexicon);
    }

    /// <summary>Scale by bucket, learned from the given rows; 0 for a bucket that does not count.</summary>
    public float[] Scales(TextWeighting weighting, ReadOnlySpan<bool> positive, ReadOnlySpan<int> use)
    {
        int[] inPositive = new int[Buckets];
        int[] inNegative = new int[Buckets];
        foreach (int row in use)
        {
            int[] counts = positive[row] ? inPositive : inNegative;
            for (int j = _starts[row]; j < _starts[row + 1]; j++)
            {
                counts[_buckets[j]]++;
            }
        }

        double allPositive = 0;
        double allNegative = 0;
        for (int b = 0; b < Buckets; b++)
        {
            if (inPositive[b] + inNegative[b] >= LeastTexts)
            {
                allPositive += inPositive[b] + 1;
                allNegative += inNegative[b] + 1;
            }
        }

        float[] scales = new float[Buckets];
        for (int b = 0; b < Buckets; b++)
        {
            int texts = inPositive[b] + inNegative[b];
            if (texts >= LeastTexts)
            {
                scales[b] = (float)(weighting == TextWeighting.InverseDocumentFrequency
                    ? Math.Log((1.0 + use.Length) / (1 + texts)) + 1
                    : Math.Log((inPositive[b] + 1) / allPositive) - Math.Log((inNegative[b] + 1) / allNegative));
            }
        }

        return scales;
    }

    /// <summary>The weighed rows: unit length, then the lexicon's score and a 1 for the bias. Columns are the buckets that count, made dense.</summary>
    /// <param name="bucketOfColumn">The bucket of each column but the last two.</param>
    public SparseRows Weigh(float[] scales, out int[] bucketOfColumn)
    {
        int[] columnOf = new int[Buckets];
        var used = new List<int>();
        for (int b = 0; b < Buckets; b++)
        {
            columnOf[b] = scales[b] != 0 ? used.Count : -1;
            if (scales[b] != 0)
            {
                used.Add(b);
            }
        }

        bucketOfColumn = [.. used];
        int[] starts = new int[Count + 1];
        int[] columns = new int[_buckets.Length + (2 * Count)];
        float[] values = new float[columns.Length];
        int at = 0;
        for (int row = 0; row < Count; row++)
        {
            double squares = 0;
            int from = at;
            for (int j = _starts[row]; j < _starts[row + 1]; j++)
            {
                int column = columnOf[_buckets[j]];
                if (column >= 0)
                {
                    columns[at] = column;
                    values[at++] = scales[_buckets[j]];
                    squares += (double)scales[_buckets[j]] * scales[_buckets[j]];
                }
            }

            float factor = squares > 0 ? (float)(1 / Math.Sqrt(squares)) : 0;
            for (int j = from; j < at; j++)
            {
                values[j] *= factor;
            }

            (columns[at], values[at]) = (used.Count, _lexicon[row]);
            (columns[at + 1], values[at + 1]) = (used.Count + 1, 1);
            at += 2;
            starts[row + 1] = at;
        }

        return new SparseRows(starts, columns, values, used.Count + 2);
    }
}

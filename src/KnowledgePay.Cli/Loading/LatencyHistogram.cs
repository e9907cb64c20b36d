using System.Numerics;

namespace KnowledgePay.Cli.Loading;

/// <summary>Latencies in logarithmic buckets, each at most 1/64 wide of its value. One writer; merged when it is done.</summary>
/// <remarks>The scheme of HdrHistogram (Tene): a power of two for the range, a linear part for the place in it.</remarks>
internal sealed class LatencyHistogram
{
    private const int LinearBits = 6;
    private const int Linear = 1 << LinearBits;

    private readonly long[] _counts = new long[(64 - LinearBits) << LinearBits];

    public long Count { get; private set; }

    public double MaxMicroseconds { get; private set; }

    public void Record(TimeSpan latency)
    {
        long nanoseconds = Math.Max(0, latency.Ticks) * 100;
        _counts[BucketOf(nanoseconds)]++;
        Count++;
        MaxMicroseconds = Math.Max(MaxMicroseconds, nanoseconds / 1000.0);
    }

    public void Add(LatencyHistogram other)
    {
        for (int i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }

        Count += other.Count;
        MaxMicroseconds = Math.Max(MaxMicroseconds, other.MaxMicroseconds);
    }

    /// <summary>The latency that a share of the requests did not exceed; NaN when there is none.</summary>
    /// <param name="share">0–1, for example 0.99.</param>
    public double Microseconds(double share)
    {
        if (Count == 0)
        {
            return double.NaN;
        }

        long rank = Math.Max(1, (long)Math.Ceiling(share * Count));
        for (int i = 0; i < _counts.Length; i++)
        {
            rank -= _counts[i];
            if (rank <= 0)
            {
                return Math.Min(UpperBound(i) / 1000.0, MaxMicroseconds);
            }
        }

        return MaxMicroseconds;
    }

    private static int BucketOf(long value)
    {
        if (value < Linear)
        {
            return (int)value;
        }

        int power = BitOperations.Log2((ulong)value) - LinearBits;
        return ((power + 1) << LinearBits) + (int)((value >> power) - Linear);
    }

    private static double UpperBound(int bucket)
    {
        int power = (bucket >> LinearBits) - 1;
        return power < 0 ? bucket : (double)(((bucket & (Linear - 1)) + Linear + 1L) << power) - 1;
    }
}

namespace KnowledgePay.Decisions.Projections;

/// <summary>How many people of each region: pairs of a region's number and a count in one word each, by number.</summary>
/// <remarks>Regions are told apart by 255 numbers that a hash gives them, so that the sums are the same in whatever order they come and take no more room however regions are written; two regions may share one.</remarks>
internal static class RegionMix
{
    /// <summary>No region, or one that may not be counted.</summary>
    public const byte None = 0;

    private const int NumberShift = 56;
    private const long CountMask = (1L << NumberShift) - 1;

    /// <summary>The number of a region as people write it, 1 to 255, without regard to case and spaces around it.</summary>
    public static byte NumberOf(string? region) =>
        string.IsNullOrWhiteSpace(region) ? None : (byte)(1 + (Profiles.StableHash.Of(region.Trim().ToUpperInvariant()) % byte.MaxValue));

    /// <summary>Counts so many more.</summary>
    public static void Add(ref long[]? mix, byte region, long count)
    {
        int at = IndexOf(mix, region);
        if (at >= 0)
        {
            mix![at] += count;
            return;
        }

        long[] grown = new long[(mix?.Length ?? 0) + 1];
        mix?.AsSpan(0, ~at).CopyTo(grown);
        grown[~at] = ((long)region << NumberShift) | count;
        mix?.AsSpan(~at).CopyTo(grown.AsSpan(~at + 1));
        mix = grown;
    }

    public static void Merge(ref long[]? mix, long[]? other)
    {
        foreach (long one in other ?? [])
        {
            Add(ref mix, RegionOf(one), CountOf(one));
        }
    }

    /// <summary>People of a region.</summary>
    public static long Of(long[]? mix, byte region) => IndexOf(mix, region) is >= 0 and var at ? CountOf(mix![at]) : 0;

    public static byte RegionOf(long one) => (byte)((ulong)one >> NumberShift);

    public static long CountOf(long one) => one & CountMask;

    private static int IndexOf(long[]? mix, byte region)
    {
        int low = 0, high = (mix?.Length ?? 0) - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2, order = RegionOf(mix![middle]).CompareTo(region);
            if (order == 0)
            {
                return middle;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return ~low;
    }
}

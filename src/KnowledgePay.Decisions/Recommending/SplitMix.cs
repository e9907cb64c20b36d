using KnowledgePay.Decisions.Catalogue;

namespace KnowledgePay.Decisions.Recommending;

/// <summary>SplitMix64 (Steele, Lea and Flood 2014): a seed gives the same numbers everywhere.</summary>
internal struct SplitMix(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        ulong value = HashProjection.Mix(_state);
        _state += 0x9E3779B97F4A7C15UL;
        return value;
    }

    /// <summary>0 to below 1.</summary>
    public double NextUnit() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>0 to below the bound.</summary>
    public int Next(int bound) => (int)(NextUnit() * bound);
}

namespace KnowledgePay.Learning.Simulation;

/// <summary>xoshiro256** (Blackman and Vigna, 2018), seeded by SplitMix64: the same numbers on every machine and runtime.</summary>
internal sealed class SeededRandom
{
    private ulong _s0;
    private ulong _s1;
    private ulong _s2;
    private ulong _s3;

    public SeededRandom(ulong seed)
    {
        _s0 = SplitMix(ref seed);
        _s1 = SplitMix(ref seed);
        _s2 = SplitMix(ref seed);
        _s3 = SplitMix(ref seed);
    }

    /// <summary>A generator of its own for one thing of one kind, so that adding a kind does not move the others.</summary>
    public static SeededRandom For(ulong seed, ulong kind, ulong index)
    {
        ulong mixed = seed;
        _ = SplitMix(ref mixed);
        mixed ^= kind * 0xD6E8FEB86659FD93UL;
        _ = SplitMix(ref mixed);
        mixed ^= index * 0xA0761D6478BD642FUL;
        return new SeededRandom(SplitMix(ref mixed));
    }

    public ulong NextUInt64()
    {
        ulong result = ulong.RotateLeft(_s1 * 5, 7) * 9;
        ulong t = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= t;
        _s3 = ulong.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>Uniform in [0, 1).</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [0, <paramref name="below"/>).</summary>
    public int Next(int below) => (int)Math.BigMul(NextUInt64(), (ulong)below, out _);

    public bool Chance(double probability) => NextDouble() < probability;

    public T Pick<T>(ReadOnlySpan<T> from) => from[Next(from.Length)];

    /// <summary>Puts all in a random order.</summary>
    public void Shuffle<T>(Span<T> all)
    {
        for (int k = all.Length - 1; k > 0; k--)
        {
            int other = Next(k + 1);
            (all[k], all[other]) = (all[other], all[k]);
        }
    }

    /// <summary>Standard normal, by the polar-free Box–Muller form.</summary>
    public double Normal() => Math.Sqrt(-2 * Math.Log(1 - NextDouble())) * Math.Cos(2 * Math.PI * NextDouble());

    /// <summary>Exponential with mean 1.</summary>
    public double Exponential() => -Math.Log(1 - NextDouble());

    private static ulong SplitMix(ref ulong state)
    {
        ulong z = state += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}

using System.Numerics.Tensors;

namespace KnowledgePay.Decisions.Catalogue;

/// <summary>Signed random projection (Achlioptas 2003) whose matrix is a hash: feature h adds ±weight to each of 64 dimensions, the signs being the bits of a mix of h.</summary>
/// <remarks>Nothing is fitted or stored: the same feature has the same row on every machine, today and next year.</remarks>
internal static class HashProjection
{
    private const int Dimensions = CourseVectors.Dimensions;

    /// <summary>Row b: the signs of the 8 bits of b.</summary>
    private static readonly float[] Signs = MakeSigns();

    /// <summary>The finaliser of SplitMix64: spreads every input bit over all 64.</summary>
    public static ulong Mix(ulong x)
    {
        x += 0x9E3779B97F4A7C15UL;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9UL;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EBUL;
        return x ^ (x >> 31);
    }

    /// <summary>Adds a feature's row, times its weight.</summary>
    public static void Add(Span<float> sum, ulong feature, float weight)
    {
        ulong bits = Mix(feature);
        for (int d = 0; d < Dimensions; d += 8)
        {
            ReadOnlySpan<float> signs = Signs.AsSpan((int)(bits & 0xFF) * 8, 8);
            Span<float> part = sum.Slice(d, 8);
            for (int i = 0; i < 8; i++)
            {
                part[i] += signs[i] * weight;
            }

            bits >>= 8;
        }
    }

    /// <summary>Scales to unit length; a vector of (almost) no length becomes zero. Says whether there is one.</summary>
    public static bool Normalise(Span<float> vector)
    {
        float length = TensorPrimitives.Norm<float>(vector);
        if (!(length > 1e-12f) || !float.IsFinite(length))
        {
            vector.Clear();
            return false;
        }

        TensorPrimitives.Divide(vector, length, vector);
        return true;
    }

    private static float[] MakeSigns()
    {
        var signs = new float[256 * 8];
        for (int b = 0; b < 256; b++)
        {
            for (int i = 0; i < 8; i++)
            {
                signs[(b * 8) + i] = (b >> i & 1) == 0 ? -1f : 1f;
            }
        }

        return signs;
    }
}

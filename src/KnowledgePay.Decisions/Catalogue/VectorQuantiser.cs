using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace KnowledgePay.Decisions.Catalogue;

/// <summary>Floats to signed bytes with one scale, the largest magnitude at ±127 (or at a smaller code).</summary>
public static class VectorQuantiser
{
    /// <summary>Writes the codes and returns the scale: <c>vector[d] ≈ codes[d] · scale</c>, off by at most scale / 2. A zero vector has scale 0.</summary>
    /// <exception cref="ArgumentException">The lengths differ, or a value is not finite.</exception>
    /// <param name="largestCode">1–127.</param>
    public static float Quantise(ReadOnlySpan<float> vector, Span<sbyte> codes, int largestCode = 127)
    {
        if (vector.Length != codes.Length)
        {
            throw new ArgumentException($"{vector.Length} floats do not fit {codes.Length} codes.", nameof(codes));
        }

        float largest = 0f;
        foreach (float value in vector)
        {
            if (!float.IsFinite(value))
            {
                throw new ArgumentException($"A vector holds {value}; expected finite numbers.", nameof(vector));
            }

            largest = Math.Max(largest, Math.Abs(value));
        }

        // A subnormal magnitude would make the reciprocal infinite; such a vector is as good as none.
        if (largest < 1e-30f)
        {
            codes.Clear();
            return 0f;
        }

        float scale = largest / largestCode;
        float inverse = largestCode / largest;
        for (int d = 0; d < vector.Length; d++)
        {
            codes[d] = (sbyte)MathF.Round(vector[d] * inverse);
        }

        return scale;
    }

    /// <summary>Writes <c>codes · scale</c>.</summary>
    public static void Restore(ReadOnlySpan<sbyte> codes, float scale, Span<float> vector)
    {
        int d = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            ref sbyte from = ref MemoryMarshal.GetReference(codes);
            ref float to = ref MemoryMarshal.GetReference(vector[..codes.Length]);
            for (; d <= codes.Length - 16; d += 16)
            {
                Vector256<short> shorts = Vector256.WidenLower(Vector128.LoadUnsafe(ref from, (nuint)d).ToVector256Unsafe());
                (Vector256<int> low, Vector256<int> high) = Vector256.Widen(shorts);
                (Vector256.ConvertToSingle(low) * scale).StoreUnsafe(ref to, (nuint)d);
                (Vector256.ConvertToSingle(high) * scale).StoreUnsafe(ref to, (nuint)d + 8);
            }
        }

        for (; d < codes.Length; d++)
        {
            vector[d] = codes[d] * scale;
        }
    }
}

namespace KnowledgePay.Decisions.Catalogue;

/// <summary>Floats to signed bytes with one scale, the largest magnitude at ±127.</summary>
public static class VectorQuantiser
{
    /// <summary>Writes the codes and returns the scale: <c>vector[d] ≈ codes[d] · scale</c>, off by at most scale / 2. A zero vector has scale 0.</summary>
    /// <exception cref="ArgumentException">The lengths differ, or a value is not finite.</exception>
    public static float Quantise(ReadOnlySpan<float> vector, Span<sbyte> codes)
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

        float scale = largest / 127f;
        float inverse = 127f / largest;
        for (int d = 0; d < vector.Length; d++)
        {
            codes[d] = (sbyte)MathF.Round(vector[d] * inverse);
        }

        return scale;
    }

    /// <summary>Writes <c>codes · scale</c>.</summary>
    public static void Restore(ReadOnlySpan<sbyte> codes, float scale, Span<float> vector)
    {
        for (int d = 0; d < codes.Length; d++)
        {
            vector[d] = codes[d] * scale;
        }
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KnowledgePay.Decisions.Catalogue;

namespace KnowledgePay.Decisions.Recommending;

/// <summary>A few vectors that are compared with every candidate: kept widened to 16 bits, so that a candidate's bytes are read and widened once for all of them.</summary>
internal sealed class CandidateQueries
{
    public const int Most = 8;

    private const int Dimensions = CourseVectors.Dimensions;

    private readonly short[] _codes = new short[Most * Dimensions];
    private readonly float[] _scales = new float[Most];

    public int Count { get; private set; }

    public void Clear() => Count = 0;

    /// <summary>Adds a vector of signed bytes and returns its place. All zeros, for a vector that there is not, give cosines of 0.</summary>
    public int Add(ReadOnlySpan<sbyte> codes, float scale)
    {
        Span<short> wide = _codes.AsSpan(Count * Dimensions, Dimensions);
        for (int d = 0; d < wide.Length; d++)
        {
            wide[d] = codes[d];
        }

        _scales[Count] = scale;
        return Count++;
    }

    public int Add(CourseVectors vectors, int ordinal) =>
        (uint)ordinal < (uint)vectors.Count ? Add(vectors.Of(ordinal), vectors.Scales[ordinal]) : Add(stackalloc sbyte[Dimensions], 0f);

    /// <summary>The cosines of a course's vector with each of the queries; zeros for a course without a vector.</summary>
    public void Cosines(CourseVectors vectors, int ordinal, Span<float> cosines)
    {
        if ((uint)ordinal >= (uint)vectors.Count)
        {
            cosines[..Count].Clear();
            return;
        }

        float scale = vectors.Scales[ordinal];
        ref sbyte course = ref MemoryMarshal.GetReference(vectors.Of(ordinal));
        ref short query = ref MemoryMarshal.GetArrayDataReference(_codes);
        if (Avx512BW.IsSupported)
        {
            Vector512<short> low = Avx512BW.ConvertToVector512Int16(Vector256.LoadUnsafe(ref course));
            Vector512<short> high = Avx512BW.ConvertToVector512Int16(Vector256.LoadUnsafe(ref course, 32));
            for (int q = 0; q < Count; q++)
            {
                Vector512<int> sum = Avx512BW.MultiplyAddAdjacent(low, Vector512.LoadUnsafe(ref query, (nuint)(q * Dimensions)))
                    + Avx512BW.MultiplyAddAdjacent(high, Vector512.LoadUnsafe(ref query, (nuint)((q * Dimensions) + 32)));
                cosines[q] = Vector512.Sum(sum) * _scales[q] * scale;
            }

            return;
        }

        for (int q = 0; q < Count; q++)
        {
            cosines[q] = Dot(ref course, ref Unsafe.Add(ref query, q * Dimensions)) * _scales[q] * scale;
        }
    }

    private static int Dot(ref sbyte course, ref short query)
    {
        if (Avx2.IsSupported)
        {
            Vector256<int> sum = Vector256<int>.Zero;
            for (nuint d = 0; d < Dimensions; d += 16)
            {
                sum += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(Vector128.LoadUnsafe(ref course, d)), Vector256.LoadUnsafe(ref query, d));
            }

            return Vector256.Sum(sum);
        }

        int portable = 0;
        for (int d = 0; d < Dimensions; d++)
        {
            portable += Unsafe.Add(ref course, d) * Unsafe.Add(ref query, d);
        }

        return portable;
    }
}

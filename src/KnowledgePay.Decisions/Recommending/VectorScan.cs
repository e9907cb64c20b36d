using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KnowledgePay.Decisions.Catalogue;

namespace KnowledgePay.Decisions.Recommending;

/// <summary>A course and how near its vector is to a query.</summary>
public readonly record struct VectorMatch(int Course, float Score);

/// <summary>Which instructions a scan uses; all give the same numbers to the last bit.</summary>
internal enum ScanPath : byte
{
    Best = 0,
    Vector512 = 1,
    Vector256 = 2,
    Portable = 3,
}

/// <summary>The nearest courses by dot product: a signed-byte scan over all vectors, then an exact score for the best.</summary>
/// <remarks>
/// The query is quantised to signed bytes; products are summed in 32-bit integers (64·127² fits), four courses at a time, and what does not pass the current threshold
/// costs one compare. AVX-512BW or AVX2 where the machine has it. Allocates nothing; scratch belongs to the thread (8 KB for up to 512 matches).
/// </remarks>
public static class VectorScan
{
    /// <summary>Most matches that one scan gives.</summary>
    public const int LargestCount = 2048;

    private const int Dimensions = CourseVectors.Dimensions;
    private const int SmallestBuffer = 1024;

    [ThreadStatic]
    private static ulong[]? _buffer;

    /// <summary>Fills <paramref name="best"/> with the nearest courses, best first (ties: lower ordinal), and returns how many there are: only scores above 0 count.</summary>
    /// <param name="query">64 floats of any length; the score is their dot product with the course's unit vector.</param>
    /// <exception cref="ArgumentException">The query has another size, holds a number that is not finite, or more than <see cref="LargestCount"/> matches are asked for.</exception>
    public static int Top(CourseVectors vectors, ReadOnlySpan<float> query, Span<VectorMatch> best) => Top(vectors, query, best, ScanPath.Best);

    internal static int Top(CourseVectors vectors, ReadOnlySpan<float> query, Span<VectorMatch> best, ScanPath path)
    {
        if (query.Length != Dimensions)
        {
            throw new ArgumentException($"A query has {query.Length} dimensions; expected {Dimensions}.", nameof(query));
        }

        if (best.Length > LargestCount)
        {
            throw new ArgumentException($"{best.Length} matches asked for; expected at most {LargestCount}.", nameof(best));
        }

        Span<sbyte> codes = stackalloc sbyte[Dimensions];
        if (best.IsEmpty || VectorQuantiser.Quantise(query, codes) == 0f)
        {
            return 0;
        }

        // The byte query misplaces near-ties: some more are taken, so that the exact score can put them right.
        int wanted = best.Length + (best.Length / 4) + 8;
        int size = Math.Max(SmallestBuffer, wanted * 2);
        if (_buffer is null || _buffer.Length < size)
        {
            _buffer = new ulong[size];
        }

        int n = Scan(vectors, codes, wanted, _buffer, path);
        Span<ulong> kept = _buffer.AsSpan(0, n);
        Span<float> restored = stackalloc float[Dimensions];
        for (int i = 0; i < n; i++)
        {
            int course = Selection.IdOf(kept[i]);
            VectorQuantiser.Restore(vectors.Of(course), vectors.Scales[course], restored);
            kept[i] = Selection.Key(TensorPrimitives.Dot(query, restored), course);
        }

        n = Selection.SortLargestFirst(kept, best.Length);
        for (int i = 0; i < n; i++)
        {
            best[i] = new VectorMatch(Selection.IdOf(kept[i]), Selection.ScoreOf(kept[i]));
        }

        return n;
    }

    /// <summary>Cosine of two courses' vectors, from their bytes.</summary>
    public static float Similarity(CourseVectors vectors, int a, int b)
    {
        if ((uint)a >= (uint)vectors.Count || (uint)b >= (uint)vectors.Count)
        {
            return 0f;
        }

        return Dot(vectors.Of(a), vectors.Of(b)) * vectors.Scales[a] * vectors.Scales[b];
    }

    internal static int Dot(ReadOnlySpan<sbyte> a, ReadOnlySpan<sbyte> b)
    {
        ref sbyte x = ref MemoryMarshal.GetReference(a);
        ref sbyte y = ref MemoryMarshal.GetReference(b);
        if (a.Length != Dimensions || b.Length != Dimensions)
        {
            throw new ArgumentException($"Vectors have {a.Length} and {b.Length} dimensions; expected {Dimensions}.");
        }

        if (Avx512BW.IsSupported)
        {
            Vector512<int> sum512 =
                Avx512BW.MultiplyAddAdjacent(Wide512(ref x, 0), Wide512(ref y, 0)) + Avx512BW.MultiplyAddAdjacent(Wide512(ref x, 32), Wide512(ref y, 32));
            return Vector512.Sum(sum512);
        }

        if (Avx2.IsSupported)
        {
            Vector256<int> sum256 = Vector256<int>.Zero;
            for (nuint d = 0; d < Dimensions; d += 16)
            {
                sum256 += Avx2.MultiplyAddAdjacent(Wide256(ref x, d), Wide256(ref y, d));
            }

            return Vector256.Sum(sum256);
        }

        return DotPortable(ref x, ref y);
    }

    private static int Scan(CourseVectors vectors, ReadOnlySpan<sbyte> query, int wanted, Span<ulong> buffer, ScanPath path)
    {
        path = path switch
        {
            ScanPath.Best or ScanPath.Vector512 when Avx512BW.IsSupported && Avx2.IsSupported => ScanPath.Vector512,
            ScanPath.Best or ScanPath.Vector512 or ScanPath.Vector256 when Avx2.IsSupported => ScanPath.Vector256,
            _ => ScanPath.Portable,
        };
        ref sbyte codes = ref MemoryMarshal.GetArrayDataReference(vectors.Codes);
        ref float scales = ref MemoryMarshal.GetArrayDataReference(vectors.Scales);
        ref sbyte q = ref MemoryMarshal.GetReference(query);
        int count = vectors.Count, fours = count & ~3, n = 0, course = 0;
        float threshold = 0f;
        if (path != ScanPath.Portable)
        {
            bool wide = path == ScanPath.Vector512;
            Vector512<short> p0 = wide ? Wide512(ref q, 0) : default, p1 = wide ? Wide512(ref q, 32) : default;
            Vector256<short> q0 = Wide256(ref q, 0), q1 = Wide256(ref q, 16), q2 = Wide256(ref q, 32), q3 = Wide256(ref q, 48);
            for (; course < fours; course += 4)
            {
                nuint at = (nuint)course * Dimensions;
                Vector128<int> dots = wide
                    ? Gather(Half512(ref codes, at, p0, p1), Half512(ref codes, at + 64, p0, p1), Half512(ref codes, at + 128, p0, p1), Half512(ref codes, at + 192, p0, p1))
                    : Gather(
                        Half256(ref codes, at, q0, q1, q2, q3),
                        Half256(ref codes, at + 64, q0, q1, q2, q3),
                        Half256(ref codes, at + 128, q0, q1, q2, q3),
                        Half256(ref codes, at + 192, q0, q1, q2, q3));
                Vector128<float> scores = Vector128.ConvertToSingle(dots) * Vector128.LoadUnsafe(ref scales, (nuint)course);
                uint passed = Vector128.GreaterThan(scores, Vector128.Create(threshold)).ExtractMostSignificantBits();
                for (int lane = 0; passed != 0; lane++, passed >>= 1)
                {
                    if ((passed & 1) != 0)
                    {
                        buffer[n++] = Selection.Key(scores.GetElement(lane), course + lane);
                    }
                }

                if (n > buffer.Length - 4)
                {
                    n = Shrink(buffer, n, wanted, ref threshold);
                }
            }
        }

        for (; course < count; course++)
        {
            float score = DotPortable(ref Unsafe.Add(ref codes, course * Dimensions), ref q) * Unsafe.Add(ref scales, course);
            if (score > threshold)
            {
                buffer[n++] = Selection.Key(score, course);
                if (n > buffer.Length - 4)
                {
                    n = Shrink(buffer, n, wanted, ref threshold);
                }
            }
        }

        if (n > wanted)
        {
            n = Shrink(buffer, n, wanted, ref threshold);
        }

        return n;
    }

    /// <summary>Keeps the best; the worst of them is the new threshold. A later equal score has a higher ordinal, so "greater" is exact.</summary>
    private static int Shrink(Span<ulong> buffer, int n, int wanted, ref float threshold)
    {
        Selection.MoveLargestFirst(buffer[..n], wanted);
        ulong least = ulong.MaxValue;
        foreach (ulong key in buffer[..wanted])
        {
            least = Math.Min(least, key);
        }

        threshold = Selection.ScoreOf(least);
        return wanted;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Wide512(ref sbyte start, nuint at) => Avx512BW.ConvertToVector512Int16(Vector256.LoadUnsafe(ref start, at));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Wide256(ref sbyte start, nuint at) =>
        Avx2.IsSupported ? Avx2.ConvertToVector256Int16(Vector128.LoadUnsafe(ref start, at)) : default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Half512(ref sbyte codes, nuint at, Vector512<short> q0, Vector512<short> q1)
    {
        Vector512<int> sum = Avx512BW.MultiplyAddAdjacent(Wide512(ref codes, at), q0) + Avx512BW.MultiplyAddAdjacent(Wide512(ref codes, at + 32), q1);
        return sum.GetLower() + sum.GetUpper();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Half256(ref sbyte codes, nuint at, Vector256<short> q0, Vector256<short> q1, Vector256<short> q2, Vector256<short> q3) =>
        Avx2.MultiplyAddAdjacent(Wide256(ref codes, at), q0) + Avx2.MultiplyAddAdjacent(Wide256(ref codes, at + 16), q1)
        + (Avx2.MultiplyAddAdjacent(Wide256(ref codes, at + 32), q2) + Avx2.MultiplyAddAdjacent(Wide256(ref codes, at + 48), q3));

    /// <summary>The four sums, one a lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Gather(Vector256<int> a, Vector256<int> b, Vector256<int> c, Vector256<int> d)
    {
        Vector256<int> sums = Avx2.HorizontalAdd(Avx2.HorizontalAdd(a, b), Avx2.HorizontalAdd(c, d));
        return sums.GetLower() + sums.GetUpper();
    }

    private static int DotPortable(ref sbyte a, ref sbyte b)
    {
        int sum = 0;
        for (int d = 0; d < Dimensions; d++)
        {
            sum += Unsafe.Add(ref a, d) * Unsafe.Add(ref b, d);
        }

        return sum;
    }
}

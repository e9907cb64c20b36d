using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KnowledgePay.Decisions.Catalogue;

namespace KnowledgePay.Decisions.Recommending;

/// <summary>A course and how near its vector is to a query.</summary>
public readonly record struct VectorMatch(int Course, float Score);

/// <summary>The nearest courses by dot product: a signed-byte scan, then an exact score for the best.</summary>
/// <remarks>
/// The query is quantised to signed bytes, 16 courses are scanned at a time (<see cref="BlockScan"/>), and what does not pass the current threshold
/// costs one compare. Up to <see cref="VectorGroups.SmallestGrouped"/> courses all are read; of more, those of the groups nearest to the query, a
/// sixteenth at least. Allocates nothing; scratch belongs to the thread.
/// </remarks>
public static class VectorScan
{
    /// <summary>Most matches that one scan gives.</summary>
    public const int LargestCount = 2048;

    private const int Dimensions = CourseVectors.Dimensions;

    /// <summary>Of many courses this share is read, as one part in so many …</summary>
    private const int ReadPart = 16;

    /// <summary>… and never fewer than this, nor than so many for each match asked for.</summary>
    private const int FewestRead = 4_096, ReadForEach = 32;

    [ThreadStatic]
    private static ulong[]? _buffer;

    [ThreadStatic]
    private static int[]? _groups;

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
        if (best.IsEmpty || VectorQuantiser.Quantise(query, codes, BlockScan.LargestQueryCode) == 0f)
        {
            return 0;
        }

        // The byte query misplaces near-ties: some more are taken, so that the exact score can put them right.
        int wanted = best.Length + (best.Length / 2) + 16;
        int size = LargestKeys.RoomFor(wanted);
        if (_buffer is null || _buffer.Length < size)
        {
            _buffer = new ulong[size];
        }

        Span<ulong> buffer = _buffer.AsSpan(0, size);
        VectorGroups grouped = vectors.Groups;
        ReadOnlySpan<int> groups = grouped.Centres is null ? [0] : GroupsNear(grouped, codes, vectors.Count, best.Length, path);
        int n = BlockScan.Run(grouped, codes, groups, wanted, buffer, path);
        Span<ulong> kept = buffer[..n];
        for (int i = 0; i < n; i++)
        {
            int course = Selection.IdOf(kept[i]);
            kept[i] = Selection.Key(vectors.ExactDot(query, course), course);
        }

        n = Selection.SortLargestFirst(kept, best.Length);
        while (n > 0 && Selection.ScoreOf(kept[n - 1]) <= 0)
        {
            // Above 0 by the byte query alone.
            n--;
        }

        for (int i = 0; i < n; i++)
        {
            best[i] = new VectorMatch(Selection.IdOf(kept[i]), Selection.ScoreOf(kept[i]));
        }

        return n;
    }

    /// <summary>As <see cref="Top(CourseVectors, ReadOnlySpan{float}, Span{VectorMatch})"/>, by the bytes alone and in no order, for whoever scores what is found by something better.</summary>
    /// <param name="most">At most <see cref="LargestCount"/>.</param>
    /// <param name="keys">Room for <see cref="LargestKeys.RoomFor"/> keys; their scores compare with those of the same query elsewhere.</param>
    internal static int Coarse(CourseVectors vectors, ReadOnlySpan<float> query, int most, Span<ulong> keys)
    {
        Span<sbyte> codes = stackalloc sbyte[Dimensions];
        if (most == 0 || VectorQuantiser.Quantise(query, codes, BlockScan.LargestQueryCode) == 0f)
        {
            return 0;
        }

        _buffer ??= new ulong[LargestKeys.RoomFor(0)];
        VectorGroups grouped = vectors.Groups;
        ReadOnlySpan<int> groups = grouped.Centres is null ? [0] : GroupsNear(grouped, codes, vectors.Count, most, ScanPath.Best);
        return BlockScan.Run(grouped, codes, groups, most, keys, ScanPath.Best);
    }

    /// <summary>The groups to read, nearest first, until they hold courses enough.</summary>
    private static ReadOnlySpan<int> GroupsNear(VectorGroups grouped, ReadOnlySpan<sbyte> query, int courses, int matches, ScanPath path)
    {
        int enough = Math.Max(courses / ReadPart, Math.Max(FewestRead, matches * ReadForEach));
        int centres = grouped.Centres!.Count;
        int average = Math.Max(1, grouped.Starts[^1] / centres);
        int most = Math.Min(centres, (2 * enough / average) + 16);
        int size = LargestKeys.RoomFor(most);
        if (_buffer!.Length < size)
        {
            _buffer = new ulong[size];
        }

        if (_groups is null || _groups.Length < most)
        {
            _groups = new int[most];
        }

        int n = Selection.SortLargestFirst(_buffer.AsSpan(0, BlockScan.Run(grouped.Centres.Groups, query, [0], most, _buffer.AsSpan(0, size), path)), most);
        int read = 0, used = 0;
        for (; used < n && read < enough; used++)
        {
            int group = Selection.IdOf(_buffer[used]);
            _groups[used] = group;
            read += grouped.Starts[group + 1] - grouped.Starts[group];
        }

        return _groups.AsSpan(0, used);
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Wide512(ref sbyte start, nuint at) => Avx512BW.ConvertToVector512Int16(Vector256.LoadUnsafe(ref start, at));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Wide256(ref sbyte start, nuint at) =>
        Avx2.IsSupported ? Avx2.ConvertToVector256Int16(Vector128.LoadUnsafe(ref start, at)) : default;

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

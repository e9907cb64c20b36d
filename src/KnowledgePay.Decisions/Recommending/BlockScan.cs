using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KnowledgePay.Decisions.Catalogue;

namespace KnowledgePay.Decisions.Recommending;

/// <summary>Which instructions a scan uses; all give the same numbers to the last bit.</summary>
internal enum ScanPath : byte
{
    Best = 0,
    Vector512 = 1,
    Vector256 = 2,
    Portable = 3,
}

/// <summary>Scores courses against one query of signed bytes and keeps the best.</summary>
/// <remarks>
/// A step multiplies four dimensions of 16 courses at once: unsigned course bytes by signed query bytes, pairs added in 16 bits, pairs of these in 32.
/// Two products fit 16 bits because a query's code is at most 63 (2·255·63 &lt; 2¹⁵); the 128 that each course byte has too much is taken off at the end,
/// since it adds the same, 128·Σq, to every course.
/// </remarks>
internal static class BlockScan
{
    public const int LargestQueryCode = 63;

    private const int Dimensions = CourseVectors.Dimensions;
    private const int Groups = Dimensions / VectorGroups.BlockDimensions;
    private const int Lanes = VectorGroups.BlockCourses;

    /// <summary>Fills <paramref name="buffer"/> with the keys of the best <paramref name="wanted"/> courses of some groups, in no order, and returns how many there are; only scores above 0 count.</summary>
    /// <param name="query">Codes of at most ±<see cref="LargestQueryCode"/>.</param>
    /// <param name="groups">Which groups to read, in this order.</param>
    /// <param name="buffer">Room for <see cref="LargestKeys.RoomFor"/> keys.</param>
    public static int Run(VectorGroups vectors, ReadOnlySpan<sbyte> query, ReadOnlySpan<int> groups, int wanted, Span<ulong> buffer, ScanPath path)
    {
        var best = new LargestKeys(buffer, wanted, above: 0f);
        int offset = 0;
        foreach (sbyte code in query)
        {
            offset += 128 * code;
        }

        foreach (int group in groups)
        {
            int from = vectors.Starts[group], to = vectors.Starts[group + 1];
            if (path is ScanPath.Best or ScanPath.Vector512 && Avx512BW.IsSupported)
            {
                Run512(vectors, query, offset, from, to, ref best);
            }
            else if (path is not ScanPath.Portable && Avx2.IsSupported)
            {
                Run256(vectors, query, offset, from, to, ref best);
            }
            else
            {
                RunPortable(vectors, query, offset, from, to, ref best);
            }
        }

        return best.Finish();
    }

    private static void Run512(VectorGroups vectors, ReadOnlySpan<sbyte> query, int offset, int from, int to, ref LargestKeys best)
    {
        ref byte block = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(vectors.Blocks), from * Dimensions);
        ReadOnlySpan<int> fours = MemoryMarshal.Cast<sbyte, int>(query);
        Span<Vector512<sbyte>> q = stackalloc Vector512<sbyte>[Groups];
        for (int group = 0; group < Groups; group++)
        {
            q[group] = Vector512.Create(fours[group]).AsSByte();
        }

        ref float scales = ref MemoryMarshal.GetArrayDataReference(vectors.Scales);
        Vector512<short> ones = Vector512<short>.One;
        Vector512<int> start = Vector512.Create(-offset);
        for (int place = from; place < to; place += Lanes)
        {
            // Two sums, so that an addition need not wait for the one before it.
            Vector512<int> even = start, odd = Vector512<int>.Zero;
            for (int group = 0; group < Groups; group += 2)
            {
                even += Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(Vector512.LoadUnsafe(ref block, (nuint)(group * Lanes * 4)), q[group]), ones);
                odd += Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(Vector512.LoadUnsafe(ref block, (nuint)((group + 1) * Lanes * 4)), q[group + 1]), ones);
            }

            block = ref Unsafe.Add(ref block, VectorGroups.BlockBytes);
            Vector512<float> scores = Vector512.ConvertToSingle(even + odd) * Vector512.LoadUnsafe(ref scales, (nuint)place);
            ulong passed = Vector512.GreaterThan(scores, Vector512.Create(best.Threshold)).ExtractMostSignificantBits();
            if (passed != 0)
            {
                Take(ref best, scores, passed, place, vectors.Courses);
            }
        }
    }

    private static void Run256(VectorGroups vectors, ReadOnlySpan<sbyte> query, int offset, int from, int to, ref LargestKeys best)
    {
        ref byte block = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(vectors.Blocks), from * Dimensions);
        ReadOnlySpan<int> fours = MemoryMarshal.Cast<sbyte, int>(query);
        Span<Vector256<sbyte>> q = stackalloc Vector256<sbyte>[Groups];
        for (int group = 0; group < Groups; group++)
        {
            q[group] = Vector256.Create(fours[group]).AsSByte();
        }

        ref float scales = ref MemoryMarshal.GetArrayDataReference(vectors.Scales);
        Vector256<short> ones = Vector256<short>.One;
        Vector256<int> start = Vector256.Create(-offset);
        for (int place = from; place < to; place += Lanes)
        {
            Vector256<int> lower = start, upper = start;
            for (int group = 0; group < Groups; group++)
            {
                nuint at = (nuint)(group * Lanes * 4);
                lower += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(Vector256.LoadUnsafe(ref block, at), q[group]), ones);
                upper += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(Vector256.LoadUnsafe(ref block, at + 32), q[group]), ones);
            }

            block = ref Unsafe.Add(ref block, VectorGroups.BlockBytes);
            Vector512<float> scores = Vector512.Create(Vector256.ConvertToSingle(lower), Vector256.ConvertToSingle(upper)) * Vector512.LoadUnsafe(ref scales, (nuint)place);
            ulong passed = Vector512.GreaterThan(scores, Vector512.Create(best.Threshold)).ExtractMostSignificantBits();
            if (passed != 0)
            {
                Take(ref best, scores, passed, place, vectors.Courses);
            }
        }
    }

    private static void RunPortable(VectorGroups vectors, ReadOnlySpan<sbyte> query, int offset, int from, int to, ref LargestKeys best)
    {
        Span<int> sums = stackalloc int[Lanes];
        for (int place = from; place < to; place += Lanes)
        {
            ReadOnlySpan<byte> block = vectors.Blocks.AsSpan(place * Dimensions, VectorGroups.BlockBytes);
            sums.Fill(-offset);
            for (int d = 0; d < Dimensions; d++)
            {
                int at = (d / VectorGroups.BlockDimensions * Lanes * VectorGroups.BlockDimensions) + (d % VectorGroups.BlockDimensions);
                for (int lane = 0; lane < Lanes; lane++)
                {
                    sums[lane] += block[at + (lane * VectorGroups.BlockDimensions)] * query[d];
                }
            }

            for (int lane = 0; lane < Lanes; lane++)
            {
                best.Add(sums[lane] * vectors.Scales[place + lane], vectors.Courses is null ? place + lane : vectors.Courses[place + lane]);
            }
        }
    }

    /// <summary>Within a group an equal score comes with a higher ordinal and loses the tie, so that only what exceeds the threshold is looked at.</summary>
    private static void Take(ref LargestKeys best, Vector512<float> scores, ulong passed, int place, int[]? courses)
    {
        for (; passed != 0; passed &= passed - 1)
        {
            int lane = System.Numerics.BitOperations.TrailingZeroCount(passed);
            best.AddKey(Selection.Key(scores.GetElement(lane), courses is null ? place + lane : courses[place + lane]));
        }
    }
}

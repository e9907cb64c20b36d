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
    /// <param name="buffer">Room for more than wanted + 16 keys.</param>
    public static int Run(VectorGroups vectors, ReadOnlySpan<sbyte> query, ReadOnlySpan<int> groups, int wanted, Span<ulong> buffer, ScanPath path)
    {
        var best = new Best(buffer, wanted, vectors.Courses);
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

    private static void Run512(VectorGroups vectors, ReadOnlySpan<sbyte> query, int offset, int from, int to, ref Best best)
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
                best.Take(scores, passed, place);
            }
        }
    }

    private static void Run256(VectorGroups vectors, ReadOnlySpan<sbyte> query, int offset, int from, int to, ref Best best)
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
                best.Take(scores, passed, place);
            }
        }
    }

    private static void RunPortable(VectorGroups vectors, ReadOnlySpan<sbyte> query, int offset, int from, int to, ref Best best)
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
                best.Take(sums[lane] * vectors.Scales[place + lane], place + lane);
            }
        }
    }

    /// <summary>The best keys so far, in a buffer that is cut back to them when it is full.</summary>
    private ref struct Best(Span<ulong> buffer, int wanted, int[]? courses)
    {
        private readonly Span<ulong> _buffer = buffer;
        private int _count;

        /// <summary>What a further course must exceed. Within a group an equal score comes with a higher ordinal and loses the tie, so that "exceed" is exact there.</summary>
        public float Threshold { get; private set; }

        public void Take(Vector512<float> scores, ulong passed, int place)
        {
            if (_count > _buffer.Length - Lanes)
            {
                Shrink();
            }

            for (; passed != 0; passed &= passed - 1)
            {
                int lane = System.Numerics.BitOperations.TrailingZeroCount(passed);
                _buffer[_count++] = Selection.Key(scores.GetElement(lane), CourseAt(place + lane));
            }
        }

        public void Take(float score, int place)
        {
            if (score > Threshold)
            {
                if (_count == _buffer.Length)
                {
                    Shrink();
                }

                _buffer[_count++] = Selection.Key(score, CourseAt(place));
            }
        }

        private readonly int CourseAt(int place) => courses is null ? place : courses[place];

        public int Finish()
        {
            if (_count > wanted)
            {
                Shrink();
            }

            return _count;
        }

        private void Shrink()
        {
            Selection.MoveLargestFirst(_buffer[.._count], wanted);
            ulong least = ulong.MaxValue;
            foreach (ulong key in _buffer[..wanted])
            {
                least = Math.Min(least, key);
            }

            Threshold = Selection.ScoreOf(least);
            _count = wanted;
        }
    }
}

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

/// <summary>Scores all courses against one query of signed bytes and keeps the best.</summary>
/// <remarks>
/// A step multiplies four dimensions of 16 courses at once: unsigned course bytes by signed query bytes, pairs added in 16 bits, pairs of these in 32.
/// Two products fit 16 bits because a query's code is at most 63 (2·255·63 &lt; 2¹⁵); the 128 that each course byte has too much is taken off at the end,
/// since it adds the same, 128·Σq, to every course.
/// </remarks>
internal static class BlockScan
{
    public const int LargestQueryCode = 63;

    private const int Dimensions = CourseVectors.Dimensions;
    private const int Groups = Dimensions / CourseVectors.BlockDimensions;
    private const int Lanes = CourseVectors.BlockCourses;

    /// <summary>Fills <paramref name="buffer"/> with the keys of the best <paramref name="wanted"/> courses, in no order, and returns how many there are; only scores above 0 count.</summary>
    /// <param name="query">Codes of at most ±<see cref="LargestQueryCode"/>.</param>
    /// <param name="buffer">Room for more than wanted + 16 keys.</param>
    public static int Run(CourseVectors vectors, ReadOnlySpan<sbyte> query, int wanted, Span<ulong> buffer, ScanPath path)
    {
        var best = new Best(buffer, wanted);
        int offset = 0;
        foreach (sbyte code in query)
        {
            offset += 128 * code;
        }

        if (path is ScanPath.Best or ScanPath.Vector512 && Avx512BW.IsSupported)
        {
            Run512(vectors, query, offset, ref best);
        }
        else if (path is not ScanPath.Portable && Avx2.IsSupported)
        {
            Run256(vectors, query, offset, ref best);
        }
        else
        {
            RunPortable(vectors, query, ref best);
        }

        return best.Finish();
    }

    private static void Run512(CourseVectors vectors, ReadOnlySpan<sbyte> query, int offset, ref Best best)
    {
        ref byte block = ref MemoryMarshal.GetArrayDataReference(vectors.Blocks);
        ReadOnlySpan<int> fours = MemoryMarshal.Cast<sbyte, int>(query);
        Span<Vector512<sbyte>> q = stackalloc Vector512<sbyte>[Groups];
        for (int group = 0; group < Groups; group++)
        {
            q[group] = Vector512.Create(fours[group]).AsSByte();
        }

        Vector512<short> ones = Vector512<short>.One;
        Vector512<int> start = Vector512.Create(-offset);
        for (int course = 0; course < vectors.Count; course += Lanes)
        {
            // Two sums, so that an addition need not wait for the one before it.
            Vector512<int> even = start, odd = Vector512<int>.Zero;
            for (int group = 0; group < Groups; group += 2)
            {
                even += Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(Vector512.LoadUnsafe(ref block, (nuint)(group * Lanes * 4)), q[group]), ones);
                odd += Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(Vector512.LoadUnsafe(ref block, (nuint)((group + 1) * Lanes * 4)), q[group + 1]), ones);
            }

            block = ref Unsafe.Add(ref block, CourseVectors.BlockBytes);
            Vector512<float> scores = Vector512.ConvertToSingle(even + odd) * Scales512(vectors.Scales, course);
            ulong passed = Vector512.GreaterThan(scores, Vector512.Create(best.Threshold)).ExtractMostSignificantBits();
            if (passed != 0)
            {
                best.Take(scores, passed, course);
            }
        }
    }

    private static void Run256(CourseVectors vectors, ReadOnlySpan<sbyte> query, int offset, ref Best best)
    {
        ref byte block = ref MemoryMarshal.GetArrayDataReference(vectors.Blocks);
        ReadOnlySpan<int> fours = MemoryMarshal.Cast<sbyte, int>(query);
        Span<Vector256<sbyte>> q = stackalloc Vector256<sbyte>[Groups];
        for (int group = 0; group < Groups; group++)
        {
            q[group] = Vector256.Create(fours[group]).AsSByte();
        }

        Vector256<short> ones = Vector256<short>.One;
        Vector256<int> start = Vector256.Create(-offset);
        for (int course = 0; course < vectors.Count; course += Lanes)
        {
            Vector256<int> lower = start, upper = start;
            for (int group = 0; group < Groups; group++)
            {
                nuint at = (nuint)(group * Lanes * 4);
                lower += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(Vector256.LoadUnsafe(ref block, at), q[group]), ones);
                upper += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(Vector256.LoadUnsafe(ref block, at + 32), q[group]), ones);
            }

            block = ref Unsafe.Add(ref block, CourseVectors.BlockBytes);
            Vector512<float> scores = Vector512.Create(Vector256.ConvertToSingle(lower), Vector256.ConvertToSingle(upper)) * Scales512(vectors.Scales, course);
            ulong passed = Vector512.GreaterThan(scores, Vector512.Create(best.Threshold)).ExtractMostSignificantBits();
            if (passed != 0)
            {
                best.Take(scores, passed, course);
            }
        }
    }

    private static void RunPortable(CourseVectors vectors, ReadOnlySpan<sbyte> query, ref Best best)
    {
        for (int course = 0; course < vectors.Count; course++)
        {
            ReadOnlySpan<sbyte> codes = vectors.Of(course);
            int sum = 0;
            for (int d = 0; d < Dimensions; d++)
            {
                sum += codes[d] * query[d];
            }

            best.Take(sum * vectors.Scales[course], course);
        }
    }

    /// <summary>Scales of 16 courses; 0 past the end, which never passes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Scales512(float[] scales, int course)
    {
        if (course + Lanes <= scales.Length)
        {
            return Vector512.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(scales), (nuint)course);
        }

        Span<float> last = stackalloc float[Lanes];
        last.Clear();
        scales.AsSpan(course).CopyTo(last);
        return Vector512.Create<float>(last);
    }

    /// <summary>The best keys so far, in a buffer that is cut back to them when it is full.</summary>
    private ref struct Best(Span<ulong> buffer, int wanted)
    {
        private readonly Span<ulong> _buffer = buffer;
        private int _count;

        /// <summary>What a further course must exceed. An equal score comes with a higher ordinal and loses the tie, so that "exceed" is exact.</summary>
        public float Threshold { get; private set; }

        public void Take(Vector512<float> scores, ulong passed, int course)
        {
            if (_count > _buffer.Length - Lanes)
            {
                Shrink();
            }

            for (; passed != 0; passed &= passed - 1)
            {
                int lane = System.Numerics.BitOperations.TrailingZeroCount(passed);
                _buffer[_count++] = Selection.Key(scores.GetElement(lane), course + lane);
            }
        }

        public void Take(float score, int course)
        {
            if (score > Threshold)
            {
                if (_count == _buffer.Length)
                {
                    Shrink();
                }

                _buffer[_count++] = Selection.Key(score, course);
            }
        }

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

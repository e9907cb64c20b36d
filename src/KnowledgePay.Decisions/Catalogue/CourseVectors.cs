namespace KnowledgePay.Decisions.Catalogue;

/// <summary>All course vectors in one block: 64 signed bytes a course and one scale, so that a scan runs over contiguous memory.</summary>
/// <remarks>Course <c>i</c>'s vector is <c>Codes[64·i .. 64·i+63] · Scales[i]</c> and has unit length (or is all zero for a course without text and vectors).</remarks>
public sealed class CourseVectors
{
    public const int Dimensions = 64;

    public static readonly CourseVectors Empty = new([], []);

    private int[]?[]? _neighbours;

    public CourseVectors(sbyte[] codes, float[] scales)
    {
        if (codes.Length != scales.Length * Dimensions)
        {
            throw new ArgumentException($"{scales.Length} scales need {scales.Length * Dimensions} codes, not {codes.Length}.", nameof(codes));
        }

        Codes = codes;
        Scales = scales;
        Blocks = BlocksOf(codes, scales.Length);
    }

    /// <summary>Courses of a block of <see cref="Blocks"/>.</summary>
    internal const int BlockCourses = 16;

    /// <summary>Neighbouring dimensions that stand together in a block: what one multiply-add of bytes takes.</summary>
    internal const int BlockDimensions = 4;

    internal const int BlockBytes = BlockCourses * Dimensions;

    public sbyte[] Codes { get; }

    public float[] Scales { get; }

    /// <summary>
    /// The codes once more, as a scan reads them: blocks of 16 courses, in each the first four dimensions of all 16, then the next four, and so on,
    /// so that a register holds 16 courses and no sum runs across it. Each byte is the code plus 128; the last block is filled up with zeros (128).
    /// </summary>
    internal byte[] Blocks { get; }

    public int Count => Scales.Length;

    /// <summary>What <see cref="Recommending.PageNeighbours"/> found so far, by course: it belongs to these vectors and goes with them.</summary>
    internal int[]?[] Neighbours
    {
        get => Volatile.Read(ref _neighbours) ?? Interlocked.CompareExchange(ref _neighbours, new int[]?[Count], null) ?? _neighbours!;
    }

    public ReadOnlySpan<sbyte> Of(int ordinal) => Codes.AsSpan(ordinal * Dimensions, Dimensions);

    private static byte[] BlocksOf(sbyte[] codes, int count)
    {
        byte[] blocks = new byte[(count + BlockCourses - 1) / BlockCourses * BlockBytes];
        blocks.AsSpan().Fill(128);
        ReadOnlySpan<uint> from = System.Runtime.InteropServices.MemoryMarshal.Cast<sbyte, uint>(codes);
        Span<uint> to = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, uint>(blocks.AsSpan());
        const int groups = Dimensions / BlockDimensions;
        for (int course = 0; course < count; course++)
        {
            int block = course / BlockCourses * (BlockCourses * groups);
            int lane = course % BlockCourses;
            for (int group = 0; group < groups; group++)
            {
                // Adding 128 to a byte flips its top bit.
                to[block + (group * BlockCourses) + lane] = from[(course * groups) + group] ^ 0x8080_8080u;
            }
        }

        return blocks;
    }
}

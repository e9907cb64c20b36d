namespace KnowledgePay.Decisions.Catalogue;

/// <summary>All course vectors in one block: 64 signed bytes a course and one scale, so that a scan runs over contiguous memory.</summary>
/// <remarks>Course <c>i</c>'s vector is <c>Codes[64·i .. 64·i+63] · Scales[i]</c> and has unit length (or is all zero for a course without text and vectors).</remarks>
public sealed class CourseVectors
{
    public const int Dimensions = 64;

    public static readonly CourseVectors Empty = new([], []);

    public CourseVectors(sbyte[] codes, float[] scales)
    {
        if (codes.Length != scales.Length * Dimensions)
        {
            throw new ArgumentException($"{scales.Length} scales need {scales.Length * Dimensions} codes, not {codes.Length}.", nameof(codes));
        }

        Codes = codes;
        Scales = scales;
    }

    public sbyte[] Codes { get; }

    public float[] Scales { get; }

    public int Count => Scales.Length;

    public ReadOnlySpan<sbyte> Of(int ordinal) => Codes.AsSpan(ordinal * Dimensions, Dimensions);
}

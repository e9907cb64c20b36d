using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace KnowledgePay.Decisions.Catalogue;

/// <summary>All course vectors in one block: 64 signed bytes a course and one scale, so that a scan runs over contiguous memory.</summary>
/// <remarks>
/// Course <c>i</c>'s vector is <c>Codes[64·i .. 64·i+63] · Scales[i]</c> and has unit length (or is all zero for a course without text and vectors).
/// What the bytes lose stands in a second byte each, for the exact score of the few that a scan finds.
/// </remarks>
public sealed class CourseVectors
{
    public const int Dimensions = 64;

    public static readonly CourseVectors Empty = new([], []);

    /// <summary>Steps of a second byte in one step of the first: −127…127 of them span the half step to either side.</summary>
    private const float FineSteps = 254f;

    private int[]?[]? _neighbours;

    /// <summary>Vectors of which the codes are all that is known.</summary>
    public CourseVectors(sbyte[] codes, float[] scales)
        : this(codes, [], scales, null, [])
    {
    }

    private CourseVectors(sbyte[] codes, sbyte[] fine, float[] scales, VectorGroups? before, ReadOnlySpan<int> changed)
    {
        if (codes.Length != scales.Length * Dimensions)
        {
            throw new ArgumentException($"{scales.Length} scales need {scales.Length * Dimensions} codes, not {codes.Length}.", nameof(codes));
        }

        Codes = codes;
        Fine = fine;
        Scales = scales;
        Groups = VectorGroups.Of(codes, scales, before, changed);
    }

    public sbyte[] Codes { get; }

    public float[] Scales { get; }

    /// <summary>Second bytes, of <c>Scales[i] / 254</c> each; empty where none were kept.</summary>
    private sbyte[] Fine { get; }

    /// <summary>The codes once more, as a scan reads them.</summary>
    internal VectorGroups Groups { get; }

    public int Count => Scales.Length;

    /// <summary>What <see cref="Recommending.PageNeighbours"/> found so far, by course: it belongs to these vectors and goes with them.</summary>
    internal int[]?[] Neighbours
    {
        get => Volatile.Read(ref _neighbours) ?? Interlocked.CompareExchange(ref _neighbours, new int[]?[Count], null) ?? _neighbours!;
    }

    /// <summary>Quantises vectors that stand one after another.</summary>
    /// <param name="vectors">64 finite floats for each course, of unit length or all zero.</param>
    public static CourseVectors Of(ReadOnlySpan<float> vectors)
    {
        int[] all = new int[vectors.Length / Dimensions];
        for (int course = 0; course < all.Length; course++)
        {
            all[course] = course;
        }

        return Empty.With(all.Length, all, vectors);
    }

    /// <summary>These vectors with some of them changed. These stay as they were.</summary>
    /// <param name="count">Courses from now on, as many as there are or more; those that are not among the changed have no vector.</param>
    /// <param name="changed">Ordinals, each once.</param>
    /// <param name="vectors">64 finite floats for each of the changed, in their order.</param>
    public CourseVectors With(int count, ReadOnlySpan<int> changed, ReadOnlySpan<float> vectors)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, Count);
        var codes = new sbyte[count * Dimensions];
        var fine = new sbyte[count * Dimensions];
        var scales = new float[count];
        Codes.CopyTo(codes, 0);
        Fine.CopyTo(fine, 0);
        Scales.CopyTo(scales, 0);
        Span<float> rest = stackalloc float[Dimensions];
        for (int i = 0; i < changed.Length; i++)
        {
            ReadOnlySpan<float> vector = vectors.Slice(i * Dimensions, Dimensions);
            Span<sbyte> code = codes.AsSpan(changed[i] * Dimensions, Dimensions);
            float scale = scales[changed[i]] = VectorQuantiser.Quantise(vector, code);
            Span<sbyte> finer = fine.AsSpan(changed[i] * Dimensions, Dimensions);
            finer.Clear();
            if (scale > 0f)
            {
                VectorQuantiser.Restore(code, scale, rest);
                for (int d = 0; d < Dimensions; d++)
                {
                    finer[d] = (sbyte)Math.Clamp(MathF.Round((vector[d] - rest[d]) / scale * FineSteps), -127f, 127f);
                }
            }
        }

        return new CourseVectors(codes, fine, scales, Count > 0 ? Groups : null, changed);
    }

    public ReadOnlySpan<sbyte> Of(int ordinal) => Codes.AsSpan(ordinal * Dimensions, Dimensions);

    /// <summary>Dot product with a course's vector, by both bytes: off by at most a 508th of its scale in each dimension.</summary>
    internal float ExactDot(ReadOnlySpan<float> query, int ordinal)
    {
        float coarse = Dot(query, Codes.AsSpan(ordinal * Dimensions, Dimensions));
        float fine = Fine.Length == 0 ? 0f : Dot(query, Fine.AsSpan(ordinal * Dimensions, Dimensions)) / FineSteps;
        return (coarse + fine) * Scales[ordinal];
    }

    /// <summary>The same order of additions on every machine, so that all silos agree to the last bit.</summary>
    private static float Dot(ReadOnlySpan<float> query, ReadOnlySpan<sbyte> codes)
    {
        ref float q = ref MemoryMarshal.GetReference(query[..Dimensions]);
        ref sbyte c = ref MemoryMarshal.GetReference(codes[..Dimensions]);
        Vector256<float> even = Vector256<float>.Zero, odd = Vector256<float>.Zero;
        for (nuint d = 0; d < Dimensions; d += 16)
        {
            (Vector256<int> low, Vector256<int> high) = Vector256.Widen(Vector256.WidenLower(Vector128.LoadUnsafe(ref c, d).ToVector256Unsafe()));
            even += Vector256.LoadUnsafe(ref q, d) * Vector256.ConvertToSingle(low);
            odd += Vector256.LoadUnsafe(ref q, d + 8) * Vector256.ConvertToSingle(high);
        }

        return Vector256.Sum(even + odd);
    }
}

using System.Runtime.InteropServices;
using KnowledgePay.Decisions.Recommending;

namespace KnowledgePay.Decisions.Catalogue;

/// <summary>Course vectors as a scan reads them: blocks of 16 courses, and where the courses are many, grouped around centres, so that a search reads the groups near its query only.</summary>
/// <remarks>
/// An inverted file (Jégou, Douze and Schmid, "Product quantization for nearest neighbor search", 2011, §IV) over centres of spherical k-means. Centres are learned when the
/// courses with a vector reach <see cref="SmallestGrouped"/> and again whenever they have doubled; between, a changed course goes to its nearest centre and only its groups are laid out anew.
/// A course without a vector is in no group: nothing is near it.
/// </remarks>
internal sealed class VectorGroups
{
    /// <summary>Courses of a block.</summary>
    public const int BlockCourses = 16;

    /// <summary>Neighbouring dimensions that stand together in a block: what one multiply-add of bytes takes.</summary>
    public const int BlockDimensions = 4;

    public const int BlockBytes = BlockCourses * CourseVectors.Dimensions;

    /// <summary>Below this a scan of everything reads half a megabyte, which a core's own cache holds.</summary>
    public const int SmallestGrouped = 8_192;

    private const int LargestCentres = 4_096;
    private const int CoursesOfACentre = 96;
    private const int LearnedFromOfACentre = 32;
    private const int Rounds = 4;

    private readonly int[] _groupOf;
    private readonly int _learnedFrom;

    private VectorGroups(byte[] blocks, float[] scales, int[]? courses, int[] starts, CourseVectors? centres, int[] groupOf, int learnedFrom)
    {
        Blocks = blocks;
        Scales = scales;
        Courses = courses;
        Starts = starts;
        Centres = centres;
        _groupOf = groupOf;
        _learnedFrom = learnedFrom;
    }

    /// <summary>
    /// Blocks of 16 places: in each the first four dimensions of all 16, then the next four, and so on, so that a register holds 16 courses and no sum runs across it.
    /// Each byte is the code plus 128; places without a course hold zeros (128).
    /// </summary>
    public byte[] Blocks { get; }

    /// <summary>By place, 0 where there is no course, which no threshold lets pass.</summary>
    public float[] Scales { get; }

    /// <summary>The course at each place, rising within a group; null where place and course are the same.</summary>
    public int[]? Courses { get; }

    /// <summary>Each group's first place, a multiple of 16, and after the last the number of places.</summary>
    public int[] Starts { get; }

    /// <summary>The middle of each group; null where there is but one group, of everything.</summary>
    public CourseVectors? Centres { get; }

    /// <param name="before">What is laid out already; null when nothing is.</param>
    /// <param name="changed">Courses whose vectors differ from then; not read when <paramref name="before"/> is null.</param>
    public static VectorGroups Of(sbyte[] codes, float[] scales, VectorGroups? before, ReadOnlySpan<int> changed)
    {
        int count = scales.Length;
        // Those without a vector are in no group, and would count for centres that nothing could be learned for.
        int filled = count - scales.AsSpan().Count(0f);
        if (filled < SmallestGrouped)
        {
            return Flat(codes, scales);
        }

        if (before?.Centres is not { } centres || filled >= 2 * before._learnedFrom)
        {
            centres = Learn(codes, scales);
            return Arrange(codes, scales, centres, Nearest(codes, scales, centres, count, place => place), filled, null, []);
        }

        int[] groupOf = new int[count];
        before._groupOf.CopyTo(groupOf, 0);
        groupOf.AsSpan(before._groupOf.Length).Fill(-1);
        bool[] touched = new bool[centres.Count];
        int[] moved = changed.ToArray();
        int[] found = Nearest(codes, scales, centres, moved.Length, place => moved[place]);
        for (int i = 0; i < moved.Length; i++)
        {
            Touch(groupOf[moved[i]]);
            Touch(groupOf[moved[i]] = found[i]);
        }

        return Arrange(codes, scales, centres, groupOf, before._learnedFrom, before, touched);

        void Touch(int group)
        {
            if (group >= 0)
            {
                touched[group] = true;
            }
        }
    }

    private static VectorGroups Flat(sbyte[] codes, float[] scales)
    {
        int places = Padded(scales.Length);
        byte[] blocks = new byte[places * CourseVectors.Dimensions];
        blocks.AsSpan().Fill(128);
        float[] placed = new float[places];
        scales.CopyTo(placed, 0);
        for (int course = 0; course < scales.Length; course++)
        {
            Place(codes, course, blocks, course);
        }

        return new VectorGroups(blocks, placed, null, [0, places], null, [], 0);
    }

    private static VectorGroups Arrange(sbyte[] codes, float[] scales, CourseVectors centres, int[] groupOf, int learnedFrom, VectorGroups? before, ReadOnlySpan<bool> touched)
    {
        int[] starts = new int[centres.Count + 1];
        foreach (int group in groupOf)
        {
            if (group >= 0)
            {
                starts[group + 1]++;
            }
        }

        for (int group = 0; group < centres.Count; group++)
        {
            starts[group + 1] = starts[group] + Padded(starts[group + 1]);
        }

        byte[] blocks = new byte[starts[^1] * CourseVectors.Dimensions];
        float[] placed = new float[starts[^1]];
        int[] courses = new int[starts[^1]];
        int[] next = starts.AsSpan(0, centres.Count).ToArray();
        for (int group = 0; group < centres.Count; group++)
        {
            if (before is not null && !touched[group])
            {
                // As it was, maybe at another place.
                int from = before.Starts[group], length = before.Starts[group + 1] - from;
                Array.Copy(before.Blocks, from * CourseVectors.Dimensions, blocks, starts[group] * CourseVectors.Dimensions, length * CourseVectors.Dimensions);
                Array.Copy(before.Scales, from, placed, starts[group], length);
                Array.Copy(before.Courses!, from, courses, starts[group], length);
                next[group] = -1;
            }
            else
            {
                blocks.AsSpan((starts[group] * CourseVectors.Dimensions)..(starts[group + 1] * CourseVectors.Dimensions)).Fill(128);
            }
        }

        for (int course = 0; course < groupOf.Length; course++)
        {
            if (groupOf[course] >= 0 && next[groupOf[course]] >= 0)
            {
                int place = next[groupOf[course]]++;
                Place(codes, course, blocks, place);
                placed[place] = scales[course];
                courses[place] = course;
            }
        }

        return new VectorGroups(blocks, placed, courses, starts, centres, groupOf, learnedFrom);
    }

    private static void Place(sbyte[] codes, int course, byte[] blocks, int place)
    {
        const int groups = CourseVectors.Dimensions / BlockDimensions;
        ReadOnlySpan<uint> from = MemoryMarshal.Cast<sbyte, uint>(codes.AsSpan(course * CourseVectors.Dimensions, CourseVectors.Dimensions));
        Span<uint> to = MemoryMarshal.Cast<byte, uint>(blocks.AsSpan(place / BlockCourses * BlockBytes, BlockBytes))[(place % BlockCourses)..];
        for (int group = 0; group < groups; group++)
        {
            // Adding 128 to a byte flips its top bit.
            to[group * BlockCourses] = from[group] ^ 0x8080_8080u;
        }
    }

    /// <summary>Spherical k-means over a part of the courses, from a start that is spread evenly over their numbers.</summary>
    private static CourseVectors Learn(sbyte[] codes, float[] scales)
    {
        int[] with = [.. Enumerable.Range(0, scales.Length).Where(course => scales[course] > 0f)];
        int wanted = Math.Clamp(with.Length / CoursesOfACentre, 1, LargestCentres);
        int sample = Math.Min(with.Length, wanted * LearnedFromOfACentre);
        float[] centres = new float[wanted * CourseVectors.Dimensions];
        Span<float> vector = stackalloc float[CourseVectors.Dimensions];
        for (int centre = 0; centre < Math.Min(wanted, with.Length); centre++)
        {
            Restore(with[(int)((long)centre * with.Length / wanted)], centres.AsSpan(centre * CourseVectors.Dimensions, CourseVectors.Dimensions));
        }

        CourseVectors learned = CourseVectors.Of(centres);
        for (int round = 0; round < Rounds && sample > 0; round++)
        {
            int Course(int i) => with[(int)((long)i * with.Length / sample)];
            int[] nearest = Nearest(codes, scales, learned, sample, Course);
            float[] sums = new float[centres.Length];
            for (int i = 0; i < sample; i++)
            {
                if (nearest[i] >= 0)
                {
                    Restore(Course(i), vector);
                    Span<float> sum = sums.AsSpan(nearest[i] * CourseVectors.Dimensions, CourseVectors.Dimensions);
                    System.Numerics.Tensors.TensorPrimitives.Add(sum, vector, sum);
                }
            }

            for (int centre = 0; centre < wanted; centre++)
            {
                Span<float> sum = sums.AsSpan(centre * CourseVectors.Dimensions, CourseVectors.Dimensions);
                float length = System.Numerics.Tensors.TensorPrimitives.Norm<float>(sum);
                if (length > 1e-6f)
                {
                    // A centre that drew nobody stays where it is.
                    System.Numerics.Tensors.TensorPrimitives.Divide(sum, length, centres.AsSpan(centre * CourseVectors.Dimensions, CourseVectors.Dimensions));
                }
            }

            learned = CourseVectors.Of(centres);
        }

        return learned;

        void Restore(int course, Span<float> to) =>
            VectorQuantiser.Restore(codes.AsSpan(course * CourseVectors.Dimensions, CourseVectors.Dimensions), scales[course], to);
    }

    /// <summary>The nearest centre of each of some courses; −1 for a course without a vector.</summary>
    private static int[] Nearest(sbyte[] codes, float[] scales, CourseVectors centres, int count, Func<int, int> courseAt)
    {
        int[] nearest = new int[count];
        const int at = 1_024;
        Parallel.For(0, (count + at - 1) / at, part =>
        {
            Span<float> vector = stackalloc float[CourseVectors.Dimensions];
            Span<VectorMatch> best = stackalloc VectorMatch[1];
            for (int i = part * at; i < Math.Min(count, (part + 1) * at); i++)
            {
                int course = courseAt(i);
                nearest[i] = -1;
                if (scales[course] > 0f)
                {
                    VectorQuantiser.Restore(codes.AsSpan(course * CourseVectors.Dimensions, CourseVectors.Dimensions), scales[course], vector);
                    // All centres on the far side of it: any will do, since no query finds it but by reading everything.
                    nearest[i] = VectorScan.Top(centres, vector, best) > 0 ? best[0].Course : course % centres.Count;
                }
            }
        });
        return nearest;
    }

    private static int Padded(int courses) => (courses + BlockCourses - 1) / BlockCourses * BlockCourses;
}

using CsCheck;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Recommending;

namespace KnowledgePay.Decisions.Tests.Recommending;

public sealed class VectorScanTests
{
    private const int Dimensions = CourseVectors.Dimensions;

    [Theory]
    [InlineData(nameof(ScanPath.Best))]
    [InlineData(nameof(ScanPath.Vector512))]
    [InlineData(nameof(ScanPath.Vector256))]
    [InlineData(nameof(ScanPath.Portable))]
    public void The_scan_finds_what_a_naive_scan_finds(string path) => Gen.Select(Gen.Int, Gen.Int[0, 700], Gen.Int[1, 60]).Sample((seed, courses, count) =>
    {
        CourseVectors vectors = RandomVectors(seed, courses, distinct: Math.Max(1, courses - (courses / 10)));
        float[] query = RandomQuery(seed + 1);
        var found = new VectorMatch[count];
        int n = VectorScan.Top(vectors, query, found, Enum.Parse<ScanPath>(path));
        // Next to 0 the byte query may put a course on either side; everything clear of it is exact.
        Assert.Equal(Naive(vectors, query, count).Where(IsClear), found.Take(n).Where(IsClear));
        Assert.All(found.Take(n), m => Assert.True(m.Score > 0));

        static bool IsClear(VectorMatch match) => match.Score > 0.2f;
    }, iter: 100);

    [Fact]
    public void All_instruction_sets_give_the_same_to_the_last_bit() => Gen.Select(Gen.Int, Gen.Int[0, 400]).Sample((seed, courses) =>
    {
        CourseVectors vectors = RandomVectors(seed, courses, courses);
        float[] query = RandomQuery(seed + 1);
        var portable = new VectorMatch[50];
        int n = VectorScan.Top(vectors, query, portable, ScanPath.Portable);
        foreach (ScanPath path in (ScanPath[])[ScanPath.Best, ScanPath.Vector512, ScanPath.Vector256])
        {
            var other = new VectorMatch[50];
            Assert.Equal(n, VectorScan.Top(vectors, query, other, path));
            Assert.Equal(portable, other);
        }
    }, iter: 100);

    [Fact]
    public void Of_equals_the_lowest_ordinals_are_found()
    {
        CourseVectors vectors = RandomVectors(3, 5_000, distinct: 1);
        float[] query = new float[Dimensions];
        VectorQuantiser.Restore(vectors.Of(0), vectors.Scales[0], query);
        var found = new VectorMatch[40];
        Assert.Equal(40, VectorScan.Top(vectors, query, found));
        Assert.Equal(Enumerable.Range(0, 40), found.Select(m => m.Course));
    }

    [Fact]
    public void A_course_is_nearest_to_its_own_vector_and_ordinals_past_a_whole_block_count()
    {
        CourseVectors vectors = RandomVectors(5, 333, 333);
        float[] query = new float[Dimensions];
        var found = new VectorMatch[1];
        foreach (int course in (int[])[0, 15, 16, 319, 320, 332])
        {
            VectorQuantiser.Restore(vectors.Of(course), vectors.Scales[course], query);
            Assert.Equal(1, VectorScan.Top(vectors, query, found));
            Assert.Equal(course, found[0].Course);
            Assert.InRange(found[0].Score, 0.99f, 1.01f);
        }
    }

    [Fact]
    public void Only_scores_above_nothing_count()
    {
        CourseVectors vectors = RandomVectors(7, 100, 100);
        float[] query = RandomQuery(8);
        var found = new VectorMatch[100];
        int n = VectorScan.Top(vectors, query, found);
        Assert.InRange(n, 30, 70);
        Assert.All(found.Take(n), m => Assert.True(m.Score > 0));
        Assert.Equal(0, VectorScan.Top(vectors, new float[Dimensions], found));
        Assert.Equal(0, VectorScan.Top(CourseVectors.Empty, query, found));
        Assert.Equal(0, VectorScan.Top(vectors, query, []));
    }

    [Fact]
    public void A_query_that_is_none_is_refused()
    {
        CourseVectors vectors = RandomVectors(7, 10, 10);
        float[] wrong = RandomQuery(8);
        wrong[5] = float.NaN;
        Assert.Throws<ArgumentException>(() => VectorScan.Top(vectors, wrong, new VectorMatch[3]));
        Assert.Throws<ArgumentException>(() => VectorScan.Top(vectors, new float[63], new VectorMatch[3]));
        Assert.Throws<ArgumentException>(() => VectorScan.Top(vectors, RandomQuery(8), new VectorMatch[VectorScan.LargestCount + 1]));
    }

    [Fact]
    public void Similarity_is_the_cosine_of_the_stored_bytes() => Gen.Int.Sample(seed =>
    {
        CourseVectors vectors = RandomVectors(seed, 20, 20);
        for (int a = 0; a < 20; a++)
        {
            int b = (a * 7) % 20;
            int dot = 0;
            for (int d = 0; d < Dimensions; d++)
            {
                dot += vectors.Of(a)[d] * vectors.Of(b)[d];
            }

            Assert.InRange(VectorScan.Similarity(vectors, a, b) - (dot * vectors.Scales[a] * vectors.Scales[b]), -1e-6f, 1e-6f);
            Assert.InRange(VectorScan.Similarity(vectors, a, b) - VectorScan.Similarity(vectors, b, a), -1e-6f, 1e-6f);
        }

        Assert.Equal(0f, VectorScan.Similarity(vectors, -1, 3));
        Assert.Equal(0f, VectorScan.Similarity(vectors, 3, 20));
    }, iter: 50);

    [Fact]
    public void The_dot_product_holds_the_largest_codes()
    {
        sbyte[] most = [.. Enumerable.Repeat((sbyte)127, Dimensions)];
        sbyte[] least = [.. Enumerable.Repeat((sbyte)-127, Dimensions)];
        Assert.Equal(127 * 127 * Dimensions, VectorScan.Dot(most, most));
        Assert.Equal(-127 * 127 * Dimensions, VectorScan.Dot(most, least));
        Assert.Throws<ArgumentException>(() => VectorScan.Dot(most, most.AsSpan(1)));
    }

    private static VectorMatch[] Naive(CourseVectors vectors, float[] query, int count)
    {
        var all = new List<VectorMatch>();
        for (int course = 0; course < vectors.Count; course++)
        {
            float score = vectors.ExactDot(query, course);
            if (score > 0)
            {
                all.Add(new VectorMatch(course, score));
            }
        }

        return [.. all.OrderByDescending(m => m.Score).ThenBy(m => m.Course).Take(count)];
    }

    /// <summary>Unit vectors, of which only the first <paramref name="distinct"/> differ: the others repeat them.</summary>
    private static CourseVectors RandomVectors(int seed, int courses, int distinct)
    {
        var random = new Random(seed);
        var codes = new sbyte[courses * Dimensions];
        var scales = new float[courses];
        float[] vector = new float[Dimensions];
        for (int course = 0; course < courses; course++)
        {
            if (course >= distinct)
            {
                int from = course % distinct;
                codes.AsSpan(from * Dimensions, Dimensions).CopyTo(codes.AsSpan(course * Dimensions));
                scales[course] = scales[from];
                continue;
            }

            for (int d = 0; d < Dimensions; d++)
            {
                vector[d] = (float)(random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5);
            }

            HashProjection.Normalise(vector);
            scales[course] = VectorQuantiser.Quantise(vector, codes.AsSpan(course * Dimensions, Dimensions));
        }

        return new CourseVectors(codes, scales);
    }

    private static float[] RandomQuery(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Dimensions).Select(_ => (float)(random.NextDouble() - 0.5) * 3)];
    }
}

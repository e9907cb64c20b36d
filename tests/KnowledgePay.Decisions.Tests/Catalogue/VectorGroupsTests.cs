using System.Numerics.Tensors;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Recommending;

namespace KnowledgePay.Decisions.Tests.Catalogue;

public sealed class VectorGroupsTests
{
    private const int Dimensions = CourseVectors.Dimensions;
    private const int Courses = 12_000;
    private const int Subjects = 150;

    [Fact]
    public void Every_course_with_a_vector_stands_in_one_group_with_its_bytes()
    {
        float[] vectors = Vectors(Courses, seed: 1);
        vectors.AsSpan(7 * Dimensions, Dimensions).Clear();
        CourseVectors whole = CourseVectors.Of(vectors);
        AssertWhole(whole);
        Assert.NotNull(whole.Groups.Centres);
        Assert.DoesNotContain(7, Placed(whole));
    }

    [Fact]
    public void What_is_found_is_what_reading_everything_finds()
    {
        float[] floats = Vectors(Courses, seed: 2);
        CourseVectors vectors = CourseVectors.Of(floats);
        var found = new VectorMatch[10];
        int hits = 0, asked = 0;
        for (int course = 0; course < Courses; course += 97)
        {
            // Between two courses: what somebody likes who likes both.
            float[] query = new float[Dimensions];
            TensorPrimitives.Add(floats.AsSpan(course * Dimensions, Dimensions), floats.AsSpan((course * 31 % Courses) * Dimensions, Dimensions), query);
            int n = VectorScan.Top(vectors, query, found);
            int[] exact = [.. Enumerable.Range(0, Courses).OrderByDescending(i => TensorPrimitives.Dot(query, floats.AsSpan(i * Dimensions, Dimensions))).Take(10)];
            asked += 10;
            hits += found.Take(n).Count(match => exact.Contains(match.Course));
        }

        Assert.InRange((double)hits / asked, 0.99, 1.0);
    }

    [Fact]
    public void A_changed_course_moves_and_a_new_one_is_found_at_once()
    {
        float[] floats = Vectors(Courses, seed: 3);
        CourseVectors before = CourseVectors.Of(floats);
        float[] other = floats.AsSpan(9_000 * Dimensions, Dimensions).ToArray();
        CourseVectors after = before.With(Courses + 5, [4, Courses + 2], [.. other, .. other]);
        AssertWhole(after);
        Assert.Same(before.Groups.Centres, after.Groups.Centres);
        var found = new VectorMatch[3];
        Assert.Equal(3, VectorScan.Top(after, other, found));
        Assert.Equal([4, 9_000, Courses + 2], found.Select(match => match.Course).Order());
        // The old one answers as it did.
        Assert.Equal(1, VectorScan.Top(before, other, found.AsSpan(0, 1)));
        Assert.Equal(9_000, found[0].Course);
        // A course that loses its vector is found no more.
        CourseVectors without = after.With(Courses + 5, [9_000], new float[Dimensions]);
        AssertWhole(without);
        int n = VectorScan.Top(without, other, found);
        Assert.DoesNotContain(9_000, found.Take(n).Select(match => match.Course));
    }

    [Fact]
    public void A_catalogue_that_grew_course_by_course_finds_what_one_finds_that_came_at_once()
    {
        float[] floats = Vectors(Courses, seed: 4);
        CourseVectors grown = CourseVectors.Empty;
        for (int from = 0; from < Courses; from += 1_000)
        {
            grown = grown.With(from + 1_000, [.. Enumerable.Range(from, 1_000)], floats.AsSpan(from * Dimensions, 1_000 * Dimensions));
        }

        AssertWhole(grown);
        CourseVectors whole = CourseVectors.Of(floats);
        VectorMatch[] one = new VectorMatch[10], two = new VectorMatch[10];
        int same = 0;
        for (int course = 0; course < 1_000; course += 10)
        {
            VectorScan.Top(grown, floats.AsSpan(course * Dimensions, Dimensions), one);
            VectorScan.Top(whole, floats.AsSpan(course * Dimensions, Dimensions), two);
            same += one.Intersect(two).Count();
        }

        Assert.InRange(same, 990, 1_000);
    }

    [Fact]
    public void Courses_that_get_their_vectors_late_are_found()
    {
        float[] floats = Vectors(Courses, seed: 7);
        // Removed courses and those without a word have no vector.
        CourseVectors vectors = CourseVectors.Of(new float[Courses * Dimensions]).With(Courses, [.. Enumerable.Range(0, Courses)], floats);
        AssertWhole(vectors);
        var found = new VectorMatch[1];
        for (int course = 0; course < Courses; course += 500)
        {
            Assert.Equal(1, VectorScan.Top(vectors, floats.AsSpan(course * Dimensions, Dimensions), found));
            Assert.Equal(course, found[0].Course);
        }
    }

    [Fact]
    public void All_instruction_sets_give_the_same_of_many_courses()
    {
        float[] floats = Vectors(Courses, seed: 5);
        CourseVectors vectors = CourseVectors.Of(floats);
        for (int course = 0; course < 50; course++)
        {
            VectorMatch[] portable = new VectorMatch[20], other = new VectorMatch[20];
            VectorScan.Top(vectors, floats.AsSpan(course * Dimensions, Dimensions), portable, ScanPath.Portable);
            foreach (ScanPath path in (ScanPath[])[ScanPath.Best, ScanPath.Vector512, ScanPath.Vector256])
            {
                VectorScan.Top(vectors, floats.AsSpan(course * Dimensions, Dimensions), other, path);
                Assert.Equal(portable, other);
            }
        }
    }

    [Fact]
    public void The_second_bytes_make_the_score_exact_to_a_thousandth()
    {
        float[] floats = Vectors(500, seed: 6);
        CourseVectors vectors = CourseVectors.Of(floats);
        var found = new VectorMatch[5];
        for (int course = 0; course < 500; course += 50)
        {
            ReadOnlySpan<float> query = floats.AsSpan(course * Dimensions, Dimensions);
            VectorScan.Top(vectors, query, found);
            foreach (VectorMatch match in found)
            {
                float exact = TensorPrimitives.Dot(query, floats.AsSpan(match.Course * Dimensions, Dimensions));
                Assert.InRange(match.Score - exact, -1e-4f, 1e-4f);
            }
        }
    }

    private static void AssertWhole(CourseVectors vectors)
    {
        VectorGroups groups = vectors.Groups;
        int[] placed = Placed(vectors);
        Assert.Equal(Enumerable.Range(0, vectors.Count).Where(course => vectors.Scales[course] > 0f), placed.Order());
        for (int place = 0; place < groups.Scales.Length; place++)
        {
            if (groups.Scales[place] > 0f)
            {
                int course = groups.Courses![place];
                Assert.Equal(vectors.Scales[course], groups.Scales[place]);
                for (int d = 0; d < Dimensions; d += 21)
                {
                    Assert.Equal(vectors.Of(course)[d] + 128, groups.Blocks[(place / 16 * 1024) + (d / 4 * 64) + (place % 16 * 4) + (d % 4)]);
                }
            }
        }
    }

    private static int[] Placed(CourseVectors vectors) =>
        [.. Enumerable.Range(0, vectors.Groups.Scales.Length).Where(place => vectors.Groups.Scales[place] > 0f).Select(place => vectors.Groups.Courses![place])];

    /// <summary>Unit vectors around subjects.</summary>
    private static float[] Vectors(int courses, int seed)
    {
        var random = new Random(seed);
        float[] subjects = [.. Enumerable.Range(0, Subjects * Dimensions).Select(_ => Noise(random))];
        float[] vectors = new float[courses * Dimensions];
        for (int course = 0; course < courses; course++)
        {
            ReadOnlySpan<float> subject = subjects.AsSpan(random.Next(Subjects) * Dimensions, Dimensions);
            Span<float> vector = vectors.AsSpan(course * Dimensions, Dimensions);
            for (int d = 0; d < Dimensions; d++)
            {
                vector[d] = subject[d] + (0.6f * Noise(random));
            }

            HashProjection.Normalise(vector);
        }

        return vectors;
    }

    private static float Noise(Random random) => (float)(random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5);
}

using System.Diagnostics;
using System.Globalization;
using System.Numerics.Tensors;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Recommending;

namespace KnowledgePay.Benchmarks.Retrieval;

/// <summary>The nearest ten of many courses: time on one thread, and how many of the ten are those of an exact scan of the floats.</summary>
/// <remarks>Vectors stand around centres, as text and taste do, and a query is a noisy one of them. Prints; judges nothing.</remarks>
internal static class RetrievalCheck
{
    private const int Dimensions = CourseVectors.Dimensions;
    private const int Nearest = 10;
    private const int Queries = 1_000;
    private const int CoursesOfACentre = 100;
    private const float Spread = 0.6f;

    public static int Run(TextWriter output)
    {
        output.WriteLine("courses  query of   recall@10    p50 µs    p99 µs  exact p50 µs");
        foreach (int courses in (int[])[10_000, 100_000, 1_000_000])
        {
            var random = new Random(1);
            float[] centres = Points(random, Math.Max(1, courses / CoursesOfACentre));
            float[] floats = Around(random, centres, courses);
            long started = Stopwatch.GetTimestamp();
            CourseVectors vectors = CourseVectors.Of(floats);
            TimeSpan built = Stopwatch.GetElapsedTime(started);
            started = Stopwatch.GetTimestamp();
            CourseVectors changed = vectors.With(courses, [courses / 2], floats.AsSpan(0, Dimensions));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{changed.Count,7} laid out in {built.TotalMilliseconds:F0} ms, again after a change in {Stopwatch.GetElapsedTime(started).TotalMilliseconds:F1} ms"));
            foreach (int parts in (int[])[1, 3])
            {
                Measure(output, floats, vectors, Mixed(random, Around(random, floats, Queries * parts), parts), parts);
            }
        }

        return 0;
    }

    private static void Measure(TextWriter output, float[] floats, CourseVectors vectors, float[] queries, int parts)
    {
        double[] scan = new double[Queries], exact = new double[Queries];
        Span<VectorMatch> found = stackalloc VectorMatch[Nearest];
        int hits = 0, asked = 0;
        for (int pass = 0; pass < 2; pass++)
        {
            // The first pass warms up; the exact scan needs fewer queries, being the same work for each.
            hits = asked = 0;
            for (int q = 0; q < Queries; q++)
            {
                ReadOnlySpan<float> query = queries.AsSpan(q * Dimensions, Dimensions);
                long started = Stopwatch.GetTimestamp();
                int n = VectorScan.Top(vectors, query, found);
                scan[q] = Stopwatch.GetElapsedTime(started).TotalMicroseconds;
                if (q % 5 == 0)
                {
                    started = Stopwatch.GetTimestamp();
                    HashSet<int> truth = Exact(floats, query);
                    exact[asked / Nearest] = Stopwatch.GetElapsedTime(started).TotalMicroseconds;
                    asked += Nearest;
                    for (int i = 0; i < n; i++)
                    {
                        hits += truth.Contains(found[i].Course) ? 1 : 0;
                    }
                }
            }
        }

        Array.Sort(scan);
        Array.Sort(exact, 0, asked / Nearest);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{vectors.Count,7} {parts,9} {(double)hits / asked,10:F4} {scan[Queries / 2],9:F0} {scan[Queries * 99 / 100],9:F0} {exact[asked / Nearest / 2],13:F0}"));
    }

    private static HashSet<int> Exact(float[] floats, ReadOnlySpan<float> query)
    {
        var best = new PriorityQueue<int, float>(Nearest + 1);
        for (int course = 0; course < floats.Length / Dimensions; course++)
        {
            float score = TensorPrimitives.Dot(floats.AsSpan(course * Dimensions, Dimensions), query);
            if (best.Count < Nearest)
            {
                best.Enqueue(course, score);
            }
            else
            {
                best.EnqueueDequeue(course, score);
            }
        }

        return [.. best.UnorderedItems.Select(item => item.Element)];
    }

    private static float[] Points(Random random, int count)
    {
        float[] points = new float[count * Dimensions];
        for (int i = 0; i < points.Length; i++)
        {
            points[i] = Normal(random);
        }

        return points;
    }

    /// <summary>Unit vectors, each near one of the centres.</summary>
    private static float[] Around(Random random, float[] centres, int count)
    {
        float[] points = new float[count * Dimensions];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<float> centre = centres.AsSpan(random.Next(centres.Length / Dimensions) * Dimensions, Dimensions);
            float spread = Spread * TensorPrimitives.Norm(centre) / MathF.Sqrt(Dimensions);
            Span<float> point = points.AsSpan(i * Dimensions, Dimensions);
            for (int d = 0; d < Dimensions; d++)
            {
                point[d] = centre[d] + (spread * Normal(random));
            }

            TensorPrimitives.Divide(point, TensorPrimitives.Norm(point), point);
        }

        return points;
    }

    /// <summary>Sums of so many vectors each: the taste of somebody who likes several things.</summary>
    private static float[] Mixed(Random random, float[] vectors, int parts)
    {
        float[] sums = new float[vectors.Length / parts];
        for (int i = 0; i < vectors.Length; i++)
        {
            sums[(i / Dimensions / parts * Dimensions) + (i % Dimensions)] += vectors[i] * (1f + random.NextSingle());
        }

        return sums;
    }

    private static float Normal(Random random) =>
        MathF.Sqrt(-2f * MathF.Log(1f - random.NextSingle())) * MathF.Cos(2f * MathF.PI * random.NextSingle());
}

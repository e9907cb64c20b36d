using KnowledgePay.Decisions.Catalogue;

namespace KnowledgePay.Decisions.Recommending;

/// <summary>The courses whose vectors lie nearest to a course's own: found once for a course and a state of the catalogue, since every visitor of its page needs the same.</summary>
internal static class PageNeighbours
{
    /// <summary>How many are kept of a course: 4 bytes each.</summary>
    public const int Kept = 32;

    /// <summary>Nearest first, at most <see cref="Kept"/>, never the course itself.</summary>
    public static ReadOnlySpan<int> Of(CourseVectors vectors, int ordinal)
    {
        if ((uint)ordinal >= (uint)vectors.Count)
        {
            return [];
        }

        // Two threads may find the same at once; it is the same.
        int[]?[] known = vectors.Neighbours;
        return Volatile.Read(ref known[ordinal]) ?? (known[ordinal] = Find(vectors, ordinal));
    }

    private static int[] Find(CourseVectors vectors, int ordinal)
    {
        Span<float> query = stackalloc float[CourseVectors.Dimensions];
        VectorQuantiser.Restore(vectors.Of(ordinal), vectors.Scales[ordinal], query);
        Span<VectorMatch> best = stackalloc VectorMatch[Kept + 1];
        int n = VectorScan.Top(vectors, query, best);
        var found = new List<int>(n);
        foreach (VectorMatch match in best[..n])
        {
            if (match.Course != ordinal && found.Count < Kept)
            {
                found.Add(match.Course);
            }
        }

        return [.. found];
    }
}

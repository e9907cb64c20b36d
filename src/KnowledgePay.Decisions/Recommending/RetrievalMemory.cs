using KnowledgePay.Decisions.Catalogue;

namespace KnowledgePay.Decisions.Recommending;

/// <summary>What the last scan of the catalogue found for a person, kept by whoever holds the person's state: while neither taste nor catalogue changed, the same scan finds the same.</summary>
/// <remarks>It changes no decision, only its cost. One decision at a time may use it. About 1 KB once used.</remarks>
public sealed class RetrievalMemory
{
    private CourseVectors? _vectors;
    private float[] _query = [];
    private int[] _found = [];
    private int _asked;

    /// <summary>The courses nearest to the query, at most <paramref name="most"/>, nearest first.</summary>
    internal ReadOnlySpan<int> Nearest(CourseVectors vectors, ReadOnlySpan<float> query, int most, Span<VectorMatch> room)
    {
        if (!ReferenceEquals(vectors, _vectors) || _asked != most || !query.SequenceEqual(_query))
        {
            int n = VectorScan.Top(vectors, query, room[..most]);
            if (_found.Length != n)
            {
                _found = new int[n];
            }

            for (int i = 0; i < n; i++)
            {
                _found[i] = room[i].Course;
            }

            if (_query.Length != query.Length)
            {
                _query = new float[query.Length];
            }

            query.CopyTo(_query);
            _asked = most;
            _vectors = vectors;
        }

        return _found;
    }
}

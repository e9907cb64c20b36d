using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Profiles;

namespace KnowledgePay.Decisions.Recommending;

/// <summary>The concepts that a person follows, and those next to them: what is taught together with them, or where they lead.</summary>
/// <remarks>
/// A concept's weight is its decayed affinity over the strongest. From each of the strongest, a random walk of one step spreads <see cref="Spread"/> of the weight: to a course that teaches the concept,
/// or to one that can be taken after such a course, and to a concept that is taught there. A course's likeness is the cosine of its concepts with these weights, both by rarity (tf-idf).
/// </remarks>
internal sealed class ConceptTaste
{
    /// <summary>Concepts kept, the person's own first.</summary>
    public const int Most = 128;
    /// <summary>Own concepts from which is walked.</summary>
    private const int Walked = 4;
    /// <summary>Own concepts whose courses are candidates.</summary>
    private const int Offered = 4;
    private const int CoursesWalked = 6;
    private const int FollowersWalked = 2;
    private const float Spread = 0.5f;
    // Twice as many as are kept, and a power of two.
    private const int Slots = 256;

    private readonly int[] _slots = new int[Slots];
    private readonly int[] _terms = new int[Most];
    private readonly float[] _weights = new float[Most];
    private readonly float[] _rareWeights = new float[Most];
    private readonly int[] _sources = new int[Most];
    private int _count;
    private int _own;
    private float _length;

    public bool IsEmpty => _length == 0;

    /// <summary>The strongest of the person's own concepts, strongest first.</summary>
    public ReadOnlySpan<int> Strongest => _terms.AsSpan(0, Math.Min(Offered, _own));

    public void Clear()
    {
        if (_count > 0)
        {
            Array.Clear(_slots);
        }

        (_count, _own, _length) = (0, 0, 0f);
    }

    public void Read(TermAffinities own, CourseGraph graph)
    {
        Clear();
        Span<ulong> keys = stackalloc ulong[TermAffinities.ConceptCapacity];
        int n = 0;
        for (int i = 0; i < own.Terms.Length && n < keys.Length; i++)
        {
            if (own.Weights[i] > 0)
            {
                keys[n++] = Selection.Key(own.Weights[i], own.Terms[i]);
            }
        }

        if (n == 0)
        {
            return;
        }

        Selection.SortLargestFirst(keys[..n], n);
        float strongest = Selection.ScoreOf(keys[0]);
        foreach (ulong key in keys[..n])
        {
            Add(Selection.IdOf(key), Selection.ScoreOf(key) / strongest, Selection.IdOf(key));
        }

        _own = _count;
        for (int i = 0; i < Math.Min(Walked, _own); i++)
        {
            Walk(graph, _terms[i], Spread * _weights[i]);
        }

        float squares = 0f;
        for (int i = 0; i < _count; i++)
        {
            float rarity = graph.RarityOf(_terms[i]);
            float weight = _weights[i] * rarity;
            squares += weight * weight;
            _rareWeights[i] = weight * rarity;
        }

        _length = MathF.Sqrt(squares);
    }

    /// <summary>Cosine of a course's concepts with the person's, 0–1.</summary>
    public float LikenessOf(CourseGraph graph, in CourseFacts course)
    {
        if (course.ConceptLength == 0 || _length == 0)
        {
            return 0f;
        }

        float dot = 0f;
        foreach (int concept in graph.Concepts.AsSpan(course.FirstConcept, course.ConceptCount))
        {
            int at = Find(concept);
            dot += at >= 0 ? _rareWeights[at] : 0f;
        }

        return dot / (course.ConceptLength * _length);
    }

    /// <summary>The concept of the person's own that brings a course nearest, −1 for none.</summary>
    public int SourceOf(CourseGraph graph, int course)
    {
        int source = -1;
        float most = 0f;
        foreach (int concept in graph.ConceptsOf(course))
        {
            int at = Find(concept);
            if (at >= 0 && _rareWeights[at] > most)
            {
                (most, source) = (_rareWeights[at], _sources[at]);
            }
        }

        return source;
    }

    private void Walk(CourseGraph graph, int concept, float weight)
    {
        ReadOnlySpan<int> teaching = graph.Teaching(concept);
        teaching = teaching[Math.Max(0, teaching.Length - CoursesWalked)..];
        foreach (int course in teaching)
        {
            Spreading(graph, course, concept, weight / teaching.Length);
            ReadOnlySpan<int> followers = graph.Followers(course);
            foreach (int follower in followers[..Math.Min(FollowersWalked, followers.Length)])
            {
                Spreading(graph, follower, concept, weight / teaching.Length);
            }
        }
    }

    private void Spreading(CourseGraph graph, int course, int from, float weight)
    {
        ReadOnlySpan<int> concepts = graph.ConceptsOf(course);
        foreach (int concept in concepts)
        {
            if (concept != from)
            {
                Add(concept, weight / concepts.Length, from);
            }
        }
    }

    private void Add(int term, float weight, int source)
    {
        int slot = SlotOf(term);
        while (_slots[slot] != 0)
        {
            int at = _slots[slot] - 1;
            if (_terms[at] == term)
            {
                _weights[at] += weight;
                return;
            }

            slot = (slot + 1) & (Slots - 1);
        }

        if (_count < Most)
        {
            (_terms[_count], _weights[_count], _sources[_count]) = (term, weight, source);
            _slots[slot] = ++_count;
        }
    }

    private int Find(int term)
    {
        int slot = SlotOf(term);
        while (_slots[slot] != 0)
        {
            int at = _slots[slot] - 1;
            if (_terms[at] == term)
            {
                return at;
            }

            slot = (slot + 1) & (Slots - 1);
        }

        return -1;
    }

    // Fibonacci hashing (Knuth, The Art of Computer Programming 3, 6.4).
    private static int SlotOf(int term) => (int)((uint)term * 2654435769u >> 24);
}

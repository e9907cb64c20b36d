namespace KnowledgePay.Decisions.Catalogue;

/// <summary>Which courses teach which concepts, and which must be taken before which: what a ranking walks along. Made anew with every change of the courses.</summary>
/// <remarks>A prerequisite is a course, or, where no course has that id, a concept (case does not matter): then any course that teaches it will do. One that is neither asks for nothing.</remarks>
public sealed class CourseGraph
{
    /// <summary>Concepts of a course that are read, the first ones.</summary>
    public const int MostConcepts = 16;

    /// <summary>Of a concept that more courses teach than this, none is said to lead to the courses that ask for it.</summary>
    public const int MostLeading = 64;

    private readonly Adjacency _concepts;
    private readonly Adjacency _teaching;
    private readonly Adjacency _followers;
    private readonly int[] _firstRequirement;
    private readonly int[][] _requirements;
    private readonly float[] _rarities;
    private readonly float[] _lengths;
    private readonly Dictionary<string, int> _ordinals;
    private readonly Dictionary<string, int[]> _askedConcepts;

    /// <param name="courses">By ordinal; a hole is null.</param>
    /// <param name="ordinals">Of the courses' ids.</param>
    internal CourseGraph(CourseEntry?[] courses, Dictionary<string, int> ordinals)
    {
        _ordinals = ordinals;
        var concepts = new List<(int Course, int Concept)>();
        int highest = -1;
        foreach (CourseEntry? course in courses)
        {
            foreach (int concept in course is null ? [] : course.Concepts.AsSpan(0, Math.Min(MostConcepts, course.Concepts.Length)))
            {
                concepts.Add((course!.Ordinal, concept));
                highest = Math.Max(highest, concept);
            }
        }

        _concepts = new Adjacency(courses.Length, concepts);
        _teaching = new Adjacency(highest + 1, concepts.ConvertAll(pair => (pair.Concept, pair.Course)));
        (_rarities, _lengths) = Rarities(courses.Length, highest + 1);
        _askedConcepts = AskedConcepts(courses, ordinals);
        (_firstRequirement, _requirements) = RequirementsOf(courses);
        _followers = FollowersOf(courses.Length);
    }

    /// <summary>Whether two courses of one id teach the same and ask for the same.</summary>
    internal static bool IsSame(CourseEntry one, CourseEntry other) =>
        one.Concepts.AsSpan().SequenceEqual(other.Concepts) && one.Course.Prerequisites.AsSpan().SequenceEqual(other.Course.Prerequisites.AsSpan())
        && one.Course.Concepts.AsSpan().SequenceEqual(other.Course.Concepts.AsSpan());

    /// <summary>Term numbers of what a course teaches, at most <see cref="MostConcepts"/>.</summary>
    public ReadOnlySpan<int> ConceptsOf(int course) => _concepts.Of(course);

    /// <summary>Courses that teach a concept among their first, rising.</summary>
    public ReadOnlySpan<int> Teaching(int concept) => _teaching.Of(concept);

    /// <summary>How much a concept says about a course, 0–1: log(1 + courses ⁄ courses that teach it) over the largest that this can be.</summary>
    public float RarityOf(int concept) => (uint)concept < (uint)_rarities.Length ? _rarities[concept] : 0f;

    /// <summary>Length of a course's vector of rarities, 0 for a course without concepts.</summary>
    internal float LengthOf(int course) => _lengths[course];

    /// <summary>All courses' concepts, side by side: a course's are where <see cref="CourseFacts.FirstConcept"/> says.</summary>
    internal int[] Concepts => _concepts.Members;

    /// <summary>Where a course's concepts begin among all.</summary>
    internal int FirstConceptOf(int course) => _concepts.StartOf(course);

    /// <summary>Courses that can be taken after a course, among others perhaps; rising.</summary>
    public ReadOnlySpan<int> Followers(int course) => _followers.Of(course);

    /// <summary>What a course asks for: for each, the courses of which one will do, rising.</summary>
    public ReadOnlySpan<int[]> Requirements(int course) =>
        (uint)course < (uint)(_firstRequirement.Length - 1) ? _requirements.AsSpan(_firstRequirement[course].._firstRequirement[course + 1]) : [];

    /// <summary>Courses of which one fulfils a prerequisite that some course has, rising; none for one that nothing fulfils.</summary>
    public int[] Fulfilling(string prerequisite) =>
        _ordinals.TryGetValue(prerequisite, out int known) ? [known] : _askedConcepts.GetValueOrDefault(prerequisite) ?? [];

    private (float[] Rarities, float[] Lengths) Rarities(int courses, int concepts)
    {
        float[] rarities = new float[concepts], lengths = new float[courses];
        float largest = MathF.Log(1f + courses);
        for (int concept = 0; concept < concepts; concept++)
        {
            int teaching = _teaching.Of(concept).Length;
            rarities[concept] = teaching > 0 ? MathF.Log(1f + ((float)courses / teaching)) / largest : 0f;
        }

        for (int course = 0; course < courses; course++)
        {
            float squares = 0f;
            foreach (int concept in _concepts.Of(course))
            {
                squares += rarities[concept] * rarities[concept];
            }

            lengths[course] = MathF.Sqrt(squares);
        }

        return (rarities, lengths);
    }

    private static Dictionary<string, int[]> AskedConcepts(CourseEntry?[] courses, Dictionary<string, int> ordinals)
    {
        var asked = new Dictionary<string, List<int>>(StringComparer.OrdinalIgnoreCase);
        foreach (CourseEntry? course in courses)
        {
            foreach (string name in course is null || course.Course.Prerequisites.IsDefault ? [] : course.Course.Prerequisites)
            {
                if (!ordinals.ContainsKey(name))
                {
                    asked.TryAdd(name, []);
                }
            }
        }

        if (asked.Count > 0)
        {
            foreach (CourseEntry? course in courses)
            {
                foreach (string concept in course is null || course.Course.Concepts.IsDefault ? [] : course.Course.Concepts)
                {
                    if (asked.TryGetValue(concept, out List<int>? teaching) && (teaching.Count == 0 || teaching[^1] != course!.Ordinal))
                    {
                        teaching.Add(course!.Ordinal);
                    }
                }
            }
        }

        return asked.ToDictionary(pair => pair.Key, pair => pair.Value.ToArray(), StringComparer.OrdinalIgnoreCase);
    }

    private (int[] First, int[][] Requirements) RequirementsOf(CourseEntry?[] courses)
    {
        int[] first = new int[courses.Length + 1];
        var requirements = new List<int[]>();
        for (int course = 0; course < courses.Length; course++)
        {
            foreach (string name in courses[course] is { Course.Prerequisites: { IsDefault: false } names } ? names.Distinct() : [])
            {
                int[] choices = Fulfilling(name);

                // A course that asks for itself, or for what it teaches, would never be recommended to anybody.
                if (choices.Length > 0 && Array.BinarySearch(choices, course) < 0)
                {
                    requirements.Add(choices);
                }
            }

            first[course + 1] = requirements.Count;
        }

        return (first, [.. requirements]);
    }

    private Adjacency FollowersOf(int courses)
    {
        var followers = new List<(int From, int To)>();
        int[] lastFollower = new int[courses];
        Array.Fill(lastFollower, -1);
        for (int course = 0; course < courses; course++)
        {
            foreach (int[] choices in Requirements(course))
            {
                foreach (int choice in choices.Length <= MostLeading ? choices : [])
                {
                    // What fulfils two of its requirements leads to it once.
                    if (lastFollower[choice] != course)
                    {
                        lastFollower[choice] = course;
                        followers.Add((choice, course));
                    }
                }
            }
        }

        return new Adjacency(courses, followers);
    }
}

/// <summary>Rows of numbers, side by side.</summary>
internal sealed class Adjacency
{
    private readonly int[] _starts;
    private readonly int[] _members;

    /// <param name="rows">Each pair's first is below it.</param>
    /// <param name="pairs">A row's members keep their order.</param>
    public Adjacency(int rows, List<(int Row, int Member)> pairs)
    {
        _starts = new int[rows + 1];
        foreach ((int row, _) in pairs)
        {
            _starts[row + 1]++;
        }

        for (int row = 0; row < rows; row++)
        {
            _starts[row + 1] += _starts[row];
        }

        int[] next = [.. _starts];
        _members = new int[pairs.Count];
        foreach ((int row, int member) in pairs)
        {
            _members[next[row]++] = member;
        }
    }

    /// <summary>All rows' members.</summary>
    public int[] Members => _members;

    public int StartOf(int row) => _starts[row];

    /// <summary>None for a number that is no row.</summary>
    public ReadOnlySpan<int> Of(int row) => (uint)row < (uint)(_starts.Length - 1) ? _members.AsSpan(_starts[row].._starts[row + 1]) : [];
}

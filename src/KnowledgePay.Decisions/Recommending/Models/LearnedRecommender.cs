using KnowledgePay.Decisions.Catalogue;

namespace KnowledgePay.Decisions.Recommending.Models;

/// <summary>A recommender that was learned from the journal, as decisions use it: its items are the catalogue's courses, and a person is their shelf.</summary>
/// <remarks>A shelf that is one course longer has the full model's scores at the very next decision: nothing of a person is kept in the model.</remarks>
public sealed class LearnedRecommender
{
    private readonly IHistoryScorer _scorer;
    private readonly IReadOnlyList<string> _ids;
    private readonly Shortlister? _shortlister;
    private Mapping _mapping = new(0, [], []);

    /// <param name="version">As it stands in an answer's <c>modelVersions</c>.</param>
    /// <param name="ids">Course ids by the model's ordinal.</param>
    /// <param name="share">What of the weight of collaborative filtering the model has; the rest stays with what the crowd does now. 0 to 1.</param>
    /// <exception cref="ArgumentException">There are not as many ids as the scorer ranks items.</exception>
    public LearnedRecommender(string version, IHistoryScorer scorer, IReadOnlyList<string> ids, float share)
        : this(version, scorer, ids, share, Shortlister.FewestItems)
    {
    }

    /// <param name="shortlistedFrom">Items from which on the best are found rather than all scored.</param>
    internal LearnedRecommender(string version, IHistoryScorer scorer, IReadOnlyList<string> ids, float share, int shortlistedFrom)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(share);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(share, 1f);
        if (ids.Count != scorer.Items)
        {
            throw new ArgumentException($"The model ranks {scorer.Items} items and there are {ids.Count} ids.", nameof(ids));
        }

        (Version, _scorer, _ids, Share) = (version, scorer, ids, share);
        _shortlister = scorer.Items >= shortlistedFrom ? Shortlister.Of(scorer) : null;
    }

    public string Version { get; }

    public float Share { get; }

    public int Items => _scorer.Items;

    /// <summary>True for a model of so many items that a decision has the best of them found rather than all of them scored.</summary>
    internal bool IsShortlisted => _shortlister is not null;

    /// <summary>Of a model that <see cref="IsShortlisted"/>.</summary>
    internal ShortlistMemory Memory { get; } = new();

    /// <summary>What one thread asks of a model that <see cref="IsShortlisted"/>.</summary>
    internal Shortlist NewShortlist() => _shortlister!.NewList();

    /// <summary>Writes a score for every item of the model.</summary>
    internal void Score(ReadOnlySpan<HistoryEntry> history, Span<float> scores) => _scorer.Score(history, scores[..Items]);

    /// <summary>What the model knows of a shelf, oldest first.</summary>
    /// <param name="room">At least as long as the shelf.</param>
    internal ReadOnlySpan<HistoryEntry> HistoryOf(CatalogueSnapshot catalogue, ReadOnlySpan<int> shelf, Span<HistoryEntry> room)
    {
        int[] itemOf = Of(catalogue).ItemOf;
        int n = 0;
        foreach (int course in shelf)
        {
            if ((uint)course < (uint)itemOf.Length && itemOf[course] >= 0)
            {
                room[n++] = new HistoryEntry(itemOf[course], float.NaN, HistoryEntry.NoTime);
            }
        }

        return room[..n];
    }

    /// <summary>Course ordinals by the model's ordinal, −1 for a course that the catalogue does not have.</summary>
    internal ReadOnlySpan<int> Courses(CatalogueSnapshot catalogue) => Of(catalogue).CourseOf;

    /// <summary>The model's ordinals by course ordinal, −1 for a course that the model does not know; shorter than the catalogue never.</summary>
    internal ReadOnlySpan<int> ItemsOf(CatalogueSnapshot catalogue) => Of(catalogue).ItemOf;

    /// <summary>Ordinals are permanent, so that only new courses call for a new mapping.</summary>
    private Mapping Of(CatalogueSnapshot catalogue)
    {
        Mapping mapping = Volatile.Read(ref _mapping);
        if (mapping.Catalogue != catalogue.Courses.Length)
        {
            int[] courseOf = new int[_ids.Count];
            int[] itemOf = new int[catalogue.Courses.Length];
            Array.Fill(itemOf, -1);
            for (int item = 0; item < courseOf.Length; item++)
            {
                courseOf[item] = catalogue.FindCourse(_ids[item])?.Ordinal ?? -1;
                if (courseOf[item] >= 0)
                {
                    itemOf[courseOf[item]] = item;
                }
            }

            mapping = new Mapping(itemOf.Length, courseOf, itemOf);
            Volatile.Write(ref _mapping, mapping);
        }

        return mapping;
    }

    private sealed record Mapping(int Catalogue, int[] CourseOf, int[] ItemOf);
}

namespace KnowledgePay.Decisions.Recommending;

/// <summary>How a recommendation weighs its parts. Every part is scaled to 0–1 before its weight.</summary>
/// <remarks>Defaults were chosen on <c>mooc</c> (full ranking, everything on) so that collaborative filtering leads where people have a history and the text where nobody has taken a course yet.</remarks>
public sealed record RecommendationSettings
{
    public static readonly RecommendationSettings Default = new();

    /// <summary>What people with the same courses took; the best candidate has 1.</summary>
    public float CollaborativeWeight { get; init; } = 1f;
    /// <summary>Cosine with the taste vector.</summary>
    public float TasteWeight { get; init; } = 0.02f;
    /// <summary>Cosine with the nearest of the courses that the person took or viewed last, for a course that many took.</summary>
    public float TextWeight { get; init; } = 0.02f;
    /// <summary>The same for a course that nobody took; between them by <see cref="ColdPeople"/>.</summary>
    public float ColdTextWeight { get; init; } = 0.25f;
    /// <summary>People at which a course is half-way from cold to known.</summary>
    public float ColdPeople { get; init; } = 5f;
    /// <summary>Decayed interest of the last day and fortnight, on a logarithmic scale.</summary>
    public float TrendWeight { get; init; } = 0.01f;
    /// <summary>People who have the course, on a logarithmic scale.</summary>
    public float PopularityWeight { get; init; } = 0.01f;
    /// <summary>Neighbour of the course whose page asks, by collaborative filtering and by text.</summary>
    public float ContextWeight { get; init; } = 0.4f;
    /// <summary>Same category as the course whose page asks, or one that the person prefers.</summary>
    public float CategoryWeight { get; init; } = 0.005f;
    /// <summary>Matches an interest that the person declared; fades as the shelf fills (half at <see cref="InterestShelf"/> courses).</summary>
    public float InterestWeight { get; init; } = 0.3f;
    public float InterestShelf { get; init; } = 3f;
    /// <summary>Published within <see cref="NewDays"/>; not in lists that are the same for everybody, where being new is no reason to stand above what people take.</summary>
    public float NewWeight { get; init; } = 0.01f;
    public int NewDays { get; init; } = 30;

    /// <summary>λ of maximal marginal relevance (Carbonell and Goldstein 1998): 1 ranks by score alone.</summary>
    public float DiversityLambda { get; init; } = 0.9f;
    /// <summary>What a shared category adds to the cosine of two courses.</summary>
    public float SameCategorySimilarity { get; init; } = 0.2f;

    /// <summary>Share of answers in which one slot after the <see cref="ExplorationFreeSlots"/> first goes to a fresh or rarely taken course.</summary>
    public float ExplorationRate { get; init; } = 0.05f;
    public int ExplorationFreeSlots { get; init; } = 3;

    /// <summary>Candidates beyond the answer that the record keeps with their contributions.</summary>
    public int RunnersUpRecorded { get; init; } = 5;
}

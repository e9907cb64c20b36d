using KnowledgePay.Decisions.Credit;

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
    /// <summary>People who have the course over those who have the most taken one, for somebody with few courses: one course says little of a person. Halves with <see cref="CrowdShelf"/> courses; nothing without any, or where a learned model decides.</summary>
    public float CrowdWeight { get; init; } = 0.4f;
    public float CrowdShelf { get; init; } = 4f;
    /// <summary>Neighbour of the course whose page asks, by collaborative filtering and by text.</summary>
    public float ContextWeight { get; init; } = 0.4f;
    /// <summary>Same category as the course whose page asks, or one that the person prefers.</summary>
    public float CategoryWeight { get; init; } = 0.005f;
    /// <summary>Teaches concepts that the person follows, or some that are next to them (<see cref="ConceptTaste"/>), for a course that many took.</summary>
    public float ConceptWeight { get; init; } = 0.005f;
    /// <summary>The same for a course that nobody took; between them by <see cref="ColdPeople"/>.</summary>
    public float ColdConceptWeight { get; init; } = 0.1f;
    /// <summary>Comes next: asks for what the person took last, or is asked for by what they want and are not ready for (<see cref="LearningOrder"/>). 0 for none of that.</summary>
    public float LeadsWeight { get; init; } = 0.1f;
    /// <summary>The same for what is asked for by the course whose page asks: as much as the best by collaborative filtering, for somebody who is there and cannot take it yet.</summary>
    public float PageLeadsWeight { get; init; } = 1f;
    /// <summary>Matches an interest that the person declared; fades as the shelf fills (half at <see cref="InterestShelf"/> courses).</summary>
    public float InterestWeight { get; init; } = 0.3f;
    public float InterestShelf { get; init; } = 3f;
    /// <summary>Many of the person's declared region took it; fades as the shelf fills, as interests do, and counts by half where people of the region took <see cref="RegionTakings"/> courses all told.</summary>
    public float RegionWeight { get; init; } = 0.03f;
    public float RegionTakings { get; init; } = 50f;
    /// <summary>Published within <see cref="NewDays"/>; not in lists that are the same for everybody, where being new is no reason to stand above what people take.</summary>
    public float NewWeight { get; init; } = 0.01f;
    public int NewDays { get; init; } = 30;

    // What else a person's list is for, beside what the person is likely to want (the parts above, about 1 for the best candidate). Not in lists that are the same for everybody.
    /// <summary>Share of those who took the course that completed it: (completions + 1) ⁄ (enrolments + 4).</summary>
    public float CompletionWeight { get; init; }
    /// <summary>List price less marginal cost, over the largest such margin among the candidates; amounts on <see cref="Scale"/>.</summary>
    public float MarginWeight { get; init; }
    /// <summary>What partners pay for a sale, over the largest such value among the candidates; amounts on <see cref="Scale"/>.</summary>
    public float PartnerWeight { get; init; }
    /// <summary>Brings margins in different currencies to comparable ones.</summary>
    public CurrencyScale Scale { get; init; } = CurrencyScale.Default;

    /// <summary>λ of maximal marginal relevance (Carbonell and Goldstein 1998): 1 ranks by score alone.</summary>
    public float DiversityLambda { get; init; } = 0.9f;
    /// <summary>What a shared category adds to the cosine of two courses.</summary>
    public float SameCategorySimilarity { get; init; } = 0.2f;

    /// <summary>Share of answers in which one slot after the <see cref="ExplorationFreeSlots"/> first goes to a fresh or rarely taken course.</summary>
    public float ExplorationRate { get; init; } = 0.05f;
    public int ExplorationFreeSlots { get; init; } = 3;

    /// <summary>Candidates beyond the answer that the record keeps with their contributions.</summary>
    public int RunnersUpRecorded { get; init; } = 5;

    private const float LargestWeight = 10;
    private const int LargestRecorded = 100;

    /// <summary>What is out of range, one sentence a fault; empty when all is well.</summary>
    public IEnumerable<string> Faults()
    {
        foreach ((string name, float weight) in new[]
        {
            (nameof(CollaborativeWeight), CollaborativeWeight), (nameof(TasteWeight), TasteWeight), (nameof(TextWeight), TextWeight), (nameof(ColdTextWeight), ColdTextWeight),
            (nameof(TrendWeight), TrendWeight), (nameof(PopularityWeight), PopularityWeight), (nameof(ContextWeight), ContextWeight), (nameof(CategoryWeight), CategoryWeight),
            (nameof(ConceptWeight), ConceptWeight), (nameof(ColdConceptWeight), ColdConceptWeight), (nameof(LeadsWeight), LeadsWeight), (nameof(PageLeadsWeight), PageLeadsWeight),
            (nameof(CrowdWeight), CrowdWeight), (nameof(InterestWeight), InterestWeight), (nameof(RegionWeight), RegionWeight), (nameof(NewWeight), NewWeight), (nameof(CompletionWeight), CompletionWeight), (nameof(MarginWeight), MarginWeight), (nameof(PartnerWeight), PartnerWeight),
        })
        {
            if (!(weight is >= 0 and <= LargestWeight))
            {
                yield return $"{name} is {weight}; expected 0 to {LargestWeight}.";
            }
        }

        foreach ((string name, float share) in new[] { (nameof(DiversityLambda), DiversityLambda), (nameof(SameCategorySimilarity), SameCategorySimilarity), (nameof(ExplorationRate), ExplorationRate) })
        {
            if (!(share is >= 0 and <= 1))
            {
                yield return $"{name} is {share}; expected 0 to 1.";
            }
        }

        foreach ((string name, float half) in new[] { (nameof(ColdPeople), ColdPeople), (nameof(InterestShelf), InterestShelf), (nameof(RegionTakings), RegionTakings), (nameof(CrowdShelf), CrowdShelf) })
        {
            if (!(half is > 0 and <= 1_000_000))
            {
                yield return $"{name} is {half}; expected more than 0 and at most 1000000.";
            }
        }

        if (NewDays is < 0 or > 3650)
        {
            yield return $"{nameof(NewDays)} is {NewDays}; expected 0 to 3650.";
        }

        if (ExplorationFreeSlots is < 0 or > LargestRecorded)
        {
            yield return $"{nameof(ExplorationFreeSlots)} is {ExplorationFreeSlots}; expected 0 to {LargestRecorded}.";
        }

        if (RunnersUpRecorded is < 0 or > LargestRecorded)
        {
            yield return $"{nameof(RunnersUpRecorded)} is {RunnersUpRecorded}; expected 0 to {LargestRecorded}.";
        }
    }
}

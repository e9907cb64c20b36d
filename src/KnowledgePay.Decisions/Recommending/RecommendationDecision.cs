using System.Collections.Immutable;
using System.Globalization;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Decisions.Catalogue;

namespace KnowledgePay.Decisions.Recommending;

/// <summary>What was recommended, and all by which it can be explained.</summary>
public sealed class RecommendationDecision
{
    private readonly DecisionContext _context;
    private readonly RecommendationRequest _request;
    private readonly ScoredCourse[] _candidates;
    private readonly RecommendationStages _stages;
    private readonly RulesOfList _rules;
    private readonly int[] _shelf;
    private readonly int _shelfCount;

    internal RecommendationDecision(
        in DecisionContext context,
        RecommendationRequest request,
        ImmutableArray<RecommendedItem> items,
        ImmutableArray<Reason> reasons,
        ModelVersions modelVersions,
        ScoredCourse[] candidates,
        in RecommendationStages stages,
        in RulesOfList rules)
    {
        _rules = rules;
        _context = context;
        _request = request;
        Items = items;
        Reasons = reasons;
        ModelVersions = modelVersions;
        _candidates = candidates;
        _stages = stages;
        _shelf = context.Profile.Shelf.Ordinals;
        _shelfCount = context.Profile.Shelf.Count;
        UserSequence = context.Profile.Sequence;
    }

    /// <summary>Best first.</summary>
    public ImmutableArray<RecommendedItem> Items { get; }

    public ImmutableArray<Reason> Reasons { get; }

    public ModelVersions ModelVersions { get; }

    /// <summary>The user's event sequence that the decision saw.</summary>
    public long UserSequence { get; }

    public RecommendationAnswer ToAnswer() => new()
    {
        DecisionId = _context.DecisionId,
        Items = Items,
        Reasons = Reasons,
        ModelVersions = ModelVersions,
    };

    /// <summary>Makes the full record: the answer's items first, in order, each with its propensity, then the runners-up without one.</summary>
    public DecisionRecord ToRecord()
    {
        CatalogueSnapshot catalogue = _context.Catalogue;
        var candidates = ImmutableArray.CreateBuilder<CandidateRecord>(_candidates.Length);
        for (int i = 0; i < _candidates.Length; i++)
        {
            ref readonly ScoredCourse one = ref _candidates[i];
            candidates.Add(new CandidateRecord(
                catalogue.Courses[one.Course]!.Course.Id,
                one.Score,
                one.Parts.ToContributions(_rules.Held, one.Course),
                i < Items.Length ? one.Propensity : null));
        }

        return new DecisionRecord
        {
            DecisionId = _context.DecisionId,
            Kind = DecisionKind.Recommendation,
            UserId = _context.UserId,
            At = _context.Now,
            UserSequence = UserSequence,
            ModelVersions = ModelVersions,
            Inputs = Inputs(),
            Candidates = candidates.MoveToImmutable(),
            Rules = RulesInForce.Trace(_rules.Held, _context, _rules.Audience, _rules.Page, _request.Surface),
            Stages =
            [
                new("gathered", _stages.Gathered),
                new("admissible", _stages.Admissible),
                new("ranked", _stages.Ranked),
                new("answered", Items.Length),
            ],
            Reasons = Reasons,
            Outcome = "recommended",
        };
    }

    private ImmutableArray<NamedValue> Inputs()
    {
        var inputs = ImmutableArray.CreateBuilder<NamedValue>(10);
        inputs.Add(new("count", _request.Count));
        if (_request.CourseId is not null)
        {
            inputs.Add(new("courseId", _request.CourseId));
        }

        if (_request.Surface is not null)
        {
            inputs.Add(new("surface", _request.Surface));
        }

        inputs.Add(new("seed", _context.Seed.ToString(CultureInfo.InvariantCulture)));
        inputs.Add(new("personalised", _stages.Personal ? 1 : 0));
        inputs.Add(new("shelf", _shelfCount));
        if (_stages.Personal)
        {
            var newest = new List<string>();
            for (int i = _shelfCount - 1; i >= 0 && newest.Count < 20; i--)
            {
                if ((uint)_shelf[i] < (uint)_context.Catalogue.Courses.Length && _context.Catalogue.Courses[_shelf[i]] is { } entry)
                {
                    newest.Add(entry.Course.Id);
                }
            }

            inputs.Add(new("newestCourses", string.Join(' ', newest)));
            inputs.Add(new("taste", _stages.HasTaste ? 1 : 0));
        }

        inputs.Add(new("people", _stages.People));
        return inputs.DrainToImmutable();
    }
}

/// <summary>How many candidates each stage left, and what the decision knew.</summary>
internal readonly record struct RecommendationStages(int Gathered, int Admissible, int Ranked, bool Personal, bool HasTaste, int People);

/// <summary>The ranking rules that held for a list, and for whom and where it was.</summary>
internal readonly record struct RulesOfList(RankingRuleEntry[] Held, Audience Audience, CourseEntry? Page);

/// <summary>A candidate with its score's parts (already weighted) and the chance with which it is in the answer.</summary>
internal struct ScoredCourse
{
    public int Course;
    public float Score;
    public double Propensity;
    /// <summary>The course of the person that the text part found nearest, −1 for none.</summary>
    public int NearestAnchor;
    public ScoreParts Parts;
}

/// <summary>What each part added to a score.</summary>
internal struct ScoreParts
{
    public float Collaborative;
    public float Taste;
    public float Text;
    public float Trend;
    public float Popularity;
    public float Context;
    public float Category;
    public float Interest;
    public float New;
    public float Explore;
    public float Learned;
    public float Completion;
    public float Margin;
    public float Partner;
    public float Region;
    public float Concept;
    public float Leads;
    /// <summary>Of the ranking rules that boost.</summary>
    public float Rules;
    /// <summary>The position that a ranking rule pinned it to, 0 for none.</summary>
    public int PinnedTo;

    public readonly float Sum => Collaborative + Taste + Text + Trend + Popularity + Context + Category + Interest + New + Learned + Completion + Margin + Partner + Region + Concept + Leads + Rules;

    /// <summary>
    /// The parts that are not zero; they add up to the score. An explored course has <c>explore</c> with a value of 0 and an input of 1: no score brought it there;
    /// a pinned one <c>pinned</c> with its position as the input. What a ranking rule adds stands under <c>rule:</c> and its id.
    /// </summary>
    /// <param name="held">The ranking rules that held.</param>
    public readonly ImmutableArray<Contribution> ToContributions(RankingRuleEntry[] held, int course)
    {
        ReadOnlySpan<(string Name, float Value)> parts =
        [
            ("cf", Collaborative),
            ("taste", Taste),
            ("text", Text),
            ("trend", Trend),
            ("popularity", Popularity),
            ("context", Context),
            ("category", Category),
            ("interest", Interest),
            ("new", New),
            ("learned", Learned),
            ("completion", Completion),
            ("margin", Margin),
            ("partner", Partner),
            ("region", Region),
            ("concept", Concept),
            ("leads", Leads),
        ];
        int count = (Explore > 0 ? 1 : 0) + (PinnedTo > 0 ? 1 : 0);
        foreach (RankingRuleEntry rule in held)
        {
            count += Adds(rule, course) ? 1 : 0;
        }

        foreach ((_, float value) in parts)
        {
            count += value != 0 ? 1 : 0;
        }

        var contributions = new Contribution[count];
        int at = 0;
        foreach ((string name, float value) in parts)
        {
            if (value != 0)
            {
                contributions[at++] = new Contribution(name, value);
            }
        }

        foreach (RankingRuleEntry rule in held)
        {
            if (Adds(rule, course))
            {
                contributions[at++] = new Contribution(rule.PartName, (float)rule.Rule.Weight!.Value);
            }
        }

        if (PinnedTo > 0)
        {
            contributions[at++] = new Contribution("pinned", 0, PinnedTo);
        }

        if (Explore > 0)
        {
            contributions[at] = new Contribution("explore", 0, 1);
        }

        return System.Runtime.InteropServices.ImmutableCollectionsMarshal.AsImmutableArray(contributions);
    }

    private static bool Adds(RankingRuleEntry rule, int course) =>
        rule.Rule is { Effect: RankingEffect.Boost, Weight: not null } && rule.Courses.Contains(course);
}

using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Recording;

namespace KnowledgePay.Decisions.Recommending;

/// <summary>What was recommended, and all by which it can be explained.</summary>
public sealed class RecommendationDecision : IRecordedDecision
{
    private const int NewestRecorded = 20;

    private readonly DecisionContext _context;
    private readonly RecommendationRequest _request;
    private readonly int _candidateCount;
    private ScoredCourse[]? _candidates;
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
        int candidateCount,
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
        _candidateCount = candidateCount;
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

    public DecisionKind Kind => DecisionKind.Recommendation;

    public DecisionRecord ToRecord() => DecisionRecordBuilder.Of(this);

    /// <summary>Writes the full record: the answer's items first, in order, each with its propensity, then the runners-up without one.</summary>
    public void WriteTo<TWriter>(ref TWriter writer)
        where TWriter : IDecisionRecordWriter, allows ref struct
    {
        CatalogueSnapshot catalogue = _context.Catalogue;
        ObjectDisposedException.ThrowIf(_candidates is null, this);
        writer.Begin(_context.DecisionId, Kind, _context.UserId, _context.Now, UserSequence, ModelVersions);
        WriteInputs(ref writer);
        writer.Candidates(_candidateCount);
        for (int i = 0; i < _candidateCount; i++)
        {
            ref readonly ScoredCourse one = ref _candidates[i];
            one.Parts.WriteTo(ref writer, catalogue.Courses[one.Course]!.Course.Id, one.Score, _rules.Held, one.Course);
            writer.EndCandidate(i < Items.Length ? one.Propensity : null);
        }

        ImmutableArray<RuleTrace> rules = RulesInForce.Trace(_rules.Held, _context, _rules.Audience, _rules.Page, _request.Surface);
        writer.Rules(rules.Length);
        foreach (ref readonly RuleTrace rule in rules.AsSpan())
        {
            writer.Rule(rule);
        }

        writer.Stages(4);
        writer.Stage("gathered", _stages.Gathered);
        writer.Stage("admissible", _stages.Admissible);
        writer.Stage("ranked", _stages.Ranked);
        writer.Stage("answered", Items.Length);
        writer.End(Reasons, "recommended");
    }

    /// <summary>Gives back what only a record needs. Who writes no more records calls it; nobody has to.</summary>
    public void Release()
    {
        if (Interlocked.Exchange(ref _candidates, null) is { } candidates)
        {
            ArrayPool<ScoredCourse>.Shared.Return(candidates);
        }
    }

    private void WriteInputs<TWriter>(ref TWriter writer)
        where TWriter : IDecisionRecordWriter, allows ref struct
    {
        writer.Inputs(5 + (_request.CourseId is null ? 0 : 1) + (_request.Surface is null ? 0 : 1) + (_stages.Personal ? 2 : 0));
        writer.Input("count", _request.Count);
        if (_request.CourseId is { } page)
        {
            writer.Input("courseId", page);
        }

        if (_request.Surface is { } surface)
        {
            writer.Input("surface", surface);
        }

        Span<char> seed = stackalloc char[20];
        _context.Seed.TryFormat(seed, out int digits, provider: CultureInfo.InvariantCulture);
        writer.Input("seed", seed[..digits]);
        writer.Input("personalised", _stages.Personal ? 1 : 0);
        writer.Input("shelf", _shelfCount);
        if (_stages.Personal)
        {
            WriteNewest(ref writer);
            writer.Input("taste", _stages.HasTaste ? 1 : 0);
        }

        writer.Input("people", _stages.People);
    }

    /// <summary>The newest courses of the shelf, with a space between two.</summary>
    private void WriteNewest<TWriter>(ref TWriter writer)
        where TWriter : IDecisionRecordWriter, allows ref struct
    {
        char[] rented = ArrayPool<char>.Shared.Rent(NewestRecorded * (EntityId.LongestLength + 1));
        int length = 0, ids = 0;
        for (int i = _shelfCount - 1; i >= 0 && ids < NewestRecorded; i--)
        {
            if ((uint)_shelf[i] < (uint)_context.Catalogue.Courses.Length && _context.Catalogue.Courses[_shelf[i]] is { } entry)
            {
                if (ids++ > 0)
                {
                    rented[length++] = ' ';
                }

                entry.Course.Id.CopyTo(rented.AsSpan(length));
                length += entry.Course.Id.Length;
            }
        }

        writer.Input("newestCourses", rented.AsSpan(0, length));
        ArrayPool<char>.Shared.Return(rented);
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
    /// Begins a candidate with the parts that are not zero; they add up to the score. An explored course has <c>explore</c> with a value of 0 and an input of 1: no score brought it there;
    /// a pinned one <c>pinned</c> with its position as the input. What a ranking rule adds stands under <c>rule:</c> and its id.
    /// </summary>
    /// <param name="held">The ranking rules that held.</param>
    public readonly void WriteTo<TWriter>(ref TWriter writer, string id, double score, RankingRuleEntry[] held, int course)
        where TWriter : IDecisionRecordWriter, allows ref struct
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

        writer.Candidate(id, score, count);
        foreach ((string name, float value) in parts)
        {
            if (value != 0)
            {
                writer.Contribution(name, value);
            }
        }

        foreach (RankingRuleEntry rule in held)
        {
            if (Adds(rule, course))
            {
                writer.Contribution(rule.PartName, (float)rule.Rule.Weight!.Value);
            }
        }

        if (PinnedTo > 0)
        {
            writer.Contribution("pinned", 0, PinnedTo);
        }

        if (Explore > 0)
        {
            writer.Contribution("explore", 0, 1);
        }
    }

    private static bool Adds(RankingRuleEntry rule, int course) =>
        rule.Rule is { Effect: RankingEffect.Boost, Weight: not null } && rule.Courses.Contains(course);
}

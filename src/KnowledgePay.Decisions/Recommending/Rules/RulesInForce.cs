using System.Collections.Immutable;
using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Rules;

namespace KnowledgePay.Decisions.Recommending;

/// <summary>The ranking rules that hold for one list.</summary>
internal sealed class RulesInForce
{
    private static readonly UserProfile Nobody = new();

    private readonly List<RankingRuleEntry> _hides = [];
    private readonly List<RankingRuleEntry> _boosts = [];
    private readonly List<RankingRuleEntry> _pins = [];

    public bool Any => _hides.Count + _boosts.Count + _pins.Count > 0;

    public List<RankingRuleEntry> Boosts => _boosts;

    /// <summary>By position, then id: where two want one position, the later goes one below.</summary>
    public List<RankingRuleEntry> Pins => _pins;

    /// <summary>Asks each rule whether it holds.</summary>
    /// <param name="surface">Where the list will be shown; null where nobody said.</param>
    public void Read(in DecisionContext context, Audience audience, Catalogue.CourseEntry? page, string? surface)
    {
        _hides.Clear();
        _boosts.Clear();
        _pins.Clear();
        RankingRuleEntry[] entries = context.Catalogue.Rules.Entries;
        if (entries.Length == 0)
        {
            return;
        }

        RuleFacts facts = FactsOf(context, audience, page, surface);
        foreach (RankingRuleEntry entry in entries)
        {
            if (entry.Courses.Count > 0 && entry.IsValid(context.Now) && entry.When.Holds(facts))
            {
                (entry.Rule.Effect switch { RankingEffect.Hide => _hides, RankingEffect.Boost => _boosts, _ => _pins }).Add(entry);
            }
        }

        if (_pins.Count > 1)
        {
            _pins.Sort(static (a, b) => a.Rule.Position != b.Rule.Position
                ? (a.Rule.Position ?? 0).CompareTo(b.Rule.Position ?? 0)
                : string.CompareOrdinal(a.Rule.Id, b.Rule.Id));
        }
    }

    public bool Hides(int course)
    {
        foreach (RankingRuleEntry rule in _hides)
        {
            if (rule.Courses.Contains(course))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What the rules add to a course's score.</summary>
    public float Boost(int course)
    {
        double sum = 0;
        foreach (RankingRuleEntry rule in _boosts)
        {
            sum += rule.Courses.Contains(course) ? rule.Rule.Weight ?? 0 : 0;
        }

        return (float)sum;
    }

    /// <summary>True when a rule for which somebody pays lifts the course.</summary>
    public bool IsSponsored(int course)
    {
        foreach (RankingRuleEntry rule in _boosts)
        {
            if (rule.Rule is { Label: RankingLabel.Sponsored, Weight: > 0 } && rule.Courses.Contains(course))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The rules that hold, for a record; none allocates nothing.</summary>
    public RankingRuleEntry[] ToArray() => Any ? [.. _hides, .. _boosts, .. _pins] : [];

    /// <summary>The conditions by which rules held, each with the value that it saw.</summary>
    public static ImmutableArray<RuleTrace> Trace(RankingRuleEntry[] held, in DecisionContext context, Audience audience, Catalogue.CourseEntry? page, string? surface)
    {
        if (held.Length == 0)
        {
            return [];
        }

        RuleFacts facts = FactsOf(context, audience, page, surface);
        var traces = ImmutableArray.CreateBuilder<RuleTrace>(held.Length);
        foreach (RankingRuleEntry entry in held)
        {
            int before = traces.Count;
            entry.When.Trace(facts, entry.Name, traces);
            if (traces.Count == before)
            {
                traces.Add(new RuleTrace(entry.Name, "always", null, true));
            }
        }

        return traces.DrainToImmutable();
    }

    /// <summary>Of somebody who refused personalisation a rule sees what it would see of nobody.</summary>
    private static RuleFacts FactsOf(in DecisionContext context, Audience audience, Catalogue.CourseEntry? page, string? surface)
    {
        UserProfile profile = audience == Audience.Person ? context.Profile : Nobody;
        return new RuleFacts
        {
            Profile = profile,
            Catalogue = context.Catalogue,
            Now = context.Now,
            Course = page,
            Surface = surface,
            Standing = new PersonStanding(SegmentRule.Of(profile, context.Now), 0f),
        };
    }
}

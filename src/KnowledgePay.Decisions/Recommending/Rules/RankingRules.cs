using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Rules;

namespace KnowledgePay.Decisions.Recommending;

/// <summary>A ranking rule, compiled, with the courses that it is about.</summary>
public sealed class RankingRuleEntry
{
    public required RankingRule Rule { get; init; }
    public required CompiledRule When { get; init; }
    public required CompiledRule About { get; init; }
    /// <summary>The catalogue's courses that <see cref="About"/> holds for.</summary>
    public CourseSet Courses { get; init; } = CourseSet.Empty;
    /// <summary>What records call it.</summary>
    public string Name => field ??= "ranking/" + Rule.Id;
    /// <summary>What it is called among a score's parts.</summary>
    public string PartName => field ??= "rule:" + Rule.Id;

    public bool IsValid(DateTimeOffset now) => (Rule.ValidFrom is not { } from || from <= now) && (Rule.ValidTo is not { } to || now < to);

    /// <summary>A rule of which a part no longer compiles does nothing, but for one that hides: that goes on hiding what it can still be read to be about, always.</summary>
    public static RankingRuleEntry Of(RankingRule rule)
    {
        CompiledRule? when = RuleCompiler.Compile(rule.When, RuleUse.Ranking).Rule;
        CompiledRule? about = RuleCompiler.Compile(rule.Courses, RuleUse.Courses).Rule;
        return new RankingRuleEntry
        {
            Rule = rule,
            When = when ?? (rule.Effect == RankingEffect.Hide ? RuleCompiler.Always : RuleCompiler.Never),
            About = about ?? RuleCompiler.Never,
        };
    }
}

/// <summary>All ranking rules of a catalogue: compiled once, their courses found once, so that a decision only asks when each holds.</summary>
public sealed class RankingRules
{
    public static readonly RankingRules Empty = new([]);

    /// <summary>Rules at one time.</summary>
    public const int Most = 256;

    private static readonly UserProfile Nobody = new();

    private RankingRules(RankingRuleEntry[] entries) => Entries = entries;

    /// <summary>By id in ordinal order.</summary>
    public RankingRuleEntry[] Entries { get; }

    public RankingRuleEntry? Find(string id) => Array.Find(Entries, e => e.Rule.Id == id);

    /// <summary>The rules after a change of rules or of courses.</summary>
    /// <param name="rules">New or changed rules by id; null takes one away.</param>
    /// <param name="changed">Ordinals of the courses that changed; they are looked at anew, the others only by rules that are new.</param>
    internal RankingRules With(IReadOnlyList<KeyValuePair<string, RankingRule?>> rules, CourseEntry?[] courses, int[] changed)
    {
        if (rules.Count == 0 && (changed.Length == 0 || Entries.Length == 0))
        {
            return this;
        }

        var entries = Entries.ToDictionary(e => e.Rule.Id, e => changed.Length == 0 ? e : Looked(e, courses, changed), StringComparer.Ordinal);
        foreach ((string id, RankingRule? rule) in rules)
        {
            if (rule is null)
            {
                entries.Remove(id);
            }
            else
            {
                entries[id] = Looked(RankingRuleEntry.Of(rule), courses, Enumerable.Range(0, courses.Length));
            }
        }

        return new RankingRules([.. entries.Values.OrderBy(e => e.Rule.Id, StringComparer.Ordinal)]);
    }

    private static RankingRuleEntry Looked(RankingRuleEntry entry, CourseEntry?[] courses, IEnumerable<int> ordinals) => new()
    {
        Rule = entry.Rule,
        When = entry.When,
        About = entry.About,
        Courses = entry.Courses.With(courses.Length, ordinals, ordinal => courses[ordinal] is { } course && IsAbout(entry, course)),
    };

    private static bool IsAbout(RankingRuleEntry entry, CourseEntry course) =>
        entry.About.Holds(new RuleFacts { Profile = Nobody, Catalogue = CatalogueSnapshot.Empty, Now = default, Course = course });
}

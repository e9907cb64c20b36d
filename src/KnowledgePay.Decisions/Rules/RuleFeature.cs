using System.Collections.Immutable;

namespace KnowledgePay.Decisions.Rules;

/// <summary>What kind of value a feature has, and so which operators and values it takes.</summary>
public enum RuleFeatureKind : byte
{
    /// <summary>A number; all operators.</summary>
    Number = 0,
    /// <summary>A text, compared without regard to case; <c>== != in notIn exists</c>.</summary>
    Text = 1,
    /// <summary><c>true</c> or <c>false</c>; <c>== != exists</c>.</summary>
    Flag = 2,
    /// <summary>One of a few names that have an order; all operators.</summary>
    Ordered = 3,
    /// <summary>A set of ids; <c>==</c> and <c>in</c> ask whether it holds (one of) them, <c>!=</c> and <c>notIn</c> whether it does not.</summary>
    Set = 4,
}

/// <summary>What a rule decides, and so what it may read.</summary>
public enum RuleUse : byte
{
    /// <summary>Who may be offered a product or be lent to: everything.</summary>
    Eligibility = 0,
    /// <summary>When a ranking rule holds: everything but the person's payments and loans, which were not given to choose what somebody is shown.</summary>
    Ranking = 1,
    /// <summary>Which courses a ranking rule is about: what is written of a course, nothing of a person, a page or the time.</summary>
    Courses = 2,
}

/// <summary>Reads a number; NaN where the person or the request has none.</summary>
internal delegate double NumberReader(in RuleFacts facts);

/// <summary>Reads a text; null where there is none.</summary>
internal delegate string? TextReader(in RuleFacts facts);

/// <summary>Whether a set that belongs to the facts holds an id.</summary>
internal delegate bool SetReader(in RuleFacts facts, string id);

/// <summary>Something that a rule may read.</summary>
public sealed class RuleFeature
{
    public required string Name { get; init; }
    public required RuleFeatureKind Kind { get; init; }
    /// <summary>What it means and in which unit, in one sentence.</summary>
    public required string Meaning { get; init; }
    /// <summary>True when it says nothing about the person.</summary>
    public bool IsImpersonal { get; init; }
    /// <summary>True when it is written of the course at hand.</summary>
    public bool IsOfCourse { get; init; }
    /// <summary>True when it stems from payments, loans or claims, or is there for the decisions about them alone.</summary>
    public bool IsFinancial { get; init; }
    /// <summary>The only values there are (in order for <see cref="RuleFeatureKind.Ordered"/>); empty for any.</summary>
    public ImmutableArray<string> Values { get; init; } = [];

    /// <summary>Whether a rule of that use may read it.</summary>
    public bool Serves(RuleUse use) => use switch
    {
        RuleUse.Ranking => !IsFinancial,
        RuleUse.Courses => IsOfCourse,
        _ => true,
    };

    internal NumberReader? Number { get; init; }
    internal TextReader? Text { get; init; }
    internal SetReader? Set { get; init; }
}

using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace KnowledgePay.Decisions.Rules;

/// <summary>One thing that is wrong with a rule.</summary>
/// <param name="Pointer">JSON pointer (RFC 6901) into the rule; empty for the whole.</param>
/// <param name="Message">What is wrong and what was expected.</param>
public readonly record struct RuleError(string Pointer, string Message);

/// <summary>Either a compiled rule or what is wrong with its text, at most <see cref="RuleCompiler.LargestErrorCount"/> errors.</summary>
public sealed class RuleCompilation
{
    private RuleCompilation(CompiledRule? rule, ImmutableArray<RuleError> errors)
    {
        Rule = rule;
        Errors = errors;
    }

    /// <summary>The rule; null exactly when there are errors.</summary>
    public CompiledRule? Rule { get; }

    public ImmutableArray<RuleError> Errors { get; }

    [MemberNotNullWhen(true, nameof(Rule))]
    public bool Succeeded => Rule is not null;

    internal static RuleCompilation Of(CompiledRule rule) => new(rule, []);

    internal static RuleCompilation Failed(ImmutableArray<RuleError> errors) => new(null, errors);
}

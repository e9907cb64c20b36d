using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using KnowledgePay.Contracts.Decisions;

namespace KnowledgePay.Decisions.Rules;

/// <summary><c>{}</c>: holds for everybody.</summary>
internal sealed class AlwaysRule : CompiledRule
{
    public static readonly AlwaysRule Instance = new();

    public override bool IsImpersonal => true;

    public override bool Holds(in RuleFacts facts) => true;

    public override bool Trace(in RuleFacts facts, string rule, ImmutableArray<RuleTrace>.Builder traces) => true;
}

/// <summary>All of its parts, or any of them. A <c>not</c> around it was moved inwards when it was compiled (De Morgan), so that every traced condition says whether it helped.</summary>
internal sealed class CombinedRule(CompiledRule[] parts, bool all) : CompiledRule
{
    public override bool IsImpersonal { get; } = Array.TrueForAll(parts, p => p.IsImpersonal);

    public override bool Holds(in RuleFacts facts)
    {
        foreach (CompiledRule part in parts)
        {
            if (part.Holds(facts) != all)
            {
                return !all;
            }
        }

        return all;
    }

    public override bool Trace(in RuleFacts facts, string rule, ImmutableArray<RuleTrace>.Builder traces)
    {
        bool holds = all;
        foreach (CompiledRule part in parts)
        {
            bool passed = part.Trace(facts, rule, traces);
            holds = all ? holds & passed : holds | passed;
        }

        return holds;
    }
}

internal enum RuleOperator : byte
{
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
    In,
    NotIn,
    Exists,
}

/// <summary>A feature compared with what the rule says.</summary>
internal abstract class Condition(RuleFeature feature, string text, bool negated) : CompiledRule
{
    private readonly string _text = negated ? $"not ({text})" : text;

    public sealed override bool IsImpersonal => Feature.IsImpersonal;

    protected RuleFeature Feature { get; } = feature;

    public sealed override bool Holds(in RuleFacts facts) => Compare(facts) != negated;

    public sealed override bool Trace(in RuleFacts facts, string rule, ImmutableArray<RuleTrace>.Builder traces)
    {
        bool passed = Holds(facts);
        traces.Add(new RuleTrace(rule, _text, Saw(facts), passed));
        return passed;
    }

    protected abstract bool Compare(in RuleFacts facts);

    /// <summary>The value as text; null when there is none.</summary>
    protected abstract string? Saw(in RuleFacts facts);
}

internal sealed class NumberCondition(RuleFeature feature, RuleOperator op, double[] values, string text, bool negated) : Condition(feature, text, negated)
{
    private readonly NumberReader _read = feature.Number!;

    protected override bool Compare(in RuleFacts facts)
    {
        double value = _read(facts);
        if (double.IsNaN(value))
        {
            return op == RuleOperator.NotIn || (op == RuleOperator.Exists && values[0] == 0);
        }

        return op switch
        {
            RuleOperator.Equal => value == values[0],
            RuleOperator.NotEqual => value != values[0],
            RuleOperator.Less => value < values[0],
            RuleOperator.AtMost => value <= values[0],
            RuleOperator.Greater => value > values[0],
            RuleOperator.AtLeast => value >= values[0],
            RuleOperator.In => Array.IndexOf(values, value) >= 0,
            RuleOperator.NotIn => Array.IndexOf(values, value) < 0,
            _ => values[0] != 0,
        };
    }

    protected override string? Saw(in RuleFacts facts)
    {
        double value = _read(facts);
        return double.IsNaN(value) ? null
            : Feature.Kind == RuleFeatureKind.Flag ? value != 0 ? "true" : "false"
            : Feature.Kind == RuleFeatureKind.Ordered ? Feature.Values[(int)value]
            : value.ToString("0.######", CultureInfo.InvariantCulture);
    }
}

internal sealed class TextCondition(RuleFeature feature, RuleOperator op, FrozenSet<string> values, bool wanted, string text, bool negated) : Condition(feature, text, negated)
{
    private readonly TextReader _read = feature.Text!;

    protected override bool Compare(in RuleFacts facts)
    {
        string? value = _read(facts);
        return op switch
        {
            RuleOperator.Exists => (value is not null) == wanted,
            RuleOperator.Equal or RuleOperator.In => value is not null && values.Contains(value),
            RuleOperator.NotEqual => value is not null && !values.Contains(value),
            _ => value is null || !values.Contains(value),
        };
    }

    protected override string? Saw(in RuleFacts facts) => _read(facts);
}

internal sealed class SetCondition(RuleFeature feature, string[] ids, bool wanted, string text, bool negated) : Condition(feature, text, negated)
{
    private readonly SetReader _holds = feature.Set!;

    protected override bool Compare(in RuleFacts facts) => (FirstHeld(facts) is not null) == wanted;

    protected override string? Saw(in RuleFacts facts) => FirstHeld(facts);

    private string? FirstHeld(in RuleFacts facts)
    {
        foreach (string id in ids)
        {
            if (_holds(facts, id))
            {
                return id;
            }
        }

        return null;
    }
}

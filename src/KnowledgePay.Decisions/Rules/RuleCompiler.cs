using System.Collections.Immutable;
using System.Text.Json;

namespace KnowledgePay.Decisions.Rules;

/// <summary>Compiles the rule language: JSON that says for whom something is meant.</summary>
/// <remarks>
/// <code>
/// {}                                                     always true
/// {"all":[…]}  {"any":[…]}  {"not":{…}}                  and, or, not
/// {"feature":"age","op":">=","value":18}                 a condition; op is one of == != &lt; &lt;= &gt; &gt;= in notIn exists
/// {"minAge":18,"maxRiskBand":"medium","regions":["…"]}   shorthand, top level only, all of it must hold
/// </code>
/// Features are those of <see cref="RuleFeatures"/>; shorthand is that of <see cref="RuleShorthand"/>. At the top level everything may stand side by side and is
/// combined by and. <c>exists</c> takes <c>true</c> (the default) or <c>false</c>. A missing value makes a condition false, except <c>notIn</c> and <c>exists</c>;
/// a <c>not</c> turns that around.
/// </remarks>
public sealed class RuleCompiler
{
    public const int LargestDepth = 8;
    public const int LargestConditionCount = 100;
    public const int LargestListLength = 64;
    /// <summary>Characters.</summary>
    public const int LargestTextLength = 65_536;
    public const int LargestErrorCount = 20;

    private readonly ImmutableArray<RuleError>.Builder _errors = ImmutableArray.CreateBuilder<RuleError>();
    private readonly ConditionCompiler _conditions;
    private int _count;

    private readonly RuleUse _use;

    private RuleCompiler(RuleUse use)
    {
        _use = use;
        _conditions = new ConditionCompiler(use, Fail);
    }

    /// <summary>The rule <c>{}</c>.</summary>
    public static CompiledRule Always => AlwaysRule.Instance;

    /// <summary>Holds for nobody: what stands in for a rule that no longer compiles.</summary>
    public static CompiledRule Never { get; } = new CombinedRule([], all: false);

    /// <summary>Compiles once what is then evaluated often. Never throws on any text.</summary>
    /// <param name="use">What the rule decides: a feature that it may not read is an error.</param>
    public static RuleCompilation Compile(string json, RuleUse use = RuleUse.Eligibility)
    {
        ArgumentNullException.ThrowIfNull(json);
        var compiler = new RuleCompiler(use);
        CompiledRule? rule = compiler.Run(json);
        return rule is not null && compiler._errors.Count == 0
            ? RuleCompilation.Of(rule)
            : RuleCompilation.Failed(compiler._errors.ToImmutable());
    }

    private CompiledRule? Run(string json)
    {
        if (json.Length > LargestTextLength)
        {
            Fail("", $"The rule has {json.Length} characters; at most {LargestTextLength} are taken.");
            return null;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 64 });
            return TopLevel(document.RootElement);
        }
        catch (JsonException e)
        {
            Fail("", $"Not JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine}: expected one JSON object.");
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // The reader defers decoding: half a surrogate pair shows only when the text is asked for.
            Fail("", "The rule holds text that is not valid Unicode.");
        }

        return null;
    }

    private CompiledRule? TopLevel(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            Fail("", $"Expected an object, not {JsonText.KindOf(element)}.");
            return null;
        }

        var parts = new List<CompiledRule?>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonProperty property in element.EnumerateObject())
        {
            string pointer = JsonText.Append("", property.Name);
            if (!seen.Add(property.Name))
            {
                Fail(pointer, $"'{JsonText.Shorten(property.Name)}' is written twice.");
            }
            else if (property.Name is "all" or "any" or "not")
            {
                parts.Add(Group(property, pointer, 1, negated: false));
            }
            else if (property.Name == "feature")
            {
                parts.Add(Leaf(element, "", negated: false));
            }
            else if (property.Name is "op" or "value")
            {
                if (!element.TryGetProperty("feature", out _))
                {
                    Fail(pointer, $"'{property.Name}' belongs to a condition; expected 'feature' beside it.");
                }
            }
            else if (RuleShorthand.Find(property.Name) is { } shorthand)
            {
                if (!shorthand.Feature.Serves(_use))
                {
                    Fail(pointer, ConditionCompiler.NotFor(shorthand.Feature, _use));
                    continue;
                }

                parts.Add(Counted(pointer) ? _conditions.Compile(shorthand.Feature, shorthand.Operator, property.Value, pointer, negated: false) : null);
            }
            else
            {
                Fail(pointer, $"Unknown key '{JsonText.Shorten(property.Name)}'. {RuleShorthand.Expected(property.Name, _use)}");
            }
        }

        return Combine(parts, all: true);
    }

    private CompiledRule? Nested(JsonElement element, string pointer, int depth, bool negated)
    {
        if (depth > LargestDepth)
        {
            Fail(pointer, $"Nested deeper than {LargestDepth}.");
            return null;
        }

        if (element.ValueKind != JsonValueKind.Object)
        {
            Fail(pointer, $"Expected an object with 'all', 'any', 'not' or 'feature', not {JsonText.KindOf(element)}.");
            return null;
        }

        if (element.TryGetProperty("feature", out _))
        {
            return Leaf(element, pointer, negated);
        }

        JsonProperty[] properties = [.. element.EnumerateObject().Take(2)];
        if (properties.Length == 1 && properties[0].Name is "all" or "any" or "not")
        {
            return Group(properties[0], JsonText.Append(pointer, properties[0].Name), depth, negated);
        }

        string found = properties.Length == 0 ? "nothing" : string.Join(", ", properties.Select(p => $"'{JsonText.Shorten(p.Name)}'"));
        string note = properties.Any(p => RuleShorthand.Find(p.Name) is not null) ? " Shorthand stands at the top level only." : "";
        Fail(pointer, $"Expected exactly one of 'all', 'any', 'not', or 'feature' with 'op' and 'value'; found {found}.{note}");
        return null;
    }

    private CompiledRule? Group(JsonProperty property, string pointer, int depth, bool negated)
    {
        if (property.Name == "not")
        {
            return Nested(property.Value, pointer, depth + 1, !negated);
        }

        if (property.Value.ValueKind != JsonValueKind.Array || property.Value.GetArrayLength() == 0)
        {
            Fail(pointer, $"Expected a list of at least one condition, not {JsonText.KindOf(property.Value)}.");
            return null;
        }

        if (property.Value.GetArrayLength() > LargestConditionCount)
        {
            Fail(pointer, $"At most {LargestConditionCount} conditions are taken, not {property.Value.GetArrayLength()}.");
            return null;
        }

        var parts = new List<CompiledRule?>();
        int index = 0;
        foreach (JsonElement item in property.Value.EnumerateArray())
        {
            parts.Add(Nested(item, $"{pointer}/{index++}", depth + 1, negated));
        }

        return Combine(parts, all: (property.Name == "all") != negated);
    }

    private CompiledRule? Leaf(JsonElement element, string pointer, bool negated)
    {
        bool isTop = pointer.Length == 0;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonProperty property in element.EnumerateObject())
        {
            if (!isTop && property.Name is not ("feature" or "op" or "value"))
            {
                Fail(JsonText.Append(pointer, property.Name), $"Unknown key '{JsonText.Shorten(property.Name)}'; a condition has 'feature', 'op' and 'value'.");
                return null;
            }

            if (!isTop && !seen.Add(property.Name))
            {
                Fail(JsonText.Append(pointer, property.Name), $"'{property.Name}' is written twice.");
                return null;
            }
        }

        return Counted(pointer) ? _conditions.Compile(element, pointer, negated) : null;
    }

    private bool Counted(string pointer)
    {
        if (++_count == LargestConditionCount + 1)
        {
            Fail(pointer, $"More than {LargestConditionCount} conditions.");
        }

        return _count <= LargestConditionCount;
    }

    private static CompiledRule? Combine(List<CompiledRule?> parts, bool all)
    {
        if (parts.Contains(null))
        {
            return null;
        }

        return parts.Count switch
        {
            0 => AlwaysRule.Instance,
            1 => parts[0],
            _ => new CombinedRule(parts.OfType<CompiledRule>().ToArray(), all),
        };
    }

    private void Fail(string pointer, string message)
    {
        if (_errors.Count < LargestErrorCount)
        {
            _errors.Add(new RuleError(pointer, message));
        }
    }
}

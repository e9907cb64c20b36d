using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;

namespace KnowledgePay.Decisions.Rules;

/// <summary>Compiles one condition: a feature, an operator and a value.</summary>
internal sealed class ConditionCompiler(RuleUse use, Action<string, string> fail)
{
    private const double LargestNumber = 1e15;
    private const int LongestValue = 256;

    private static readonly string[] OperatorNames = ["==", "!=", "<", "<=", ">", ">=", "in", "notIn", "exists"];

    public CompiledRule? Compile(JsonElement leaf, string pointer, bool negated)
    {
        JsonElement name = leaf.GetProperty("feature");
        if (name.ValueKind != JsonValueKind.String)
        {
            fail(pointer + "/feature", $"Expected the name of a feature, not {JsonText.KindOf(name)}.");
            return null;
        }

        string written = name.GetString()!;
        if (RuleFeatures.Find(written) is not { } feature)
        {
            fail(pointer + "/feature", Unknown(written));
            return null;
        }

        if (!feature.Serves(use))
        {
            fail(pointer + "/feature", NotFor(feature, use));
            return null;
        }

        if (!leaf.TryGetProperty("op", out JsonElement op) || op.ValueKind != JsonValueKind.String || Array.IndexOf(OperatorNames, op.GetString()) is not (>= 0 and var index))
        {
            fail(pointer + "/op", $"Expected one of {string.Join(' ', OperatorNames)}.");
            return null;
        }

        var compared = (RuleOperator)index;
        if (!Takes(feature.Kind, compared))
        {
            fail(pointer + "/op", $"'{feature.Name}' takes {string.Join(' ', OperatorNames.Where((_, i) => Takes(feature.Kind, (RuleOperator)i)))}, not {OperatorNames[index]}.");
            return null;
        }

        bool hasValue = leaf.TryGetProperty("value", out JsonElement value);
        if (!hasValue && compared != RuleOperator.Exists)
        {
            fail(pointer + "/value", $"Expected {ExpectedValue(feature, compared)}; it is missing.");
            return null;
        }

        return compared == RuleOperator.Exists
            ? Exists(feature, hasValue ? value : null, pointer + "/value", negated)
            : Compile(feature, compared, value, pointer + "/value", negated);
    }

    /// <param name="pointer">Of the value.</param>
    public CompiledRule? Compile(RuleFeature feature, RuleOperator op, JsonElement value, string pointer, bool negated)
    {
        bool isList = op is RuleOperator.In or RuleOperator.NotIn;
        if (isList && (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() is 0 or > RuleCompiler.LargestListLength))
        {
            fail(pointer, $"Expected a list of 1 to {RuleCompiler.LargestListLength} values, not {(value.ValueKind == JsonValueKind.Array ? value.GetArrayLength() + " of them" : JsonText.KindOf(value))}.");
            return null;
        }

        JsonElement[] items = isList ? [.. value.EnumerateArray()] : [value];
        bool isNumber = feature.Kind is RuleFeatureKind.Number or RuleFeatureKind.Flag or RuleFeatureKind.Ordered;
        double[] numbers = new double[isNumber ? items.Length : 0];
        string[] texts = new string[items.Length];
        for (int i = 0; i < items.Length; i++)
        {
            string at = isList ? $"{pointer}/{i}" : pointer;
            if (!TryRead(feature, items[i], out double number, out string text))
            {
                fail(at, $"Expected {ExpectedItem(feature)}, not {Quote(items[i])}.");
                return null;
            }

            texts[i] = text;
            if (isNumber)
            {
                numbers[i] = number;
            }
        }

        string condition = isList
            ? $"{feature.Name} {OperatorNames[(int)op]} [{string.Join(", ", texts)}]"
            : $"{feature.Name} {OperatorNames[(int)op]} {texts[0]}";
        return feature.Kind switch
        {
            RuleFeatureKind.Text => new TextCondition(feature, op, texts.ToFrozenSet(StringComparer.OrdinalIgnoreCase), true, condition, negated),
            RuleFeatureKind.Set => new SetCondition(feature, texts, op is RuleOperator.Equal or RuleOperator.In, condition, negated),
            _ => new NumberCondition(feature, op, numbers, condition, negated),
        };
    }

    private CompiledRule? Exists(RuleFeature feature, JsonElement? value, string pointer, bool negated)
    {
        if (value is { ValueKind: not (JsonValueKind.True or JsonValueKind.False) } other)
        {
            fail(pointer, $"Expected true or false, not {JsonText.KindOf(other)}.");
            return null;
        }

        bool wanted = value is not { ValueKind: JsonValueKind.False };
        string condition = wanted ? $"{feature.Name} exists" : $"{feature.Name} does not exist";
        return feature.Kind == RuleFeatureKind.Text
            ? new TextCondition(feature, RuleOperator.Exists, FrozenSet<string>.Empty, wanted, condition, negated)
            : new NumberCondition(feature, RuleOperator.Exists, [wanted ? 1 : 0], condition, negated);
    }

    private static bool Takes(RuleFeatureKind kind, RuleOperator op) => kind switch
    {
        RuleFeatureKind.Number or RuleFeatureKind.Ordered => true,
        RuleFeatureKind.Text => op is RuleOperator.Equal or RuleOperator.NotEqual or RuleOperator.In or RuleOperator.NotIn or RuleOperator.Exists,
        RuleFeatureKind.Flag => op is RuleOperator.Equal or RuleOperator.NotEqual or RuleOperator.Exists,
        _ => op is RuleOperator.Equal or RuleOperator.NotEqual or RuleOperator.In or RuleOperator.NotIn,
    };

    private static bool TryRead(RuleFeature feature, JsonElement item, out double number, out string text)
    {
        number = double.NaN;
        text = "";
        switch (feature.Kind)
        {
            case RuleFeatureKind.Number:
                if (item.ValueKind != JsonValueKind.Number || !item.TryGetDouble(out number) || !(Math.Abs(number) <= LargestNumber))
                {
                    return false;
                }

                text = number.ToString("0.######", CultureInfo.InvariantCulture);
                return true;
            case RuleFeatureKind.Flag:
                number = item.ValueKind == JsonValueKind.True ? 1 : 0;
                text = number == 1 ? "true" : "false";
                return item.ValueKind is JsonValueKind.True or JsonValueKind.False;
            default:
                if (item.ValueKind != JsonValueKind.String || item.GetString() is not { Length: > 0 and <= LongestValue } written)
                {
                    return false;
                }

                text = written;
                if (feature.Values.IsEmpty)
                {
                    return true;
                }

                int index = feature.Values.ToList().FindIndex(v => v.Equals(written, StringComparison.OrdinalIgnoreCase));
                number = index;
                text = index >= 0 ? feature.Values[index] : written;
                return index >= 0;
        }
    }

    private static string ExpectedValue(RuleFeature feature, RuleOperator op) =>
        op is RuleOperator.In or RuleOperator.NotIn ? $"a list of 1 to {RuleCompiler.LargestListLength} values" : ExpectedItem(feature);

    private static string ExpectedItem(RuleFeature feature) => feature.Kind switch
    {
        RuleFeatureKind.Number => "a number of at most 1e15 in size",
        RuleFeatureKind.Flag => "true or false",
        _ when !feature.Values.IsEmpty => "one of " + string.Join(", ", feature.Values),
        RuleFeatureKind.Set => "an id",
        _ => $"a text of 1 to {LongestValue} characters",
    };

    private static string Quote(JsonElement item) =>
        item.ValueKind is JsonValueKind.String or JsonValueKind.Number ? JsonText.Shorten(item.GetRawText()) : JsonText.KindOf(item);

    /// <summary>Why a rule of that use may not read a feature that there is.</summary>
    public static string NotFor(RuleFeature feature, RuleUse use) => use == RuleUse.Courses
        ? $"'{feature.Name}' is not written of a course; expected one of {NamesFor(use)}."
        : $"'{feature.Name}' is there for money matters and may not decide what somebody is shown.";

    private static string NamesFor(RuleUse use) => string.Join(", ", RuleFeatures.All.Where(f => f.Serves(use)).Select(f => f.Name));

    private string Unknown(string written)
    {
        if (RuleFeatures.IsProtected(written))
        {
            return $"'{written}' is a protected attribute and may not decide who is eligible.";
        }

        string[] near = NearMatches.Of(written, RuleFeatures.All.Where(f => f.Serves(use)).Select(f => f.Name));
        string expected = near.Length > 0
            ? $"Did you mean {string.Join(" or ", near.Select(n => $"'{n}'"))}?"
            : $"Expected one of {NamesFor(use)}.";
        return $"Unknown feature '{JsonText.Shorten(written)}'. {expected}";
    }
}

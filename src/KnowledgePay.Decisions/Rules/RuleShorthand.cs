using System.Collections.Frozen;
using System.Collections.Immutable;

namespace KnowledgePay.Decisions.Rules;

/// <summary>Shorthand of the rule language: <c>minAge</c> for <c>{"feature":"age","op":">=","value":…}</c>.</summary>
/// <remarks>
/// <c>min…</c> and <c>max…</c> (inclusive) exist for every numeric and ordered feature, its first letter in upper case:
/// <c>minAge maxAge minPurchases maxRiskScore maxRiskBand minSpentMinorUnits maxOpenLoans …</c>. Lists (one of them must match):
/// <c>regions occupations educations segments learnedSegments incomeBands riskBands courses courseCategories courseLanguages courseLevels courseInstructors courseTags courseConcepts surfaces ownedCourses</c>.
/// </remarks>
public static class RuleShorthand
{
    private static readonly FrozenDictionary<string, Entry> ByName = Build().ToFrozenDictionary(e => e.Name, StringComparer.Ordinal);

    /// <summary>Every shorthand key, in ordinal order.</summary>
    public static ImmutableArray<string> Names { get; } = [.. ByName.Keys.Order(StringComparer.Ordinal)];

    internal static Entry? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>What may have been meant by a key that is not known.</summary>
    internal static string Expected(string name, RuleUse use)
    {
        if (RuleFeatures.IsProtected(name))
        {
            return "It is a protected attribute and may not decide who is eligible.";
        }

        string[] near = NearMatches.Of(name, Names.Where(n => ByName[n].Feature.Serves(use)).Concat(["all", "any", "not", "feature"]));
        return near.Length > 0
            ? $"Did you mean {string.Join(" or ", near.Select(n => $"'{n}'"))}?"
            : "Expected 'all', 'any', 'not', 'feature', or shorthand such as " + use switch
            {
                RuleUse.Courses => "'courses', 'courseCategories', 'courseTags', 'maxCoursePriceMinorUnits'.",
                RuleUse.Ranking => "'surfaces', 'courseCategories', 'regions', 'segments', 'minPurchases'.",
                _ => "'minAge', 'maxRiskBand', 'minPurchases', 'regions', 'segments'.",
            };
    }

    private static IEnumerable<Entry> Build()
    {
        foreach (RuleFeature feature in RuleFeatures.All)
        {
            if (feature.Kind is RuleFeatureKind.Number or RuleFeatureKind.Ordered)
            {
                string name = char.ToUpperInvariant(feature.Name[0]) + feature.Name[1..];
                yield return new("min" + name, feature, RuleOperator.AtLeast);
                yield return new("max" + name, feature, RuleOperator.AtMost);
            }
        }

        (string Name, string Feature)[] lists =
        [
            ("regions", "region"), ("occupations", "occupation"), ("educations", "education"), ("segments", "segment"), ("learnedSegments", "learnedSegment"), ("incomeBands", "incomeBand"),
            ("riskBands", "riskBand"), ("courses", "courseId"), ("courseCategories", "courseCategory"), ("courseLanguages", "courseLanguage"),
            ("courseLevels", "courseLevel"), ("courseInstructors", "courseInstructor"), ("courseTags", "courseTags"), ("courseConcepts", "courseConcepts"), ("surfaces", "surface"), ("ownedCourses", "ownsCourse"),
        ];
        foreach ((string name, string feature) in lists)
        {
            yield return new(name, RuleFeatures.Find(feature)!, RuleOperator.In);
        }
    }

    internal sealed record Entry(string Name, RuleFeature Feature, RuleOperator Operator);
}

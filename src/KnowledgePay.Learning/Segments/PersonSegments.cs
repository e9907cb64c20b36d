using System.Text.Json.Nodes;
using KnowledgePay.Decisions.Credit;
using KnowledgePay.Decisions.Segmentation;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Tables;

namespace KnowledgePay.Learning.Segments;

/// <summary>A person to learn segments from.</summary>
/// <param name="Values">By <see cref="SegmentFeature"/>.</param>
/// <param name="RuleSegment">Number of the segment that the rules say.</param>
public sealed record PersonCase(double[] Values, string? Occupation, byte RuleSegment);

/// <summary>Segments of people and what is known of them.</summary>
/// <param name="Silhouette">Of the learned segments, −1 to 1; null where all are in one.</param>
/// <param name="RuleSilhouette">Of the rules' segments, in the same space.</param>
/// <param name="Stability">Mean adjusted Rand index with partitions of bootstrap samples; null where the algorithm has none.</param>
public sealed record LearnedPersonSegments(SegmentModel Model, double? Silhouette, double? RuleSilhouette, double? Stability, JsonObject Report);

/// <summary>Learns segments from people's features and names them for people: "active-buyers", not "segment 3".</summary>
public static class PersonSegments
{
    /// <summary>People that are needed.</summary>
    public const int FewestPeople = 100;

    private const int MostTraits = 3;
    private const double LeastDeviation = 0.3;

    /// <summary>By feature, a word for who has much of it and one for who has little.</summary>
    private static readonly (string High, string Low)[] Words =
    [
        ("away", "recent"), ("old-hands", "newcomers"), ("busy-this-week", "quiet-this-week"), ("active", "quiet"), ("browsers", "rare-visitors"), ("collectors", "few-courses"), ("finishers", "starters"),
        ("far-along", "early-on"), ("buyers", "non-buyers"), ("high-spenders", "low-spenders"), ("refunders", "keepers"), ("price-sensitive", "price-insensitive"), ("bargain-hunters", "full-price"),
        ("content", "critical"), ("cheerful", "displeased"), ("offer-takers", "offer-averse"), ("older", "young"),
    ];

    /// <exception cref="InputException">There are too few people, or they are all alike.</exception>
    public static LearnedPersonSegments Train(IReadOnlyList<PersonCase> people, SegmentSettings settings, Action<double>? progress = null, CancellationToken cancellation = default)
    {
        if (people.Count < FewestPeople)
        {
            throw new InputException($"There is too little to learn from: {people.Count} people who were seen and let their data be used so; expected at least {FewestPeople}.");
        }

        Table table = TableOf(people);
        SegmentTraining training = SegmentTraining.Train(table, settings, progress, cancellation);
        JsonObject report = training.Report;
        string[] names = Names((JsonArray)report["segments"]!);
        for (int segment = 0; segment < names.Length; segment++)
        {
            report["segments"]![segment]!["name"] = names[segment];
        }

        JsonNode validation = report["validation"]!;
        validation["ruleSegmentsSilhouette"] = ModelFiles.Report.Number(
            ClusterQuality.Silhouette(training.Model.Encoding.Apply(table), Compact([.. people.Select(one => one.RuleSegment)]), settings.Seed));
        SegmentModel found = training.Model;
        return new LearnedPersonSegments(
            new SegmentModel(found.Encoding, found.Algorithm, found.Points, found.SegmentOf, found.Reach, names),
            validation["silhouette"]?.GetValue<double>(),
            validation["ruleSegmentsSilhouette"]?.GetValue<double>(),
            validation["stability"]?["mean"]?.GetValue<double>(),
            report);
    }

    /// <summary>The model as people are assigned by it.</summary>
    /// <exception cref="InputException">The model reads other features than these.</exception>
    public static LearnedSegments Serving(SegmentModel model, string version, CurrencyScale? scale = null)
    {
        var coordinates = new List<SegmentCoordinate>();
        string[] occupations = [];
        foreach (EncodedColumn column in model.Encoding.Columns)
        {
            int feature = SegmentFeatures.Names.ToList().IndexOf(column.Name);
            if (column is { Name: SegmentFeatures.Occupation, Levels: { } levels } && occupations.Length == 0)
            {
                occupations = levels;
            }
            else if (feature >= 0 && column is { Levels: null, MissingIndicator: false } && occupations.Length == 0)
            {
                coordinates.Add(new SegmentCoordinate(feature, column.Fill, column.Centre, column.Scale));
            }
            else
            {
                throw new InputException($"The stored segments read '{column.Name}', which this program does not know of a person.");
            }
        }

        try
        {
            return new LearnedSegments(version, coordinates, occupations, model.Points.Values, model.SegmentOf, model.Reach, model.Names, scale ?? CurrencyScale.Default);
        }
        catch (ArgumentException wrong)
        {
            throw new InputException($"The stored segments do not fit together: {wrong.Message}");
        }
    }

    private static Table TableOf(IReadOnlyList<PersonCase> people)
    {
        var columns = new List<TableColumn>();
        for (int feature = 0; feature < SegmentFeatures.Count; feature++)
        {
            columns.Add(new NumericColumn(SegmentFeatures.Names[feature], [.. people.Select(one => one.Values[feature])]));
        }

        columns.Add(CategoricalColumn.Of(SegmentFeatures.Occupation, people.Select(one => one.Occupation)));
        return new Table("the journal", people.Count, columns);
    }

    /// <summary>Two words for what stands out most, a third where two segments would share a name, then a number.</summary>
    private static string[] Names(JsonArray segments)
    {
        string[][] words = [.. segments.Select(segment => Traits((JsonArray)segment!["traits"]!))];
        string[] names = [.. words.Select(own => NameOf(own, 2))];
        for (int s = 0; s < names.Length; s++)
        {
            if (Array.IndexOf(names, names[s]) != s || Array.LastIndexOf(names, names[s]) != s)
            {
                string longer = NameOf(words[s], MostTraits);
                int number = 2;
                while (Array.IndexOf(names, longer) is var other and >= 0 && other != s)
                {
                    longer = $"{NameOf(words[s], MostTraits)}-{number++}";
                }

                names[s] = longer;
            }
        }

        return names;
    }

    private static string NameOf(string[] words, int most) => words.Length == 0 ? "typical" : string.Join('-', words.Take(most));

    private static string[] Traits(JsonArray traits)
    {
        var words = new List<string>();
        foreach (JsonNode? trait in traits)
        {
            double deviations = trait!["deviations"]?.GetValue<double>() ?? 0;
            string column = trait["column"]!.GetValue<string>();
            int feature = SegmentFeatures.Names.ToList().IndexOf(column);
            if (Math.Abs(deviations) < LeastDeviation)
            {
                continue;
            }

            if (feature >= 0)
            {
                words.Add(deviations > 0 ? Words[feature].High : Words[feature].Low);
            }
            else if (deviations > 0)
            {
                // A name such as occupation=student.
                words.Add(column[(column.IndexOf('=', StringComparison.Ordinal) + 1)..].Replace(' ', '-'));
            }
        }

        return [.. words.Take(MostTraits)];
    }

    /// <summary>The same groups, numbered from 0 without gaps.</summary>
    private static int[] Compact(int[] groups)
    {
        int[] numbers = [.. groups.Distinct().Order()];
        return [.. groups.Select(group => Array.BinarySearch(numbers, group))];
    }
}

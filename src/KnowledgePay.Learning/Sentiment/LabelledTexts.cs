using System.Globalization;
using System.Text.Json.Nodes;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.ModelFiles;
using KnowledgePay.Learning.Tables;

namespace KnowledgePay.Learning.Sentiment;

/// <summary>Texts and whether they are positive, read from a CSV file.</summary>
/// <remarks>
/// Two labels: the positive one is named, or is one of 1, positive, pos, good, true, yes. Three to eleven numbers (stars): the upper part of their range is positive and the
/// lower negative, what lies exactly in the middle is left out. Rows without text or label are left out and counted.
/// </remarks>
public sealed class LabelledTexts
{
    private static readonly string[] PositiveNames = ["1", "positive", "pos", "good", "true", "yes", "正面", "好评"];

    private const int MostLabels = 12;

    private LabelledTexts(IReadOnlyList<string> texts, bool[] positive, JsonObject quality) => (Texts, Positive, Quality) = (texts, positive, quality);

    public IReadOnlyList<string> Texts { get; }

    public bool[] Positive { get; }

    /// <summary>What was found in the file, for the report.</summary>
    public JsonObject Quality { get; }

    /// <exception cref="InputException">The file cannot be read, a column is missing, or the labels are not two sentiments.</exception>
    public static LabelledTexts Read(string path, string textColumn, string labelColumn, string? positiveLabel, CancellationToken cancellation = default)
    {
        Table table = TableReader.Read(path, new TableOptions
        {
            Only = [textColumn, labelColumn],
            Text = [textColumn],
            Categorical = [labelColumn],
            NamedBy = "--text or --label",
        }, cancellation);
        var text = (TextColumn)table.Require(textColumn, "--text");
        if (table.Require(labelColumn, "--label") is not CategoricalColumn label)
        {
            throw new InputException($"--label '{labelColumn}': expected another column than the text.");
        }

        var texts = new List<string>();
        var labels = new List<string>();
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        long withoutText = 0;
        long withoutLabel = 0;
        for (int row = 0; row < table.Rows; row++)
        {
            if (label.Text(row)?.Trim() is not { } value)
            {
                withoutLabel++;
                continue;
            }

            if (text.IsMissing(row))
            {
                withoutText++;
                continue;
            }

            if (!counts.TryGetValue(value, out int known) && counts.Count == MostLabels)
            {
                throw table.Wrong(row, labelColumn, $"column '{labelColumn}' has more than {MostLabels} different labels; expected two sentiments, or up to eleven grades.");
            }

            counts[value] = known + 1;
            texts.Add(text.Text(row));
            labels.Add(value);
        }

        Func<string, bool?> positive = SentimentOf(path, labelColumn, positiveLabel, counts);
        var kept = new List<string>();
        var signs = new List<bool>();
        for (int i = 0; i < texts.Count; i++)
        {
            if (positive(labels[i]) is { } sign)
            {
                kept.Add(texts[i]);
                signs.Add(sign);
            }
        }

        int positives = signs.Count(s => s);
        if (positives < SentimentTrainer.LeastTexts || kept.Count - positives < SentimentTrainer.LeastTexts)
        {
            throw new InputException($"{path}: {positives} positive and {kept.Count - positives} negative texts; expected at least {SentimentTrainer.LeastTexts} of each.");
        }

        var quality = new JsonObject
        {
            ["rows"] = texts.Count + withoutText + withoutLabel,
            ["withoutText"] = withoutText,
            ["withoutLabel"] = withoutLabel,
            ["leftOutAsNeutral"] = texts.Count - kept.Count,
            ["positive"] = positives,
            ["negative"] = kept.Count - positives,
            ["duplicateTexts"] = kept.Count - kept.Distinct(StringComparer.Ordinal).Count(),
            ["meanCharacters"] = Report.Number(kept.Average(t => t.Length), 1),
            ["labels"] = new JsonObject(counts.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value))),
        };
        return new LabelledTexts(kept, [.. signs], quality);
    }

    private static Func<string, bool?> SentimentOf(string path, string column, string? positiveLabel, SortedDictionary<string, int> counts)
    {
        if (counts.Count < 2)
        {
            throw new InputException($"{path}: column '{column}' has {counts.Count switch { 0 => "no label", _ => $"one label, '{counts.Keys.First()}'" }}; expected two.");
        }

        if (positiveLabel is not null)
        {
            return counts.ContainsKey(positiveLabel)
                ? label => label == positiveLabel
                : throw new InputException($"--positive '{positiveLabel}': column '{column}' of {path} has no such label; expected one of {string.Join(", ", counts.Keys)}.");
        }

        if (counts.Count == 2)
        {
            string? named = counts.Keys.FirstOrDefault(label => PositiveNames.Contains(label, StringComparer.OrdinalIgnoreCase));
            if (named is not null)
            {
                return label => label == named;
            }
        }

        var grades = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (string label in counts.Keys)
        {
            if (double.TryParse(label, NumberStyles.Float, CultureInfo.InvariantCulture, out double grade) && double.IsFinite(grade))
            {
                grades[label] = grade;
            }
        }

        if (grades.Count < counts.Count)
        {
            throw new InputException($"{path}: column '{column}' has the labels {string.Join(", ", counts.Keys)}; expected --positive to say which of them is positive.");
        }

        double middle = (grades.Values.Min() + grades.Values.Max()) / 2;
        return label => grades[label] > middle ? true : grades[label] < middle ? false : null;
    }
}

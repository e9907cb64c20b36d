using System.Globalization;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Tables;

namespace KnowledgePay.Learning.Risk;

/// <summary>Which value of a label is the positive outcome, and each row's.</summary>
/// <param name="Column">The label's column.</param>
/// <param name="Positive">The value whose probability is learned.</param>
/// <param name="Why">Why it is that one.</param>
public sealed record OutcomeLabel(string Column, string Positive, string Why)
{
    private static readonly string[] PositiveNames = ["bad", "yes", "y", "true", "t", "default", "defaulted", "fraud", "1", "positive", "churned", "lapsed", "是"];
    private static readonly string[] NegativeNames = ["good", "no", "n", "false", "f", "paid", "genuine", "0", "-1", "negative", "否"];

    /// <summary>Reads a label.</summary>
    /// <param name="positive">The value that the caller wants, or null for the one that its name or rarity suggests.</param>
    /// <returns>The label and each row's outcome: 1, 0, or 255 where the label is missing.</returns>
    /// <exception cref="InputException">The column is no label of two outcomes.</exception>
    public static (OutcomeLabel Label, byte[] Outcomes) Read(Table table, string column, string? positive)
    {
        TableColumn values = table.Require(column, "--label");
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (int row = 0; row < table.Rows; row++)
        {
            if (Text(values, row) is { } text)
            {
                counts[text] = counts.GetValueOrDefault(text) + 1;
                if (counts.Count > 50)
                {
                    throw table.Wrong(row, column, $"the label '{column}' has more than 50 values; expected two outcomes{(positive is null ? ", or --positive V" : string.Empty)}.");
                }
            }
        }

        positive = positive is null ? null : Normal(positive);
        if (counts.Count < 2)
        {
            throw new InputException(
                counts.Count == 0 ? $"{table.File}: the label '{column}' is missing in all {table.Rows} rows; expected two outcomes."
                : $"{table.File}: the label '{column}' is '{counts.First().Key}' in all {counts.First().Value} rows that have one; expected two outcomes, there is nothing to learn from one.");
        }

        if (positive is not null && !counts.ContainsKey(positive))
        {
            throw new InputException($"{table.File}: --positive {positive}: the label '{column}' has no such value; expected one of {string.Join(", ", counts.Keys)}.");
        }

        if (positive is null && counts.Count > 2)
        {
            throw new InputException($"{table.File}: the label '{column}' has {counts.Count} values ({string.Join(", ", counts.Keys.Take(10))}); expected two, or --positive V for one of them against the rest.");
        }

        string why = "as --positive says";
        if (positive is null)
        {
            (positive, why) = Choose(counts);
        }

        var outcomes = new byte[table.Rows];
        for (int row = 0; row < outcomes.Length; row++)
        {
            outcomes[row] = Text(values, row) is { } text ? (byte)(text == positive ? 1 : 0) : (byte)255;
        }

        return (new OutcomeLabel(column, positive, why), outcomes);
    }

    private static (string Positive, string Why) Choose(SortedDictionary<string, int> counts)
    {
        string[] names = [.. counts.Keys];
        foreach (string[] pair in new[] { names, [names[1], names[0]] })
        {
            if (PositiveNames.Contains(pair[1].ToLowerInvariant()) && NegativeNames.Contains(pair[0].ToLowerInvariant()))
            {
                return (pair[1], $"'{pair[1]}' against '{pair[0]}' by its name; --positive chooses otherwise");
            }
        }

        // Of two codes without a meaning the rarer one is the event; of two as frequent, the later.
        string rarer = counts[names[0]] < counts[names[1]] ? names[0] : names[1];
        return (rarer, $"the rarer of '{names[0]}' and '{names[1]}'; --positive chooses otherwise");
    }

    private static string Normal(string text) =>
        TableReader.TryNumber(System.Text.Encoding.UTF8.GetBytes(text), out double number) ? number.ToString("R", CultureInfo.InvariantCulture) : text;

    private static string? Text(TableColumn column, int row) => column switch
    {
        NumericColumn numbers => double.IsNaN(numbers[row]) ? null : numbers[row].ToString("R", CultureInfo.InvariantCulture),
        CategoricalColumn names => names.Text(row) is { } text ? Normal(text) : null,
        _ => null,
    };
}

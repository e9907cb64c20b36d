using System.Text.Json.Nodes;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.ModelFiles;
using KnowledgePay.Learning.Numerics;
using KnowledgePay.Learning.Tables;

namespace KnowledgePay.Learning.Uplift;

/// <summary>A trial: who was treated, and what came of it.</summary>
/// <param name="Rows">Rows of the table with treatment and outcome, treated or control.</param>
/// <param name="Treated">By place in <paramref name="Rows"/>.</param>
/// <param name="Outcome">By place in <paramref name="Rows"/>; 0 or 1, or an amount.</param>
internal sealed record TrialData(Table Table, int[] Rows, bool[] Treated, double[] Outcome, List<TableColumn> Features, JsonObject Quality)
{
    private const int LeastOfEach = 30;
    private static readonly string[] ControlNames = ["control", "no ", "no-", "none", "placebo", "untreated", "holdout", "对照"];

    /// <exception cref="InputException">A column is missing or not what it should be, or an arm is too small: with line and column where there is one.</exception>
    public static TrialData Of(Table table, UpliftSettings settings)
    {
        TableColumn treatment = table.Require(settings.Treatment, "--treatment");
        NumericColumn outcome = table.RequireNumeric(settings.Outcome, "--outcome");
        Func<int, bool?> treated = Arms(table, treatment, settings);
        var rows = new List<int>();
        var arm = new List<bool>();
        var results = new List<double>();
        int otherArms = 0;
        for (int row = 0; row < table.Rows; row++)
        {
            if (treatment.IsMissing(row) || outcome.IsMissing(row))
            {
                continue;
            }

            if (treated(row) is { } isTreated)
            {
                rows.Add(row);
                arm.Add(isTreated);
                results.Add(outcome[row]);
            }
            else
            {
                otherArms++;
            }
        }

        int inTreatment = arm.Count(t => t);
        if (inTreatment < LeastOfEach || rows.Count - inTreatment < LeastOfEach)
        {
            throw new InputException($"{table.File}: {inTreatment} treated and {rows.Count - inTreatment} control rows; expected at least {LeastOfEach} of each.");
        }

        if (results.Distinct().Take(2).Count() < 2)
        {
            throw new InputException($"{table.File}: '{settings.Outcome}' is {results[0]} in every row; expected an outcome that varies.");
        }

        List<TableColumn> features = [.. table.Columns.Where(column => column.Name != settings.Treatment && column.Name != settings.Outcome)];
        double treatedMean = results.Where((_, i) => arm[i]).Average();
        double controlMean = results.Where((_, i) => !arm[i]).Average();
        var quality = new JsonObject
        {
            ["treated"] = inTreatment,
            ["control"] = rows.Count - inTreatment,
            ["withoutTreatmentOrOutcome"] = table.Rows - rows.Count - otherArms,
            ["otherArmsLeftOut"] = otherArms,
            ["treatedMean"] = Report.Number(treatedMean),
            ["controlMean"] = Report.Number(controlMean),
            ["averageEffect"] = Report.Number(treatedMean - controlMean),
            ["leakageSuspects"] = Report.Texts(features.Where(column => FollowsOutcome(column, rows, results)).Select(column => column.Name)),
        };
        return new TrialData(table, [.. rows], [.. arm], [.. results], features, quality);
    }

    /// <summary>Largest difference of the arms' means over the encoded columns, in standard deviations: near 0 in a randomised trial.</summary>
    public static double LargestImbalance(DenseMatrix rows, bool[] treated, IReadOnlyList<string> names, out string column)
    {
        double largest = 0;
        column = "";
        int n1 = treated.Count(t => t);
        int n0 = treated.Length - n1;
        for (int j = 0; j < rows.Width; j++)
        {
            double s1 = 0, s0 = 0, q1 = 0, q0 = 0;
            for (int i = 0; i < rows.Rows; i++)
            {
                double x = rows[i][j];
                (s1, q1, s0, q0) = treated[i] ? (s1 + x, q1 + (x * x), s0, q0) : (s1, q1, s0 + x, q0 + (x * x));
            }

            double variance = ((q1 / n1) - (s1 / n1 * s1 / n1) + (q0 / n0) - (s0 / n0 * s0 / n0)) / 2;
            double difference = variance > 1e-12 ? Math.Abs((s1 / n1) - (s0 / n0)) / Math.Sqrt(variance) : 0;
            (largest, column) = difference > largest ? (difference, names[j]) : (largest, column);
        }

        return largest;
    }

    private static Func<int, bool?> Arms(Table table, TableColumn treatment, UpliftSettings settings)
    {
        if (treatment is NumericColumn numbers && settings.Control is null && settings.Treated is null)
        {
            for (int row = 0; row < table.Rows; row++)
            {
                if (!numbers.IsMissing(row) && numbers[row] is not (0 or 1))
                {
                    throw table.Wrong(row, settings.Treatment, "expected 0 for control or 1 for treated; or --control and --treated to say which values are which.");
                }
            }

            return row => numbers[row] == 1;
        }

        if (treatment is not CategoricalColumn names)
        {
            double control = Number(settings.Control ?? "0", "--control");
            double? arm = settings.Treated is { } given ? Number(given, "--treated") : null;
            var values = (NumericColumn)treatment;
            return row => values[row] == control ? false : arm is null || values[row] == arm ? true : null;
        }

        string[] found = [.. names.Levels.Where(level => ControlNames.Any(name => level.StartsWith(name, StringComparison.OrdinalIgnoreCase)))];
        string controlName = settings.Control ?? (found.Length == 1 ? found[0] : throw new InputException(
            $"{table.File}: '{settings.Treatment}' has the values {string.Join(", ", names.Levels.Take(10))}; expected --control to say which of them is control."));
        int controlCode = Place(names, controlName, "--control");
        int? treatedCode = settings.Treated is { } name ? Place(names, name, "--treated") : null;
        if (treatedCode is null && names.Levels.Count > 2)
        {
            throw new InputException($"{table.File}: '{settings.Treatment}' has {names.Levels.Count} values ({string.Join(", ", names.Levels.Take(10))}); expected --treated to say which of them to compare with '{controlName}'.");
        }

        return row => names[row] == controlCode ? false : treatedCode is null || names[row] == treatedCode ? true : null;
    }

    private static int Place(CategoricalColumn names, string level, string option)
    {
        for (int i = 0; i < names.Levels.Count; i++)
        {
            if (names.Levels[i] == level)
            {
                return i;
            }
        }

        throw new InputException($"{option} '{level}': '{names.Name}' has no such value; expected one of {string.Join(", ", names.Levels.Take(20))}.");
    }

    private static double Number(string text, string option) =>
        double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out double value) ? value : throw new InputException($"{option} '{text}': expected a number, as in the column.");

    /// <summary>Whether a column has one value in all rows of no outcome and others in rows with: something known only afterwards.</summary>
    private static bool FollowsOutcome(TableColumn column, List<int> rows, List<double> outcome)
    {
        double? only = null;
        bool varies = false;
        double lowest = outcome.Min();
        for (int i = 0; i < rows.Count; i++)
        {
            double value = column switch
            {
                NumericColumn numbers => numbers[rows[i]],
                CategoricalColumn names => names[rows[i]],
                _ => 0,
            };
            if (outcome[i] == lowest)
            {
                if (only is { } first && !first.Equals(value))
                {
                    return false;
                }

                only = value;
            }
        }

        for (int i = 0; only is not null && i < rows.Count && !varies; i++)
        {
            double value = column switch
            {
                NumericColumn numbers => numbers[rows[i]],
                CategoricalColumn names => names[rows[i]],
                _ => 0,
            };
            varies = !value.Equals(only.Value);
        }

        return varies;
    }
}

using KnowledgePay.Learning.Tables;

namespace KnowledgePay.Learning.Quality;

/// <summary>Looks at one column.</summary>
internal static class ColumnProfile
{
    private static readonly string[] IdentifierNames = ["id", "rownames", "rowname", "rownum", "row", "index", "idx", "key", "uuid", "guid", "no", "nr"];

    public static (int Distinct, int Outliers, IReadOnlyList<double> Specials) Of(TableColumn column)
    {
        if (column is CategoricalColumn category)
        {
            var seen = new bool[category.Levels.Count];
            foreach (int code in category.Codes)
            {
                if (code >= 0)
                {
                    seen[code] = true;
                }
            }

            return (seen.Count(level => level), 0, []);
        }

        double[] sorted = [.. ((NumericColumn)column).ToArray().Where(value => !double.IsNaN(value))];
        Array.Sort(sorted);
        if (sorted.Length == 0)
        {
            return (0, 0, []);
        }

        int distinct = 1;
        for (int i = 1; i < sorted.Length; i++)
        {
            distinct += sorted[i] != sorted[i - 1] ? 1 : 0;
        }

        double low = sorted[sorted.Length / 4];
        double high = sorted[(int)(sorted.Length * 3L / 4)];
        double reach = 5 * (high - low);
        int outliers = reach > 0 ? sorted.Count(value => value < low - reach || value > high + reach) : 0;
        return (distinct, outliers, Specials(sorted, distinct));
    }

    /// <summary>An end value that at least 0.5 % share, with a gap to its neighbour wider than the rest of the range holds between most of its values.</summary>
    private static List<double> Specials(double[] sorted, int distinct)
    {
        var found = new List<double>();
        if (distinct < 10)
        {
            return found;
        }

        int least = Math.Max(5, sorted.Length / 200);
        int lowCount = Array.FindIndex(sorted, value => value != sorted[0]);
        int highCount = sorted.Length - 1 - Array.FindLastIndex(sorted, value => value != sorted[^1]);
        double inner = sorted[^(highCount + 1)] - sorted[lowCount];
        if (lowCount >= least && sorted[lowCount] - sorted[0] > 0.25 * inner)
        {
            found.Add(sorted[0]);
        }

        if (highCount >= least && sorted[^1] - sorted[^(highCount + 1)] > 0.25 * inner)
        {
            found.Add(sorted[^1]);
        }

        return found;
    }

    /// <summary>Whether a column names its rows: text that is another in all but each row, or whole numbers of which none repeats that are named as ids or count up.</summary>
    public static string? Identifier(TableColumn column, int distinct)
    {
        int present = column.Rows - column.Missing;
        if (column is CategoricalColumn)
        {
            return present >= 20 && distinct > 0.9 * present ? $"{distinct} different texts in {present} rows" : null;
        }

        var numbers = (NumericColumn)column;
        if (distinct < present || present < 20 || numbers.Width is NumericWidth.Single or NumericWidth.Double)
        {
            return null;
        }

        string name = column.Name.ToLowerInvariant();
        if (IdentifierNames.Contains(name) || name.EndsWith("_id", StringComparison.Ordinal) || name.EndsWith(".id", StringComparison.Ordinal) || column.Name.EndsWith("Id", StringComparison.Ordinal) || column.Name.EndsWith("ID", StringComparison.Ordinal))
        {
            return "whole numbers of which none repeats, named as an id";
        }

        double low = double.PositiveInfinity;
        double high = double.NegativeInfinity;
        for (int row = 0; row < numbers.Rows; row++)
        {
            low = Math.Min(low, double.IsNaN(numbers[row]) ? low : numbers[row]);
            high = Math.Max(high, double.IsNaN(numbers[row]) ? high : numbers[row]);
        }

        return present >= 100 && present > 0.5 * (high - low + 1) ? "whole numbers of which none repeats and that leave few out" : null;
    }
}

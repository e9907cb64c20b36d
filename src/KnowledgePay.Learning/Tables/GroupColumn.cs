using System.Globalization;

namespace KnowledgePay.Learning.Tables;

/// <summary>A column as groups: a category's names, a number's values when they are few, else its quantile bands.</summary>
public static class GroupColumn
{
    /// <param name="most">Most groups of a number; a category has as many as it has names.</param>
    /// <returns>Each row's group, −1 where missing, and the groups' names.</returns>
    public static (int[] Groups, IReadOnlyList<string> Names) Of(TableColumn column, int most)
    {
        if (column is CategoricalColumn category)
        {
            return (category.Codes.ToArray(), category.Levels);
        }

        double[] values = ((NumericColumn)column).ToArray();
        double[] distinct = [.. values.Where(value => !double.IsNaN(value)).Distinct().Order()];
        if (distinct.Length <= most)
        {
            return ([.. values.Select(value => double.IsNaN(value) ? -1 : Array.BinarySearch(distinct, value))], [.. distinct.Select(Text)]);
        }

        double[] sorted = [.. values.Where(value => !double.IsNaN(value))];
        Array.Sort(sorted);
        int bands = Math.Min(4, most);
        double[] upper = [.. Enumerable.Range(1, bands - 1).Select(band => sorted[(int)((long)sorted.Length * band / bands)]).Distinct()];
        string[] names = [.. Enumerable.Range(0, upper.Length + 1).Select(band =>
            band == 0 ? $"≤{Text(upper[0])}" : band == upper.Length ? $">{Text(upper[^1])}" : $"{Text(upper[band - 1])}–{Text(upper[band])}")];
        return ([.. values.Select(value => double.IsNaN(value) ? -1 : upper.Count(bound => value > bound))], names);
    }

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}

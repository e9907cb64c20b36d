using System.Globalization;
using System.Text.Json.Nodes;
using KnowledgePay.Learning.ModelFiles;
using KnowledgePay.Learning.Numerics;
using KnowledgePay.Learning.Tables;

namespace KnowledgePay.Learning.Segments;

/// <summary>Names a segment by what sets it apart from all rows: means in standard deviations, and names that are more or less frequent than elsewhere.</summary>
internal static class SegmentNames
{
    private const int TraitsNamed = 3;
    private const double LeastDeviation = 0.3;

    /// <summary>Size, name and traits of each segment, as the report has them.</summary>
    public static (string[] Names, JsonArray Described) Describe(TableEncoding encoding, DenseMatrix rows, int[] assignment)
    {
        int segments = assignment.Length == 0 ? 0 : Math.Max(assignment.Max() + 1, 0);
        IReadOnlyList<string> columns = encoding.Names;
        bool[] isNumber = [.. encoding.Columns.SelectMany(column => Enumerable.Repeat(column.Levels is null, column.Width))];
        double[] mean = new double[rows.Width];
        double[] square = new double[rows.Width];
        var means = new DenseMatrix(segments, rows.Width);
        int[] size = new int[segments];
        for (int i = 0; i < rows.Rows; i++)
        {
            ReadOnlySpan<double> row = rows[i];
            for (int j = 0; j < row.Length; j++)
            {
                mean[j] += row[j] / rows.Rows;
                square[j] += row[j] * row[j] / rows.Rows;
            }

            if (assignment[i] >= 0)
            {
                size[assignment[i]]++;
                for (int j = 0; j < row.Length; j++)
                {
                    means[assignment[i]][j] += row[j];
                }
            }
        }

        var described = new JsonArray();
        string[] names = new string[segments];
        for (int s = 0; s < segments; s++)
        {
            var traits = new List<(string Text, double Strength, JsonObject Json)>();
            for (int j = 0; j < rows.Width; j++)
            {
                double deviation = Math.Sqrt(Math.Max(square[j] - (mean[j] * mean[j]), 0));
                double own = means[s][j] / Math.Max(size[s], 1);
                if (deviation <= 0)
                {
                    continue;
                }

                double z = (own - mean[j]) / deviation;
                if (isNumber[j])
                {
                    EncodedColumn column = ColumnOf(encoding, j);
                    traits.Add(($"{(z > 0 ? "high" : "low")} {columns[j]}", Math.Abs(z), new JsonObject
                    {
                        ["column"] = columns[j],
                        ["mean"] = Report.Number((own * column.Scale) + column.Centre),
                        ["overall"] = Report.Number((mean[j] * column.Scale) + column.Centre),
                        ["deviations"] = Report.Number(z, 3),
                    }));
                }
                else
                {
                    traits.Add(($"{(z > 0 ? "" : "not ")}{columns[j]}", Math.Abs(z), new JsonObject
                    {
                        ["column"] = columns[j],
                        ["share"] = Report.Number(own, 4),
                        ["overall"] = Report.Number(mean[j], 4),
                        ["deviations"] = Report.Number(z, 3),
                    }));
                }
            }

            traits = [.. traits.OrderByDescending(trait => trait.Strength)];
            List<string> strong = [.. traits.Where(trait => trait.Strength >= LeastDeviation).Take(TraitsNamed).Select(trait => trait.Text)];
            names[s] = strong.Count > 0 ? string.Join(", ", strong) : "typical";
            described.Add(new JsonObject
            {
                ["segment"] = s,
                ["name"] = names[s],
                ["rows"] = size[s],
                ["share"] = Report.Number((double)size[s] / Math.Max(rows.Rows, 1), 4),
                ["traits"] = new JsonArray([.. traits.Take(8).Select(trait => trait.Json)]),
            });
        }

        return (names, described);
    }

    private static EncodedColumn ColumnOf(TableEncoding encoding, int place)
    {
        foreach (EncodedColumn column in encoding.Columns)
        {
            if (place < column.Width)
            {
                return column;
            }

            place -= column.Width;
        }

        throw new ArgumentOutOfRangeException(nameof(place), place.ToString(CultureInfo.InvariantCulture));
    }
}

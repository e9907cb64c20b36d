using System.Text.Json.Nodes;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.ModelFiles;
using KnowledgePay.Learning.Numerics;

namespace KnowledgePay.Learning.Tables;

/// <summary>One column of a table as it becomes columns of a matrix.</summary>
/// <param name="Levels">Names that have an indicator each; null for a number. Other names have none.</param>
/// <param name="Fill">What a missing number becomes: the median in training.</param>
/// <param name="MissingIndicator">Whether one more column says that the value was missing.</param>
public sealed record EncodedColumn(string Name, string[]? Levels, double Fill, double Centre, double Scale, bool MissingIndicator)
{
    public int Width => (Levels?.Length ?? 1) + (MissingIndicator ? 1 : 0);
}

/// <summary>How a table becomes a matrix: numbers centred and scaled, missing ones replaced by the median, names as indicators. Learned from one table, the same for every other.</summary>
public sealed class TableEncoding
{
    /// <summary>Most frequent names of a column that get an indicator.</summary>
    public const int MostLevels = 24;

    /// <summary>With more names than this that are mostly seen once, a column is an identifier or free text.</summary>
    private const int TextLevels = 100;

    private TableEncoding(IReadOnlyList<EncodedColumn> columns) => Columns = columns;

    public IReadOnlyList<EncodedColumn> Columns { get; }

    public int Width => Columns.Sum(column => column.Width);

    /// <summary>Names of the matrix's columns.</summary>
    public IReadOnlyList<string> Names =>
        [.. Columns.SelectMany(column => (column.Levels is { } levels ? levels.Select(level => $"{column.Name}={level}") : [column.Name])
            .Concat(column.MissingIndicator ? [$"{column.Name} missing"] : Array.Empty<string>()))];

    /// <summary>How to read another table for this encoding: its columns alone, of the kinds that it knows.</summary>
    public TableOptions Options(IEnumerable<string>? besides = null) => new()
    {
        Only = [.. Columns.Select(column => column.Name), .. besides ?? []],
        Numeric = [.. Columns.Where(column => column.Levels is null).Select(column => column.Name)],
        Categorical = [.. Columns.Where(column => column.Levels is not null).Select(column => column.Name)],
        NamedBy = "the model",
    };

    /// <summary>Learns an encoding; columns that say nothing are left out, and <paramref name="quality"/> says why.</summary>
    /// <param name="standardise">Whether numbers are divided by their standard deviation (of the population) and centred.</param>
    /// <param name="missingIndicators">Whether a column with missing values gets a column that says so.</param>
    public static TableEncoding Learn(Table table, IEnumerable<TableColumn> columns, bool standardise, bool missingIndicators, JsonObject quality)
    {
        var encoded = new List<EncodedColumn>();
        var leftOut = new JsonObject();
        var missing = new JsonObject();
        var rare = new JsonObject();
        foreach (TableColumn column in columns)
        {
            if (column.Missing > 0)
            {
                missing[column.Name] = column.Missing;
            }

            bool indicator = missingIndicators && column.Missing > 0 && column.Missing < table.Rows;
            if (column is NumericColumn numbers)
            {
                double[] present = [.. numbers.ToArray().Where(value => !double.IsNaN(value))];
                Array.Sort(present);
                if (present.Length == 0 || present[0] == present[^1])
                {
                    leftOut[column.Name] = present.Length == 0 ? "every value is missing" : "every value is the same";
                    continue;
                }

                double median = present[present.Length / 2];
                double mean = 0;
                double square = 0;
                for (int row = 0; row < table.Rows; row++)
                {
                    mean += numbers.IsMissing(row) ? median : numbers[row];
                }

                mean /= table.Rows;
                for (int row = 0; row < table.Rows; row++)
                {
                    double d = (numbers.IsMissing(row) ? median : numbers[row]) - mean;
                    square += d * d;
                }

                double deviation = Math.Sqrt(square / table.Rows);
                encoded.Add(new EncodedColumn(column.Name, null, median, standardise ? mean : 0, standardise && deviation > 0 ? deviation : 1, indicator));
            }
            else if (column is CategoricalColumn names)
            {
                int[] counts = new int[names.Levels.Count];
                foreach (int code in names.Codes)
                {
                    if (code >= 0)
                    {
                        counts[code]++;
                    }
                }

                if (counts.Count(c => c > 0) < 2 && column.Missing == 0)
                {
                    leftOut[column.Name] = "every value is the same";
                    continue;
                }

                if (counts.Length > TextLevels && counts.Length > table.Rows / 2)
                {
                    leftOut[column.Name] = $"{counts.Length} different values in {table.Rows} rows: an identifier or free text";
                    continue;
                }

                int[] kept = [.. Enumerable.Range(0, counts.Length).OrderByDescending(code => counts[code]).ThenBy(code => names.Levels[code], StringComparer.Ordinal).Take(MostLevels)];
                if (kept.Length < counts.Length)
                {
                    rare[column.Name] = counts.Length - kept.Length;
                }

                encoded.Add(new EncodedColumn(column.Name, [.. kept.Select(code => names.Levels[code]).Order(StringComparer.Ordinal)], 0, 0, 1, indicator));
            }
        }

        quality["rows"] = table.Rows;
        quality["columns"] = Report.Texts(encoded.Select(column => column.Name));
        quality["missing"] = missing;
        quality["leftOut"] = leftOut;
        quality["rareNamesTogether"] = rare;
        return encoded.Count > 0
            ? new TableEncoding(encoded)
            : throw new InputException($"{table.File}: no column is left to learn from{(leftOut.Count > 0 ? $" ({string.Join("; ", leftOut.Select(pair => $"'{pair.Key}': {pair.Value}"))})" : "")}; expected at least one that varies.");
    }

    /// <exception cref="InputException">The table lacks a column, or one is of another kind.</exception>
    public DenseMatrix Apply(Table table)
    {
        var matrix = new DenseMatrix(table.Rows, Width);
        int at = 0;
        foreach (EncodedColumn column in Columns)
        {
            if (column.Levels is null)
            {
                NumericColumn numbers = table.RequireNumeric(column.Name, "the model");
                for (int row = 0; row < table.Rows; row++)
                {
                    Encode(column, numbers[row], null, matrix.Values.AsSpan((row * matrix.Width) + at, column.Width));
                }
            }
            else
            {
                var names = table.Require(column.Name, "the model") as CategoricalColumn
                    ?? throw new InputException($"{table.File}: column '{column.Name}' holds numbers; the model learned it as names. Expected --categorical {column.Name}.");
                int[] place = [.. names.Levels.Select(level => PlaceOf(column, level))];
                for (int row = 0; row < table.Rows; row++)
                {
                    int? own = names[row] < 0 ? null : place[names[row]];
                    Encode(column, double.NaN, own, matrix.Values.AsSpan((row * matrix.Width) + at, column.Width));
                }
            }

            at += column.Width;
        }

        return matrix;
    }

    /// <summary>One row, as it would be in the matrix of its table.</summary>
    /// <param name="numbers">By column; NaN where missing, whatever for names.</param>
    /// <param name="names">By column; null where missing, whatever for numbers.</param>
    /// <param name="row">Of <see cref="Width"/>.</param>
    public void ApplyRow(ReadOnlySpan<double> numbers, ReadOnlySpan<string?> names, Span<double> row)
    {
        row.Clear();
        int at = 0;
        for (int i = 0; i < Columns.Count; i++)
        {
            EncodedColumn column = Columns[i];
            Encode(column, numbers[i], column.Levels is not null && names[i] is { } name ? PlaceOf(column, name) : null, row.Slice(at, column.Width));
            at += column.Width;
        }
    }

    /// <summary>Of a name among the levels; below 0 where it has no indicator.</summary>
    private static int PlaceOf(EncodedColumn column, string name) => Array.BinarySearch(column.Levels!, name, StringComparer.Ordinal);

    /// <param name="number">NaN where missing; of a number.</param>
    /// <param name="place">Null where missing; of a name.</param>
    /// <param name="to">The column's part of a row, all 0.</param>
    private static void Encode(EncodedColumn column, double number, int? place, Span<double> to)
    {
        bool isMissing = column.Levels is null ? double.IsNaN(number) : place is null;
        if (column.Levels is null)
        {
            to[0] = ((isMissing ? column.Fill : number) - column.Centre) / column.Scale;
        }
        else if (place >= 0)
        {
            to[place.Value] = 1;
        }

        if (column.MissingIndicator && isMissing)
        {
            to[^1] = 1;
        }
    }

    internal void Write(BinaryWriter writer)
    {
        writer.Write(Columns.Count);
        foreach (EncodedColumn column in Columns)
        {
            writer.Write(column.Name);
            writer.Write(column.Levels is not null);
            if (column.Levels is not null)
            {
                writer.WriteTexts(column.Levels);
            }

            writer.Write(column.Fill);
            writer.Write(column.Centre);
            writer.Write(column.Scale);
            writer.Write(column.MissingIndicator);
        }
    }

    internal static TableEncoding Read(BinaryReader reader)
    {
        var columns = new EncodedColumn[reader.ReadCount(1)];
        for (int i = 0; i < columns.Length; i++)
        {
            string name = reader.ReadString();
            string[]? levels = reader.ReadBoolean() ? reader.ReadTexts() : null;
            columns[i] = new EncodedColumn(name, levels, reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadBoolean());
        }

        return new TableEncoding(columns);
    }
}

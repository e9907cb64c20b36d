using System.Globalization;
using System.Text;
using KnowledgePay.Learning.Files;

namespace KnowledgePay.Learning.Tables;

/// <summary>Reads a CSV file into columns: once to learn each column's kind and width, once to keep the values.</summary>
/// <remarks>
/// Plain or <c>.gz</c>; UTF-8 with or without a byte order mark, UTF-16 with one, GB18030; LF or CRLF. What it holds is bounded by
/// <see cref="TableOptions.MemoryLimitBytes"/> and 2,147,483,591 rows, both told before anything is kept.
/// </remarks>
public static class TableReader
{
    /// <exception cref="InputException">The file cannot be read as CSV, has no row, lacks a named column, or holds text where numbers must be: with line and column.</exception>
    public static Table Read(string path, TableOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new TableOptions();
        Encoding? encoding = EncodedFile.Detect(path, null);
        (ColumnScan?[] Columns, long Rows) scan;
        try
        {
            scan = Scan(path, encoding, options, cancellation);
        }
        catch (NotUtf8Exception notUtf8)
        {
            encoding = EncodedFile.Detect(path, notUtf8);
            scan = Scan(path, encoding, options, cancellation);
        }

        long bytes = scan.Rows * scan.Columns.Sum(column => (long)(column?.BytesPerRow ?? 0));
        if (scan.Rows > Array.MaxLength || bytes > options.MemoryLimitBytes)
        {
            throw new InputException(
                $"{path}: {scan.Rows} rows need {bytes >> 20} MiB; expected at most {Array.MaxLength} rows and {options.MemoryLimitBytes >> 20} MiB. Leave out columns (--drop) or give a sample.");
        }

        return Keep(path, encoding, options, scan.Columns, (int)scan.Rows, cancellation);
    }

    /// <summary>A finite number, as the whole of a field.</summary>
    public static bool TryNumber(ReadOnlySpan<byte> field, out double value) =>
        double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);

    internal static InputException NoColumn(string file, string name, string option, IEnumerable<string> header) =>
        new(file, 1, 1, $"there is no column '{name}' ({option}); expected one of {string.Join(", ", header.Take(40))}.");

    internal static InputException WrongAt(string path, int row, string column, string message)
    {
        Encoding? encoding = EncodedFile.Detect(path, null);
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                using EncodedFile file = EncodedFile.Open(path, encoding);
                var reader = new CsvReader(file.Content, path);
                int index = reader.IndexOf(column);
                for (int at = 0; reader.Read(); at++)
                {
                    if (at == row)
                    {
                        return reader.Wrong(index, message);
                    }
                }

                return new InputException($"{path}: {message}");
            }
            catch (NotUtf8Exception notUtf8) when (attempt == 0)
            {
                encoding = EncodedFile.Detect(path, notUtf8);
            }
        }
    }

    private static (ColumnScan?[] Columns, long Rows) Scan(string path, Encoding? encoding, TableOptions options, CancellationToken cancellation)
    {
        using EncodedFile file = EncodedFile.Open(path, encoding);
        var reader = new CsvReader(file.Content, path);
        CheckNames(path, options, reader.Header);
        var columns = new ColumnScan?[reader.Header.Count];
        for (int i = 0; i < columns.Length; i++)
        {
            string name = reader.Header[i];
            columns[i] = options.Reads(name)
                ? new ColumnScan(name, !options.Categorical.Contains(name) && !options.Text.Contains(name), options.Numeric.Contains(name))
                : null;
        }

        long rows = 0;
        while (reader.Read())
        {
            if ((++rows & 0xFFFF) == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            for (int i = 0; i < columns.Length; i++)
            {
                if (columns[i] is { IsNumeric: true } column && !reader.IsMissing(i))
                {
                    if (TryNumber(reader.Field(i), out double value))
                    {
                        column.Number(value);
                    }
                    else if (column.MustBeNumeric)
                    {
                        throw reader.Wrong(i, $"'{Shortened(reader.Text(i))}' is no number; expected one in '{column.Name}'.");
                    }
                    else if (double.IsInfinity(value) || IsInfinity(reader.Field(i)))
                    {
                        column.Infinite ??= reader.Wrong(i, $"'{Shortened(reader.Text(i))}' is not finite; expected a finite number in '{column.Name}', or nothing where it is missing.");
                    }
                    else
                    {
                        column.NotANumber();
                    }
                }
            }
        }

        // Among names "inf" is a name; among numbers it is a mistake, and not a reason to take them for names.
        return columns.FirstOrDefault(column => column is { IsNumeric: true, Infinite: not null }) is { } wrong
            ? throw wrong.Infinite!
            : rows > 0 ? (columns, rows) : throw new InputException(path, 2, 1, "there is a header and no row; expected rows.");
    }

    private static Table Keep(string path, Encoding? encoding, TableOptions options, ColumnScan?[] scans, int rows, CancellationToken cancellation)
    {
        using EncodedFile file = EncodedFile.Open(path, encoding);
        var reader = new CsvReader(file.Content, path);
        var numbers = new NumericColumn?[scans.Length];
        var texts = new TextColumn?[scans.Length];
        var levels = new LevelCodes?[scans.Length];
        for (int i = 0; i < scans.Length; i++)
        {
            if (scans[i] is { } scan)
            {
                numbers[i] = scan.IsNumeric ? new NumericColumn(scan.Name, rows, scan.Width) : null;
                texts[i] = options.Text.Contains(scan.Name) ? new TextColumn(scan.Name, rows) : null;
                levels[i] = numbers[i] is null && texts[i] is null ? new LevelCodes(rows) : null;
            }
        }

        for (int row = 0; row < rows && reader.Read(); row++)
        {
            if ((row & 0xFFFF) == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            for (int i = 0; i < scans.Length; i++)
            {
                texts[i]?.Set(row, reader.Field(i));
                levels[i]?.Set(row, reader.IsMissing(i), reader.Field(i));
                numbers[i]?.Set(row, !reader.IsMissing(i) && TryNumber(reader.Field(i), out double value) ? value : double.NaN);
            }
        }

        var columns = new List<TableColumn>();
        for (int i = 0; i < scans.Length; i++)
        {
            if (scans[i] is { } scan)
            {
                columns.Add(numbers[i] ?? texts[i] ?? (TableColumn)levels[i]!.ToColumn(scan.Name));
            }
        }

        return new Table(path, rows, columns);
    }

    private static void CheckNames(string path, TableOptions options, IReadOnlyList<string> header)
    {
        foreach (string name in options.Categorical.Concat(options.Numeric).Concat(options.Text).Concat(options.Only ?? []).Concat(options.Drop))
        {
            if (!header.Contains(name, StringComparer.Ordinal))
            {
                throw NoColumn(path, name, options.NamedBy, header);
            }
        }
    }

    /// <summary>As other programs write it; .NET reads <c>Infinity</c> alone.</summary>
    private static bool IsInfinity(ReadOnlySpan<byte> field)
    {
        ReadOnlySpan<byte> name = field.TrimStart("+-"u8);
        return Ascii.EqualsIgnoreCase(name, "inf"u8) || Ascii.EqualsIgnoreCase(name, "infinity"u8);
    }

    private static string Shortened(string text) => text.Length <= 40 ? text : text[..40] + "…";
}

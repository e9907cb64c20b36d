using KnowledgePay.Learning.Files;

namespace KnowledgePay.Learning.Tables;

/// <summary>A CSV file by columns.</summary>
public sealed class Table
{
    private readonly Dictionary<string, TableColumn> _byName;

    public Table(string file, int rows, IReadOnlyList<TableColumn> columns)
    {
        (File, Rows, Columns) = (file, rows, columns);
        _byName = columns.ToDictionary(column => column.Name, StringComparer.Ordinal);
    }

    /// <summary>The path as it was given.</summary>
    public string File { get; }

    public int Rows { get; }

    /// <summary>In the order of the file's header.</summary>
    public IReadOnlyList<TableColumn> Columns { get; }

    public TableColumn? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>A column that has to be there.</summary>
    /// <param name="option">What asks for it, for the message: <c>--label</c>.</param>
    /// <exception cref="InputException">The file has no such column.</exception>
    public TableColumn Require(string name, string option) =>
        Find(name) ?? throw TableReader.NoColumn(File, name, option, Columns.Select(column => column.Name));

    /// <summary>A column that has to be there and to be numeric; the error names the first value that is no number.</summary>
    public NumericColumn RequireNumeric(string name, string option)
    {
        TableColumn column = Require(name, option);
        if (column is NumericColumn numeric)
        {
            return numeric;
        }

        for (int row = 0; row < Rows; row++)
        {
            if (column is CategoricalColumn texts && texts.Text(row) is { } text && !TableReader.TryNumber(System.Text.Encoding.UTF8.GetBytes(text), out _))
            {
                throw Wrong(row, name, $"'{text}' is no number; expected numbers in '{name}' ({option}).");
            }
        }

        throw new InputException($"{File}: '{name}' ({option}) was read as text; expected numbers.");
    }

    /// <summary>An error at a value: reads the file again to say its line and column.</summary>
    public InputException Wrong(int row, string column, string message) => TableReader.WrongAt(File, row, column, message);
}

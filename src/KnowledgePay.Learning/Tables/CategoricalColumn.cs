namespace KnowledgePay.Learning.Tables;

/// <summary>One of a set of names in each row, kept as the name's place in <see cref="Levels"/>.</summary>
public sealed class CategoricalColumn : TableColumn
{
    private readonly int[] _codes;

    /// <param name="codes">A place in <paramref name="levels"/>, or −1 for missing.</param>
    public CategoricalColumn(string name, int[] codes, IReadOnlyList<string> levels)
        : base(name, codes.Length)
    {
        (_codes, Levels) = (codes, levels);
        Missing = codes.Count(code => code < 0);
    }

    /// <summary>The names, in the order in which the file first has them.</summary>
    /// <summary>A column of names as they stand, null for missing; levels in ordinal order.</summary>
    public static CategoricalColumn Of(string name, IEnumerable<string?> values)
    {
        string?[] all = [.. values];
        string[] levels = [.. all.OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return new CategoricalColumn(name, [.. all.Select(value => value is null ? -1 : Array.BinarySearch(levels, value, StringComparer.Ordinal))], levels);
    }

    public IReadOnlyList<string> Levels { get; }

    /// <summary>The place of the row's name in <see cref="Levels"/>, or −1 where there is none.</summary>
    public int this[int row] => _codes[row];

    public ReadOnlySpan<int> Codes => _codes;

    /// <summary>The row's name, or null where there is none.</summary>
    public string? Text(int row) => _codes[row] < 0 ? null : Levels[_codes[row]];

    public override bool IsMissing(int row) => _codes[row] < 0;
}

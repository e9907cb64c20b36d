namespace KnowledgePay.Learning.Tables;

/// <summary>What a first pass over a file learns of a column, so that the second can keep it in as few bytes as it needs.</summary>
internal sealed class ColumnScan(string name, bool mayBeNumeric, bool mustBeNumeric)
{
    private bool _whole = true;
    private bool _single = true;
    private double _lowest = double.PositiveInfinity;
    private double _highest = double.NegativeInfinity;

    public string Name { get; } = name;

    public bool MustBeNumeric { get; } = mustBeNumeric;

    /// <summary>Until a value shows that it is not.</summary>
    public bool IsNumeric { get; private set; } = mayBeNumeric;

    public bool HasValues { get; private set; }

    /// <summary>What is said of the first infinite number, should the column turn out to be one of numbers.</summary>
    public Files.InputException? Infinite { get; set; }

    public NumericWidth Width =>
        !HasValues ? NumericWidth.Int8
        : _whole && _lowest > sbyte.MinValue && _highest <= sbyte.MaxValue ? NumericWidth.Int8
        : _whole && _lowest > short.MinValue && _highest <= short.MaxValue ? NumericWidth.Int16
        : _whole && _lowest > int.MinValue && _highest <= int.MaxValue ? NumericWidth.Int32
        : _single ? NumericWidth.Single
        : NumericWidth.Double;

    public int BytesPerRow => !IsNumeric ? sizeof(int) : Width switch
    {
        NumericWidth.Int8 => 1,
        NumericWidth.Int16 => 2,
        NumericWidth.Int32 or NumericWidth.Single => 4,
        _ => 8,
    };

    public void Number(double value)
    {
        HasValues = true;
        _whole = _whole && value == Math.Floor(value) && !double.IsNegative(value == 0 ? value : 0);
        _single = _single && (float)value == value;
        _lowest = Math.Min(_lowest, value);
        _highest = Math.Max(_highest, value);
    }

    public void NotANumber()
    {
        HasValues = true;
        IsNumeric = false;
    }
}

namespace KnowledgePay.Learning.Tables;

/// <summary>Numbers, kept in the narrowest type that holds each of them exactly; a missing one reads as NaN.</summary>
public sealed class NumericColumn : TableColumn
{
    private readonly Array _values;

    internal NumericColumn(string name, int rows, NumericWidth width)
        : base(name, rows)
    {
        Width = width;
        _values = width switch
        {
            NumericWidth.Int8 => new sbyte[rows],
            NumericWidth.Int16 => new short[rows],
            NumericWidth.Int32 => new int[rows],
            NumericWidth.Single => new float[rows],
            _ => new double[rows],
        };
    }

    public NumericColumn(string name, ReadOnlySpan<double> values)
        : this(name, values.Length, NumericWidth.Double)
    {
        for (int row = 0; row < values.Length; row++)
        {
            Set(row, values[row]);
        }
    }

    public NumericWidth Width { get; }

    /// <summary>The value, or NaN where there is none.</summary>
    public double this[int row] => Width switch
    {
        NumericWidth.Int8 => ((sbyte[])_values)[row] is var v and not sbyte.MinValue ? v : double.NaN,
        NumericWidth.Int16 => ((short[])_values)[row] is var v and not short.MinValue ? v : double.NaN,
        NumericWidth.Int32 => ((int[])_values)[row] is var v and not int.MinValue ? v : double.NaN,
        NumericWidth.Single => ((float[])_values)[row],
        _ => ((double[])_values)[row],
    };

    public override bool IsMissing(int row) => double.IsNaN(this[row]);

    public double[] ToArray()
    {
        var copy = new double[Rows];
        for (int row = 0; row < copy.Length; row++)
        {
            copy[row] = this[row];
        }

        return copy;
    }

    internal void Set(int row, double value)
    {
        bool missing = double.IsNaN(value);
        Missing += missing ? 1 : 0;
        switch (Width)
        {
            case NumericWidth.Int8:
                ((sbyte[])_values)[row] = missing ? sbyte.MinValue : (sbyte)value;
                break;
            case NumericWidth.Int16:
                ((short[])_values)[row] = missing ? short.MinValue : (short)value;
                break;
            case NumericWidth.Int32:
                ((int[])_values)[row] = missing ? int.MinValue : (int)value;
                break;
            case NumericWidth.Single:
                ((float[])_values)[row] = (float)value;
                break;
            default:
                ((double[])_values)[row] = value;
                break;
        }
    }
}

/// <summary>How a <see cref="NumericColumn"/> keeps its numbers.</summary>
public enum NumericWidth
{
    Int8,
    Int16,
    Int32,
    Single,
    Double,
}

namespace KnowledgePay.Learning.Numerics;

/// <summary>Rows of numbers, one behind the other.</summary>
public sealed class DenseMatrix
{
    public DenseMatrix(int rows, int width)
        : this(rows, width, new double[checked(rows * width)])
    {
    }

    public DenseMatrix(int rows, int width, double[] values)
    {
        if (values.Length != (long)rows * width)
        {
            throw new ArgumentException($"There are {values.Length} values; expected {rows} × {width}.", nameof(values));
        }

        (Rows, Width, Values) = (rows, width, values);
    }

    public int Rows { get; }

    public int Width { get; }

    public double[] Values { get; }

    public Span<double> this[int row] => Values.AsSpan(row * Width, Width);

    /// <summary>Some of the rows, in the order given.</summary>
    public DenseMatrix Take(ReadOnlySpan<int> rows)
    {
        var taken = new DenseMatrix(rows.Length, Width);
        for (int i = 0; i < rows.Length; i++)
        {
            this[rows[i]].CopyTo(taken[i]);
        }

        return taken;
    }
}

namespace KnowledgePay.Learning.Tables;

/// <summary>One column of a <see cref="Table"/>.</summary>
public abstract class TableColumn(string name, int rows)
{
    public string Name { get; } = name;

    public int Rows { get; } = rows;

    /// <summary>Rows without a value.</summary>
    public int Missing { get; internal set; }

    public abstract bool IsMissing(int row);
}

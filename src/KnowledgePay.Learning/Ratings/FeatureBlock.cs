namespace KnowledgePay.Learning.Ratings;

/// <summary>Weighted features of the users or of the items of a rating model, by column; columns of a group share a prior.</summary>
internal sealed class FeatureBlock
{
    private readonly List<int> _starts = [0];
    private readonly List<int> _rows = [];
    private readonly List<float> _weights = [];
    private readonly List<int> _groupStarts = [0];

    /// <param name="rows">Users or items.</param>
    public FeatureBlock(int rows)
    {
        Rows = rows;
        for (int row = 0; row < rows; row++)
        {
            AddColumn([(row, 1f)]);
        }

        EndGroup();
    }

    public int Rows { get; }

    public int Columns => _starts.Count - 1;

    public int Groups => _groupStarts.Count - 1;

    public (int From, int To) GroupColumns(int group) => (_groupStarts[group], _groupStarts[group + 1]);

    public void AddColumn(IReadOnlyList<(int Row, float Weight)> cells)
    {
        foreach ((int row, float weight) in cells)
        {
            _rows.Add(row);
            _weights.Add(weight);
        }

        _starts.Add(_rows.Count);
    }

    /// <summary>Closes the group of the columns since the last one; does nothing when there are none.</summary>
    public void EndGroup()
    {
        if (_groupStarts[^1] != Columns)
        {
            _groupStarts.Add(Columns);
        }
    }

    public (int[] Starts, int[] Rows, float[] Weights) Compact() => ([.. _starts], [.. _rows], [.. _weights]);
}

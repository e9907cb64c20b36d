namespace KnowledgePay.Learning.Sentiment;

/// <summary>Rows of a sparse matrix, one behind the other.</summary>
/// <param name="Starts">Where a row begins; one more than there are rows.</param>
internal sealed record SparseRows(int[] Starts, int[] Columns, float[] Values, int Width)
{
    public int Count => Starts.Length - 1;
}

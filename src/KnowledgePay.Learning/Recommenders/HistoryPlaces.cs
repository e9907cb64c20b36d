using KnowledgePay.Learning.Interactions;

namespace KnowledgePay.Learning.Recommenders;

/// <summary>Where each item stands in the histories that hold it.</summary>
internal sealed class HistoryPlaces
{
    private readonly InteractionMatrix _matrix;
    private readonly int[] _starts;
    private readonly int[] _places;

    private HistoryPlaces(InteractionMatrix matrix, int[] starts, int[] places)
    {
        (_matrix, _starts, _places) = (matrix, starts, places);
    }

    public static HistoryPlaces Of(InteractionMatrix matrix)
    {
        var starts = new int[matrix.Items + 1];
        for (int i = 0; i < matrix.Items; i++)
        {
            starts[i + 1] = starts[i] + matrix.Degree(i);
        }

        int[] next = starts[..^1];
        var places = new int[matrix.Count];
        for (int u = 0; u < matrix.Users; u++)
        {
            for (int k = 0; k < matrix.RowLength(u); k++)
            {
                places[next[matrix.Row(u)[k].Item]++] = k;
            }
        }

        return new HistoryPlaces(matrix, starts, places);
    }

    /// <summary>The users who took an item, ascending, each with the item's place in the history.</summary>
    public IEnumerable<(int User, int Place)> Occurrences(int item)
    {
        int count = _matrix.Degree(item);
        for (int k = 0; k < count; k++)
        {
            yield return (_matrix.UsersOf(item)[k], _places[_starts[item] + k]);
        }
    }
}

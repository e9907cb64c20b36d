using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Interactions;

namespace KnowledgePay.Learning.Ratings;

/// <summary>The rated pairs of an interaction matrix, by user and, through an index, by item.</summary>
internal sealed class RatingTable
{
    private RatingTable(int users, int items, int[] userOf, int[] itemOf, float[] ratings)
    {
        (UserOf, ItemOf, Ratings) = (userOf, itemOf, ratings);
        UserStarts = Starts(users, userOf);
        ItemStarts = Starts(items, itemOf);
        ByItem = new int[ratings.Length];
        int[] next = ItemStarts[..^1];
        for (int s = 0; s < ratings.Length; s++)
        {
            ByItem[next[itemOf[s]]++] = s;
        }
    }

    public int[] UserOf { get; }

    public int[] ItemOf { get; }

    public float[] Ratings { get; }

    public int[] UserStarts { get; }

    public int[] ItemStarts { get; }

    /// <summary>Pairs in order of their item.</summary>
    public int[] ByItem { get; }

    public int Count => Ratings.Length;

    public int Users => UserStarts.Length - 1;

    public int Items => ItemStarts.Length - 1;

    /// <param name="keep">Which of the matrix's entries to take, by place; null for all.</param>
    public static RatingTable Of(InteractionMatrix matrix, Func<int, bool>? keep = null)
    {
        var users = new List<int>();
        var items = new List<int>();
        var ratings = new List<float>();
        for (int u = 0; u < matrix.Users; u++)
        {
            for (int k = matrix.Starts[u]; k < matrix.Starts[u + 1]; k++)
            {
                HistoryEntry entry = matrix.Entries[k];
                if (!float.IsNaN(entry.Rating) && (keep is null || keep(k)))
                {
                    users.Add(u);
                    items.Add(entry.Item);
                    ratings.Add(entry.Rating);
                }
            }
        }

        return new RatingTable(matrix.Users, matrix.Items, [.. users], [.. items], [.. ratings]);
    }

    private static int[] Starts(int count, int[] of)
    {
        var starts = new int[count + 1];
        foreach (int one in of)
        {
            starts[one + 1]++;
        }

        for (int k = 0; k < count; k++)
        {
            starts[k + 1] += starts[k];
        }

        return starts;
    }
}

using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Interactions;

namespace KnowledgePay.Learning.Numerics;

/// <summary>Counts of people who took two items, dense over a choice of items.</summary>
internal static class Cooccurrence
{
    /// <summary><c>G_ij = Σ_u h_u^(−p)</c> over the people who took both, h_u the length of their history; with p = 0 the plain count, d_i on the diagonal.</summary>
    /// <param name="covered">Items in the matrix, ascending.</param>
    public static double[] Gram(InteractionMatrix matrix, int[] covered, double lengthPower)
    {
        int n = covered.Length;
        var columnOf = new int[matrix.Items];
        Array.Fill(columnOf, -1);
        for (int c = 0; c < n; c++)
        {
            columnOf[covered[c]] = c;
        }

        var gram = new double[(long)n * n];
        var weights = new double[matrix.Users];
        for (int u = 0; u < weights.Length; u++)
        {
            weights[u] = lengthPower == 0 ? 1 : Math.Pow(Math.Max(1, matrix.RowLength(u)), -lengthPower);
        }

        Parallel.For(0, n, row =>
        {
            long at = (long)row * n;
            foreach (int user in matrix.UsersOf(covered[row]))
            {
                double weight = weights[user];
                foreach (HistoryEntry entry in matrix.Row(user))
                {
                    int column = columnOf[entry.Item];
                    if (column >= 0)
                    {
                        gram[at + column] += weight;
                    }
                }
            }
        });
        return gram;
    }

    /// <summary>All items that anybody took, or the most taken ones when there are more than <paramref name="most"/>; ascending.</summary>
    public static int[] MostTaken(InteractionMatrix matrix, int most)
    {
        int[] all = [.. Enumerable.Range(0, matrix.Items).Where(item => matrix.Degree(item) > 0)];
        return all.Length <= most ? all : [.. all.OrderByDescending(matrix.Degree).ThenBy(i => i).Take(most).Order()];
    }
}

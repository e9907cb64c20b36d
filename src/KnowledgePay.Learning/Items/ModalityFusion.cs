using System.Numerics.Tensors;
using KnowledgePay.Learning.Interactions;
using KnowledgePay.Learning.Simulation;

namespace KnowledgePay.Learning.Items;

/// <summary>Brings what is written about items and their vectors of other modalities into one row an item.</summary>
/// <remarks>
/// Each modality has a gate g ≥ 0, and a row holds √g times the unit vector of each modality that the item has, brought to unit length: the cosine of two items is the mean of their
/// modalities' cosines, weighted by the gates of what both have. Gates are the coefficients, none below nothing, by which the modalities' cosines explain how often two items are taken together.
/// </remarks>
public static class ModalityFusion
{
    /// <summary>Name of what is written about items; followed by <c>*</c> where vectors from outside have that name.</summary>
    public const string Words = "words";

    /// <summary>Items whose pairs are looked at, pairs of each, and people whom an item must have.</summary>
    private const int MostItems = 2_000, PairsOfItem = 40, FewestPeople = 3;

    /// <summary>Fewer pairs say nothing: all gates are the same then.</summary>
    private const int FewestPairs = 200;

    private const int Rounds = 100;

    /// <returns>The rows with all modalities, and each one's gate; the gates add up to 1.</returns>
    public static (ItemFeatures Fused, IReadOnlyDictionary<string, double> Gates) Fuse(ItemFeatures words, InteractionMatrix matrix, ulong seed)
    {
        double[] gates = Learn(words, matrix, seed);
        var named = new SortedDictionary<string, double>(StringComparer.Ordinal) { [words.Vectors.Any(vectors => vectors.Modality == Words) ? Words + "*" : Words] = gates[0] };
        for (int m = 1; m < gates.Length; m++)
        {
            named[words.Vectors[m - 1].Modality] = gates[m];
        }

        return (Rows(words, gates), named);
    }

    private static double[] Learn(ItemFeatures words, InteractionMatrix matrix, ulong seed)
    {
        int n = words.Vectors.Count + 1;
        var random = SeededRandom.For(seed, 0x46757365, 0);
        int[] items = [.. Enumerable.Range(0, Math.Min(matrix.Items, words.Items)).Where(item => matrix.Degree(item) >= FewestPeople)];
        random.Shuffle<int>(items);
        double[] square = new double[(n + 1) * (n + 1)], product = new double[n + 1];
        long pairs = 0;
        Span<double> row = stackalloc double[n + 1];
        foreach (int item in items.Take(MostItems))
        {
            ReadOnlySpan<int> people = matrix.UsersOf(item);
            for (int pair = 0; pair < PairsOfItem; pair++)
            {
                // Half of them taken by one person, since few of all pairs are taken together at all.
                int other = items[random.Next(items.Length)];
                if (pair % 2 == 0)
                {
                    ReadOnlySpan<Decisions.Recommending.Models.HistoryEntry> history = matrix.Row(people[random.Next(people.Length)]);
                    other = history[random.Next(history.Length)].Item;
                }

                if (other == item || other >= words.Items || matrix.Degree(other) < FewestPeople)
                {
                    continue;
                }

                pairs++;
                row[0] = words.Cosine(item, other);
                for (int m = 1; m < n; m++)
                {
                    row[m] = words.Vectors[m - 1].Of(item) is { } one && words.Vectors[m - 1].Of(other) is { } two ? TensorPrimitives.Dot<float>(one, two) : 0;
                }

                row[n] = 1;
                double together = Together(people, matrix.UsersOf(other)) / Math.Sqrt((double)people.Length * matrix.Degree(other));
                for (int a = 0; a <= n; a++)
                {
                    product[a] += row[a] * together;
                    for (int b = 0; b <= n; b++)
                    {
                        square[(a * (n + 1)) + b] += row[a] * row[b];
                    }
                }
            }
        }

        double[] gates = pairs < FewestPairs ? new double[n] : Coefficients(square, product, n);
        double sum = gates.Sum();
        return sum > 0 ? Array.ConvertAll(gates, gate => gate / sum) : [.. Enumerable.Repeat(1.0 / n, n)];
    }

    /// <summary>Least squares with coefficients of 0 or more but for the constant, by coordinate descent.</summary>
    private static double[] Coefficients(double[] square, double[] product, int n)
    {
        var coefficients = new double[n + 1];
        for (int round = 0; round < Rounds; round++)
        {
            for (int a = 0; a <= n; a++)
            {
                double own = square[(a * (n + 1)) + a];
                if (own > 1e-12)
                {
                    double rest = product[a];
                    for (int b = 0; b <= n; b++)
                    {
                        rest -= a == b ? 0 : square[(a * (n + 1)) + b] * coefficients[b];
                    }

                    coefficients[a] = a == n ? rest / own : Math.Max(0, rest / own);
                }
            }
        }

        return coefficients[..n];
    }

    private static int Together(ReadOnlySpan<int> one, ReadOnlySpan<int> two)
    {
        int found = 0;
        for (int a = 0, b = 0; a < one.Length && b < two.Length;)
        {
            int order = one[a].CompareTo(two[b]);
            found += order == 0 ? 1 : 0;
            a += order <= 0 ? 1 : 0;
            b += order >= 0 ? 1 : 0;
        }

        return found;
    }

    private static ItemFeatures Rows(ItemFeatures words, double[] gates)
    {
        var starts = new int[words.Items + 1];
        var features = new List<int>();
        var weights = new List<float>();
        for (int item = 0; item < words.Items; item++)
        {
            double present = words.FeaturesOf(item).IsEmpty ? 0 : gates[0];
            for (int m = 1; m < gates.Length; m++)
            {
                present += words.Vectors[m - 1].Of(item) is null ? 0 : gates[m];
            }

            float scale = present > 0 ? (float)Math.Sqrt(gates[0] / present) : 0;
            for (int k = 0; scale > 0 && k < words.FeaturesOf(item).Length; k++)
            {
                features.Add(words.FeaturesOf(item)[k]);
                weights.Add(words.WeightsOf(item)[k] * scale);
            }

            int first = words.Count;
            for (int m = 1; m < gates.Length; m++)
            {
                if (gates[m] > 0 && words.Vectors[m - 1].Of(item) is { } vector)
                {
                    scale = (float)Math.Sqrt(gates[m] / present);
                    for (int k = 0; k < vector.Length; k++)
                    {
                        features.Add(first + k);
                        weights.Add(vector[k] * scale);
                    }
                }

                first += words.Vectors[m - 1].Width;
            }

            starts[item + 1] = features.Count;
        }

        return new ItemFeatures(starts, [.. features], [.. weights], words.Count + words.Vectors.Sum(vectors => vectors.Width));
    }
}

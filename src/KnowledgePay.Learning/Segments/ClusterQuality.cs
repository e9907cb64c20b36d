using KnowledgePay.Learning.Evaluation;
using KnowledgePay.Learning.Numerics;
using KnowledgePay.Learning.Simulation;

namespace KnowledgePay.Learning.Segments;

/// <summary>How well rows fall into clusters. A negative cluster is noise and does not count.</summary>
internal static class ClusterQuality
{
    private const int SilhouetteSample = 4_000;

    /// <summary>Mean silhouette, −1 to 1 (Rousseeuw 1987); of a random sample of rows when there are more than 4,000. NaN with fewer than two clusters.</summary>
    public static double Silhouette(DenseMatrix rows, int[] assignment, ulong seed)
    {
        int[] use = [.. Enumerable.Range(0, rows.Rows).Where(i => assignment[i] >= 0)];
        if (use.Length > SilhouetteSample)
        {
            Folds.Shuffle(use, SeededRandom.For(seed, 0x511, 0));
            use = use[..SilhouetteSample];
        }

        int clusters = assignment.Length == 0 ? 0 : assignment.Max() + 1;
        int[] size = new int[Math.Max(clusters, 0)];
        foreach (int i in use)
        {
            size[assignment[i]]++;
        }

        if (size.Count(s => s > 0) < 2)
        {
            return double.NaN;
        }

        double[] values = new double[use.Length];
        Parallel.For(0, use.Length, k =>
        {
            int own = assignment[use[k]];
            double[] sum = new double[clusters];
            foreach (int other in use)
            {
                sum[assignment[other]] += Math.Sqrt(Distance.Squared(rows[use[k]], rows[other]));
            }

            if (size[own] > 1)
            {
                double within = sum[own] / (size[own] - 1);
                double between = double.PositiveInfinity;
                for (int c = 0; c < clusters; c++)
                {
                    if (c != own && size[c] > 0)
                    {
                        between = Math.Min(between, sum[c] / size[c]);
                    }
                }

                values[k] = within == between ? 0 : (between - within) / Math.Max(within, between);
            }
        });
        return values.Average();
    }

    /// <summary>Davies–Bouldin index, 0 and up, less is better. NaN with fewer than two clusters.</summary>
    public static double DaviesBouldin(DenseMatrix rows, int[] assignment)
    {
        int clusters = assignment.Length == 0 ? 0 : assignment.Max() + 1;
        if (clusters < 2)
        {
            return double.NaN;
        }

        var centres = new DenseMatrix(clusters, rows.Width);
        int[] size = new int[clusters];
        for (int i = 0; i < rows.Rows; i++)
        {
            if (assignment[i] >= 0)
            {
                size[assignment[i]]++;
                for (int j = 0; j < rows.Width; j++)
                {
                    centres[assignment[i]][j] += rows[i][j];
                }
            }
        }

        for (int c = 0; c < clusters; c++)
        {
            foreach (ref double value in centres[c])
            {
                value /= Math.Max(size[c], 1);
            }
        }

        double[] spread = new double[clusters];
        for (int i = 0; i < rows.Rows; i++)
        {
            if (assignment[i] >= 0)
            {
                spread[assignment[i]] += Math.Sqrt(Distance.Squared(rows[i], centres[assignment[i]])) / size[assignment[i]];
            }
        }

        double sum = 0;
        for (int a = 0; a < clusters; a++)
        {
            double worst = 0;
            for (int b = 0; b < clusters; b++)
            {
                if (a != b)
                {
                    double apart = Math.Sqrt(Distance.Squared(centres[a], centres[b]));
                    worst = Math.Max(worst, apart > 0 ? (spread[a] + spread[b]) / apart : double.PositiveInfinity);
                }
            }

            sum += worst;
        }

        return sum / clusters;
    }

    /// <summary>Adjusted Rand index of two partitions of the same rows: 1 when equal, about 0 when unrelated (Hubert and Arabie 1985).</summary>
    public static double AdjustedRand(int[] a, int[] b)
    {
        var cells = new Dictionary<(int, int), long>();
        var left = new Dictionary<int, long>();
        var right = new Dictionary<int, long>();
        for (int i = 0; i < a.Length; i++)
        {
            cells[(a[i], b[i])] = cells.GetValueOrDefault((a[i], b[i])) + 1;
            left[a[i]] = left.GetValueOrDefault(a[i]) + 1;
            right[b[i]] = right.GetValueOrDefault(b[i]) + 1;
        }

        static double Pairs(IEnumerable<long> counts) => counts.Sum(n => n * (n - 1) / 2.0);
        double together = Pairs(cells.Values);
        double inA = Pairs(left.Values);
        double inB = Pairs(right.Values);
        double all = a.Length * (a.Length - 1) / 2.0;
        double expected = all > 0 ? inA * inB / all : 0;
        double most = (inA + inB) / 2;
        return most == expected ? 1 : (together - expected) / (most - expected);
    }

    /// <summary>Adjusted Rand indices of the partition with those learned from bootstrap samples and carried over to all rows.</summary>
    public static double[] Stability(DenseMatrix rows, Partition partition, int samples, ulong seed, CancellationToken cancellation)
    {
        double[] found = new double[samples];
        for (int s = 0; s < samples; s++)
        {
            SeededRandom random = SeededRandom.For(seed, 0x57A, (ulong)s);
            int[] drawn = new int[rows.Rows];
            foreach (ref int row in drawn.AsSpan())
            {
                row = random.Next(rows.Rows);
            }

            Partition other = KMeans.Fit(rows.Take(drawn), partition.Clusters, 4, seed + (ulong)s, null, cancellation);
            int[] carried = new int[rows.Rows];
            for (int i = 0; i < carried.Length; i++)
            {
                carried[i] = KMeans.Nearest(other.Centres, rows[i], out _);
            }

            found[s] = AdjustedRand(partition.Assignment, carried);
        }

        return found;
    }
}

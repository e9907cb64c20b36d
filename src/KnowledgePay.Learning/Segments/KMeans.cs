using KnowledgePay.Learning.Numerics;
using KnowledgePay.Learning.Simulation;

namespace KnowledgePay.Learning.Segments;

/// <summary>A partition of rows around centres.</summary>
/// <param name="Inertia">Weighted sum of squared distances to the nearest centre.</param>
internal sealed record Partition(DenseMatrix Centres, int[] Assignment, double Inertia)
{
    public int Clusters => Centres.Rows;
}

/// <summary>k-means: greedy k-means++ starts (Arthur and Vassilvitskii 2007), Lloyd's iterations to the end, the best of many starts.</summary>
/// <remarks>Starts run side by side, each with random numbers of its own, and the first of the best wins: the same on any number of cores.</remarks>
internal static class KMeans
{
    private const int IterationsMax = 300;

    /// <summary>Starts for a table of some size: 50, fewer when that would take minutes.</summary>
    public static int StartsFor(DenseMatrix rows, int clusters) => (int)Math.Clamp(2e9 / ((double)rows.Rows * rows.Width * clusters), 10, 50);

    /// <param name="weight">By row; null for 1.</param>
    public static Partition Fit(DenseMatrix rows, int clusters, int starts, ulong seed, double[]? weight = null, CancellationToken cancellation = default)
    {
        var found = new Partition?[starts];
        Parallel.For(0, starts, new ParallelOptions { CancellationToken = cancellation }, s =>
        {
            SeededRandom random = SeededRandom.For(seed, 0x5E6, (ulong)s);
            Partition one = Iterate(rows, PlusPlus(rows, clusters, weight, random), weight, cancellation);
            found[s] = one;
        });
        Partition best = found[0]!;
        foreach (Partition? one in found)
        {
            best = one!.Inertia < best.Inertia ? one : best;
        }

        return best;
    }

    /// <summary>Lloyd's iterations from given centres until no row changes its cluster.</summary>
    public static Partition Iterate(DenseMatrix rows, DenseMatrix centres, double[]? weight, CancellationToken cancellation)
    {
        int[] assignment = new int[rows.Rows];
        Array.Fill(assignment, -1);
        double[] distance = new double[rows.Rows];
        double[] mass = new double[centres.Rows];
        for (int iteration = 0; ; iteration++)
        {
            cancellation.ThrowIfCancellationRequested();
            bool changed = false;
            double inertia = 0;
            for (int i = 0; i < rows.Rows; i++)
            {
                int nearest = Nearest(centres, rows[i], out double squared);
                changed |= nearest != assignment[i];
                (assignment[i], distance[i]) = (nearest, squared);
                inertia += squared * (weight?[i] ?? 1);
            }

            if (!changed || iteration == IterationsMax)
            {
                return new Partition(centres, assignment, inertia);
            }

            centres = Means(rows, assignment, weight, centres, mass, distance);
        }
    }

    public static int Nearest(DenseMatrix centres, ReadOnlySpan<double> row, out double squared)
    {
        int nearest = 0;
        squared = double.PositiveInfinity;
        for (int c = 0; c < centres.Rows; c++)
        {
            double d = Distance.Squared(row, centres[c]);
            if (d < squared)
            {
                (squared, nearest) = (d, c);
            }
        }

        return nearest;
    }

    private static DenseMatrix Means(DenseMatrix rows, int[] assignment, double[]? weight, DenseMatrix before, double[] mass, double[] distance)
    {
        var means = new DenseMatrix(before.Rows, rows.Width);
        Array.Clear(mass);
        for (int i = 0; i < rows.Rows; i++)
        {
            double w = weight?[i] ?? 1;
            mass[assignment[i]] += w;
            Span<double> mean = means[assignment[i]];
            ReadOnlySpan<double> row = rows[i];
            for (int j = 0; j < mean.Length; j++)
            {
                mean[j] += w * row[j];
            }
        }

        for (int c = 0; c < means.Rows; c++)
        {
            if (mass[c] > 0)
            {
                foreach (ref double value in means[c])
                {
                    value /= mass[c];
                }

                continue;
            }

            // A cluster that lost its rows starts again at the row that is worst served.
            int farthest = 0;
            for (int i = 1; i < distance.Length; i++)
            {
                farthest = distance[i] > distance[farthest] ? i : farthest;
            }

            rows[farthest].CopyTo(means[c]);
            distance[farthest] = 0;
        }

        return means;
    }

    private static DenseMatrix PlusPlus(DenseMatrix rows, int clusters, double[]? weight, SeededRandom random)
    {
        var centres = new DenseMatrix(clusters, rows.Width);
        double[] nearest = new double[rows.Rows];
        rows[random.Next(rows.Rows)].CopyTo(centres[0]);
        for (int i = 0; i < rows.Rows; i++)
        {
            nearest[i] = Distance.Squared(rows[i], centres[0]) * (weight?[i] ?? 1);
        }

        int trials = 2 + (int)Math.Log(clusters);
        double[] tried = new double[rows.Rows];
        double[] kept = new double[rows.Rows];
        for (int c = 1; c < clusters; c++)
        {
            double total = nearest.Sum();
            double bestTotal = double.PositiveInfinity;
            int best = 0;
            for (int t = 0; t < trials; t++)
            {
                int candidate = Draw(nearest, total, random);
                double sum = 0;
                for (int i = 0; i < tried.Length; i++)
                {
                    tried[i] = Math.Min(nearest[i], Distance.Squared(rows[i], rows[candidate]) * (weight?[i] ?? 1));
                    sum += tried[i];
                }

                if (sum < bestTotal)
                {
                    (bestTotal, best) = (sum, candidate);
                    (kept, tried) = (tried, kept);
                }
            }

            rows[best].CopyTo(centres[c]);
            kept.CopyTo(nearest, 0);
        }

        return centres;
    }

    private static int Draw(double[] mass, double total, SeededRandom random)
    {
        double left = random.NextDouble() * total;
        for (int i = 0; i < mass.Length; i++)
        {
            left -= mass[i];
            if (left < 0)
            {
                return i;
            }
        }

        return random.Next(mass.Length);
    }
}

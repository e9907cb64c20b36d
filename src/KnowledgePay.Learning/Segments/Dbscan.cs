using KnowledgePay.Learning.Numerics;

namespace KnowledgePay.Learning.Segments;

/// <summary>DBSCAN, exact (Ester, Kriegel, Sander and Xu 1996). A row is a core when at least <c>minPoints</c> rows, itself among them, lie within <c>eps</c>.</summary>
/// <remarks>
/// Rows lie in boxes of a tree; boxes too far apart are never compared, boxes wholly within reach count without comparing, and cores already joined are not
/// joined again. Clusters are numbered by their first core in the order of the rows, and a border row goes to the lowest-numbered cluster in reach, which is what expanding clusters in the
/// order of the rows gives. Noise is −1.
/// </remarks>
internal static class Dbscan
{
    public const int Noise = -1;

    public static int[] Fit(DenseMatrix rows, double eps, int minPoints, out bool[] core, CancellationToken cancellation)
    {
        var tree = new BoxTree(rows);
        double reach = eps * eps;
        int[][] near = NeighbouringLeaves(tree, reach, cancellation);
        bool[] cores = FindCores(tree, near, reach, minPoints, cancellation);
        int[] joined = JoinCores(tree, near, cores, reach, cancellation);
        core = new bool[rows.Rows];
        for (int at = 0; at < cores.Length; at++)
        {
            core[tree.Order[at]] = cores[at];
        }

        // Number the clusters by their first core row.
        int[] place = new int[rows.Rows];
        for (int at = 0; at < place.Length; at++)
        {
            place[tree.Order[at]] = at;
        }

        int[] number = new int[rows.Rows];
        Array.Fill(number, Noise);
        int[] labels = new int[rows.Rows];
        Array.Fill(labels, Noise);
        int clusters = 0;
        for (int row = 0; row < rows.Rows; row++)
        {
            if (core[row])
            {
                ref int cluster = ref number[Root(joined, place[row])];
                if (cluster == Noise)
                {
                    cluster = clusters++;
                }

                labels[row] = cluster;
            }
        }

        int[] byPlace = new int[rows.Rows];
        for (int at = 0; at < byPlace.Length; at++)
        {
            byPlace[at] = labels[tree.Order[at]];
        }

        Parallel.For(0, tree.Leaves.Count, new ParallelOptions { CancellationToken = cancellation }, leaf =>
        {
            (int start, int end) = tree.Leaves[leaf];
            for (int at = start; at < end; at++)
            {
                if (cores[at])
                {
                    continue;
                }

                int lowest = int.MaxValue;
                foreach (int other in near[leaf])
                {
                    if (tree.LeastSquared(other, tree.Row(at)) > reach)
                    {
                        continue;
                    }

                    (int from, int to) = tree.Leaves[other];
                    for (int k = from; k < to; k++)
                    {
                        if (cores[k] && byPlace[k] < lowest && Distance.Squared(tree.Row(at), tree.Row(k)) <= reach)
                        {
                            lowest = byPlace[k];
                        }
                    }
                }

                labels[tree.Order[at]] = lowest == int.MaxValue ? Noise : lowest;
            }
        });
        return labels;
    }

    /// <summary>Distance of each row to its <paramref name="k"/>th neighbour, itself being the first; for a sample of rows, ascending.</summary>
    public static double[] NeighbourDistances(DenseMatrix rows, int k, int sample)
    {
        int step = Math.Max(1, rows.Rows / sample);
        int[] use = [.. Enumerable.Range(0, rows.Rows).Where(i => i % step == 0)];
        double[] found = new double[use.Length];
        Parallel.For(0, use.Length, u =>
        {
            double[] squared = new double[rows.Rows];
            for (int i = 0; i < squared.Length; i++)
            {
                squared[i] = Distance.Squared(rows[use[u]], rows[i]);
            }

            Array.Sort(squared);
            found[u] = Math.Sqrt(squared[Math.Min(k - 1, squared.Length - 1)]);
        });
        Array.Sort(found);
        return found;
    }

    private static int[][] NeighbouringLeaves(BoxTree tree, double reach, CancellationToken cancellation)
    {
        var near = new int[tree.Leaves.Count][];
        Parallel.For(0, near.Length, new ParallelOptions { CancellationToken = cancellation }, leaf => near[leaf] = tree.LeavesWithin(leaf, reach));
        return near;
    }

    private static bool[] FindCores(BoxTree tree, int[][] near, double reach, int minPoints, CancellationToken cancellation)
    {
        bool[] cores = new bool[tree.Order.Length];
        Parallel.For(0, tree.Leaves.Count, new ParallelOptions { CancellationToken = cancellation }, leaf =>
        {
            (int start, int end) = tree.Leaves[leaf];
            int certain = 0;
            var open = new List<int>(near[leaf].Length);
            foreach (int other in near[leaf])
            {
                if (tree.MostSquared(leaf, other) <= reach)
                {
                    certain += tree.Leaves[other].End - tree.Leaves[other].Start;
                }
                else
                {
                    open.Add(other);
                }
            }

            for (int at = start; at < end; at++)
            {
                int count = certain;
                ReadOnlySpan<double> row = tree.Row(at);
                foreach (int other in open)
                {
                    if (count >= minPoints)
                    {
                        break;
                    }

                    if (tree.LeastSquared(other, row) > reach)
                    {
                        continue;
                    }

                    (int from, int to) = tree.Leaves[other];
                    for (int k = from; k < to && count < minPoints; k++)
                    {
                        count += Distance.Squared(row, tree.Row(k)) <= reach ? 1 : 0;
                    }
                }

                cores[at] = count >= minPoints;
            }
        });
        return cores;
    }

    /// <summary>Joins cores within reach of each other; which of a set's members is its root does not depend on the order of joins.</summary>
    private static int[] JoinCores(BoxTree tree, int[][] near, bool[] cores, double reach, CancellationToken cancellation)
    {
        int[] parent = new int[cores.Length];
        for (int i = 0; i < parent.Length; i++)
        {
            parent[i] = i;
        }

        for (int leaf = 0; leaf < tree.Leaves.Count; leaf++)
        {
            cancellation.ThrowIfCancellationRequested();
            (int start, int end) = tree.Leaves[leaf];
            foreach (int other in near[leaf])
            {
                if (other < leaf)
                {
                    continue;
                }

                (int from, int to) = tree.Leaves[other];
                if (AreOne(parent, cores, start, end, from, to))
                {
                    continue;
                }

                for (int at = start; at < end; at++)
                {
                    if (!cores[at] || tree.LeastSquared(other, tree.Row(at)) > reach)
                    {
                        continue;
                    }

                    int root = Root(parent, at);
                    for (int k = other == leaf ? at + 1 : from; k < to; k++)
                    {
                        if (cores[k])
                        {
                            int own = Root(parent, k);
                            if (own != root && Distance.Squared(tree.Row(at), tree.Row(k)) <= reach)
                            {
                                (int low, int high) = own < root ? (own, root) : (root, own);
                                parent[high] = low;
                                root = low;
                            }
                        }
                    }
                }
            }
        }

        return parent;
    }

    private static bool AreOne(int[] parent, bool[] cores, int start, int end, int from, int to)
    {
        int root = -1;
        return Same(start, end) && Same(from, to);

        bool Same(int first, int last)
        {
            for (int at = first; at < last; at++)
            {
                if (cores[at])
                {
                    int own = Root(parent, at);
                    if (root >= 0 && own != root)
                    {
                        return false;
                    }

                    root = own;
                }
            }

            return true;
        }
    }

    private static int Root(int[] parent, int at)
    {
        while (parent[at] != at)
        {
            parent[at] = parent[parent[at]];
            at = parent[at];
        }

        return at;
    }
}

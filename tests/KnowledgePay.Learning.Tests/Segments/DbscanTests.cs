using CsCheck;
using KnowledgePay.Learning.Numerics;
using KnowledgePay.Learning.Segments;

namespace KnowledgePay.Learning.Tests.Segments;

public sealed class DbscanTests
{
    [Fact]
    public void Two_moons_are_two_clusters()
    {
        DenseMatrix rows = Points.Moons(600, 0.05, 3, out int[] made);
        int[] found = Dbscan.Fit(rows, 0.2, 5, out _, TestContext.Current.CancellationToken);
        Assert.Equal(1, ClusterQuality.AdjustedRand(made, found), 12);
        Assert.Equal([0, 1], found.Distinct().Order());
    }

    [Fact]
    public void It_equals_expanding_clusters_row_by_row_on_any_rows()
    {
        // Coordinates on a grid, so that many distances equal the reach exactly.
        Gen.Select(Gen.Int[1, 3], Gen.Int[1, 160], Gen.Int[1, 6], Gen.Int[1, 3], Gen.Int[0, 1_000_000]).Sample((width, rows, minPoints, reach, seed) =>
        {
            var random = new Random(seed);
            var matrix = new DenseMatrix(rows, width);
            foreach (ref double value in matrix.Values.AsSpan())
            {
                value = random.Next(12);
            }

            int[] found = Dbscan.Fit(matrix, reach, minPoints, out bool[] core, CancellationToken.None);
            (int[] expected, bool[] cores) = Expand(matrix, reach, minPoints);
            Assert.Equal(cores, core);
            Assert.Equal(expected, found);
        }, iter: 300);
    }

    [Fact]
    public void Minimum_points_count_the_row_itself()
    {
        var rows = new DenseMatrix(3, 1, [0, 0.5, 9]);
        Assert.Equal([0, 0, -1], Dbscan.Fit(rows, 0.5, 2, out _, TestContext.Current.CancellationToken));
        Assert.Equal([-1, -1, -1], Dbscan.Fit(rows, 0.5, 3, out _, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_hundred_thousand_rows_of_sixteen_columns_are_clustered()
    {
        DenseMatrix rows = Points.Blobs(rows: 100_000, width: 16, clusters: 8, spread: 0.2, seed: 5, out int[] made);
        int[] found = Dbscan.Fit(rows, 1.2, 10, out _, TestContext.Current.CancellationToken);
        Assert.Equal(8, found.Where(segment => segment >= 0).Distinct().Count());
        Assert.True(ClusterQuality.AdjustedRand(made, found) > 0.99);
    }

    /// <summary>The definition, as the reference implementation walks it: quadratic.</summary>
    private static (int[] Labels, bool[] Core) Expand(DenseMatrix rows, double eps, int minPoints)
    {
        int n = rows.Rows;
        int[][] near = [.. Enumerable.Range(0, n).Select(i => Enumerable.Range(0, n).Where(j => Distance.Squared(rows[i], rows[j]) <= eps * eps).ToArray())];
        bool[] core = [.. near.Select(others => others.Length >= minPoints)];
        int[] labels = [.. Enumerable.Repeat(-1, n)];
        int cluster = 0;
        for (int i = 0; i < n; i++)
        {
            if (!core[i] || labels[i] >= 0)
            {
                continue;
            }

            var open = new Stack<int>([i]);
            labels[i] = cluster;
            while (open.TryPop(out int at))
            {
                foreach (int other in core[at] ? near[at] : [])
                {
                    if (labels[other] < 0)
                    {
                        labels[other] = cluster;
                        open.Push(other);
                    }
                }
            }

            cluster++;
        }

        return (labels, core);
    }
}

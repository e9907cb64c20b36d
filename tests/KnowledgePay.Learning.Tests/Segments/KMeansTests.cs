using KnowledgePay.Learning.Numerics;
using KnowledgePay.Learning.Segments;

namespace KnowledgePay.Learning.Tests.Segments;

public sealed class KMeansTests
{
    [Fact]
    public void The_best_of_many_starts_is_within_a_thousandth_of_the_best_of_fifty_others()
    {
        DenseMatrix rows = Points.Blobs(rows: 900, width: 5, clusters: 12, spread: 1.2, seed: 4);
        double mine = KMeans.Fit(rows, 12, KMeans.StartsFor(rows, 12), 1).Inertia;
        double best = Enumerable.Range(0, 50).Min(start => KMeans.Fit(rows, 12, 1, 1_000 + (ulong)start).Inertia);
        Assert.True(mine <= best * 1.001, $"{mine} against {best}");
    }

    [Fact]
    public void Blobs_far_apart_are_found_as_they_were_made()
    {
        DenseMatrix rows = Points.Blobs(rows: 400, width: 3, clusters: 4, spread: 0.2, seed: 9, out int[] made);
        Partition found = KMeans.Fit(rows, 4, 10, 1);
        Assert.Equal(1, ClusterQuality.AdjustedRand(made, found.Assignment), 12);
        Assert.True(ClusterQuality.Silhouette(rows, found.Assignment, 1) > 0.8);
    }

    [Fact]
    public void The_same_seed_gives_the_same_partition_to_the_bit()
    {
        DenseMatrix rows = Points.Blobs(rows: 500, width: 4, clusters: 6, spread: 2, seed: 2);
        Partition one = KMeans.Fit(rows, 6, 20, 5);
        Partition two = KMeans.Fit(rows, 6, 20, 5);
        Assert.Equal(one.Centres.Values, two.Centres.Values);
        Assert.Equal(one.Assignment, two.Assignment);
    }

    [Fact]
    public void No_row_is_nearer_to_another_centre_than_to_its_own()
    {
        DenseMatrix rows = Points.Blobs(rows: 300, width: 2, clusters: 5, spread: 3, seed: 8);
        Partition found = KMeans.Fit(rows, 7, 3, 1);
        for (int i = 0; i < rows.Rows; i++)
        {
            double own = Distance.Squared(rows[i], found.Centres[found.Assignment[i]]);
            for (int c = 0; c < found.Clusters; c++)
            {
                Assert.True(own <= Distance.Squared(rows[i], found.Centres[c]));
            }
        }
    }

    [Fact]
    public void More_clusters_than_distinct_rows_still_end()
    {
        var rows = new DenseMatrix(20, 1);
        rows.Values.AsSpan(10).Fill(1);
        Partition found = KMeans.Fit(rows, 4, 3, 1);
        Assert.Equal(0, found.Inertia);
    }
}

using KnowledgePay.Learning.Numerics;
using KnowledgePay.Learning.Segments;

namespace KnowledgePay.Learning.Tests.Segments;

public sealed class ClusterQualityTests
{
    private static readonly DenseMatrix Rows = new(4, 1, [0, 1, 10, 12]);

    [Fact]
    public void Silhouette_is_the_mean_over_rows_of_how_much_nearer_their_own_cluster_is()
    {
        // Row 0: own 1, other 11; row 1: 1, 10; row 2: 2, 9.5; row 3: 2, 11.5.
        double expected = ((10.0 / 11) + (9.0 / 10) + (7.5 / 9.5) + (9.5 / 11.5)) / 4;
        Assert.Equal(expected, ClusterQuality.Silhouette(Rows, [0, 0, 1, 1], 1), 12);
    }

    [Fact]
    public void Davies_Bouldin_is_spread_over_distance()
    {
        // Means 0.5 and 11, mean distances to them 0.5 and 1.
        Assert.Equal(1.5 / 10.5, ClusterQuality.DaviesBouldin(Rows, [0, 0, 1, 1]), 12);
    }

    [Fact]
    public void Adjusted_Rand_is_one_for_renamed_clusters_and_follows_Hubert_and_Arabie()
    {
        Assert.Equal(1, ClusterQuality.AdjustedRand([0, 0, 1, 1], [5, 5, 2, 2]), 12);
        // Pairs together in both 2, in the first 6, in the second 3, of 15: (2 − 6·3/15) / (4.5 − 6·3/15).
        Assert.Equal((2 - 1.2) / (4.5 - 1.2), ClusterQuality.AdjustedRand([0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 2, 2]), 12);
    }

    [Fact]
    public void Noise_does_not_count_and_one_cluster_has_no_silhouette()
    {
        Assert.Equal(ClusterQuality.Silhouette(Rows, [0, 0, 1, 1], 1), ClusterQuality.Silhouette(new DenseMatrix(5, 1, [0, 1, 10, 12, 99]), [0, 0, 1, 1, -1], 1), 12);
        Assert.True(double.IsNaN(ClusterQuality.Silhouette(Rows, [0, 0, 0, 0], 1)));
    }
}

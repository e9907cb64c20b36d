using System.Text.Json.Nodes;
using KnowledgePay.Learning.ModelFiles;
using KnowledgePay.Learning.Numerics;

namespace KnowledgePay.Learning.Segments;

/// <summary>k-means helped by a <see cref="TableGan"/>: rows that the discriminator finds unlike the table weigh less on the centres, and small groups are filled up with made rows.</summary>
/// <remarks>Only real rows are assigned and judged. When the help lowers the silhouette, plain k-means is kept, and the report says so.</remarks>
internal static class GanKMeans
{
    private const int Steps = 2_000;

    /// <summary>Share of rows that counts as unlike the rest.</summary>
    private const double UnlikeShare = 0.02;

    private const double UnlikeWeight = 0.25;

    public static (Partition Partition, double[] Anomaly) Refine(DenseMatrix rows, Partition plain, ulong seed, JsonObject validation, CancellationToken cancellation)
    {
        TableGan gan = TableGan.Train(rows, Steps, seed, cancellation);
        double[] realness = gan.Realness(rows);
        double[] anomaly = Ranks(realness);
        int[] size = new int[plain.Clusters];
        foreach (int segment in plain.Assignment)
        {
            size[segment]++;
        }

        // A group is small below half of an even share; it is filled up to that.
        int enough = rows.Rows / (2 * plain.Clusters);
        double[] sorted = [.. realness];
        Array.Sort(sorted);
        double believable = sorted[(int)(UnlikeShare * (sorted.Length - 1))];
        DenseMatrix made = gan.Sample(Math.Min(20_000, Math.Max(2_000, rows.Rows)), seed);
        double[] madeRealness = gan.Realness(made);
        int[] added = new int[plain.Clusters];
        var take = new List<int>();
        for (int i = 0; i < made.Rows; i++)
        {
            int segment = KMeans.Nearest(plain.Centres, made[i], out _);
            if (madeRealness[i] >= believable && size[segment] + added[segment] < enough)
            {
                added[segment]++;
                take.Add(i);
            }
        }

        var all = new DenseMatrix(rows.Rows + take.Count, rows.Width);
        rows.Values.CopyTo(all.Values, 0);
        made.Take([.. take]).Values.CopyTo(all.Values, rows.Values.Length);
        double[] weight = new double[all.Rows];
        for (int i = 0; i < weight.Length; i++)
        {
            weight[i] = i >= rows.Rows ? 0.5 : anomaly[i] > 1 - UnlikeShare ? UnlikeWeight : 1;
        }

        Partition helped = KMeans.Iterate(all, plain.Centres, weight, cancellation);
        int[] assignment = helped.Assignment[..rows.Rows];
        double inertia = 0;
        for (int i = 0; i < rows.Rows; i++)
        {
            inertia += Distance.Squared(rows[i], helped.Centres[assignment[i]]);
        }

        double before = ClusterQuality.Silhouette(rows, plain.Assignment, seed);
        double after = ClusterQuality.Silhouette(rows, assignment, seed);
        bool keep = after >= before && assignment.Distinct().Count() == plain.Clusters;
        validation["gan"] = new JsonObject
        {
            ["steps"] = Steps,
            ["discriminatorLoss"] = Report.Number(gan.DiscriminatorLoss, 4),
            ["madeRowsUsed"] = take.Count,
            ["plainSilhouette"] = Report.Number(before),
            ["helpedSilhouette"] = Report.Number(after),
            ["plainInertia"] = plain.Inertia,
            ["helpedInertia"] = inertia,
            ["kept"] = keep ? "helped" : "plain",
        };
        return (keep ? new Partition(helped.Centres, assignment, inertia) : plain, anomaly);
    }

    /// <summary>Share of rows that are more real than each.</summary>
    private static double[] Ranks(double[] realness)
    {
        int[] order = [.. Enumerable.Range(0, realness.Length).OrderByDescending(i => realness[i]).ThenBy(i => i)];
        double[] rank = new double[realness.Length];
        for (int at = 0; at < order.Length; at++)
        {
            rank[order[at]] = (double)at / Math.Max(1, order.Length - 1);
        }

        return rank;
    }
}

using System.Text.Json.Nodes;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.ModelFiles;
using KnowledgePay.Learning.Numerics;
using KnowledgePay.Learning.Tables;

namespace KnowledgePay.Learning.Segments;

/// <summary>How to look for segments.</summary>
public sealed record SegmentSettings
{
    /// <summary><c>kmeans</c>, <c>dbscan</c> or <c>gan-kmeans</c>.</summary>
    public string Algorithm { get; init; } = "kmeans";

    /// <summary>Clusters of k-means; null to choose by silhouette among those that are stable.</summary>
    public int? Clusters { get; init; }

    /// <summary>Reach of DBSCAN; null for the knee of the distances to the <see cref="MinPoints"/>th neighbour.</summary>
    public double? Eps { get; init; }

    /// <summary>Rows within reach, itself among them, that make a core; null for twice the columns, 5 at least.</summary>
    public int? MinPoints { get; init; }

    public bool Standardise { get; init; } = true;

    public ulong Seed { get; init; } = 1;
}

/// <param name="Report">Quality of the data and of the segments, and what was chosen.</param>
/// <param name="Anomaly">For gan-kmeans: by row, the share of rows that look more like the table's than this one, 0 to 1; else null.</param>
public sealed record SegmentTraining(SegmentModel Model, int[] Assignment, double[]? Anomaly, JsonObject Report)
{
    public const int MostClusters = 1_000;

    private const int AutoMost = 10;
    private const int StabilitySamples = 10;

    /// <summary>Mean adjusted Rand index from which a partition counts as stable.</summary>
    private const double Stable = 0.75;

    /// <exception cref="InputException">Nothing can be learned from the table, or there are fewer rows than clusters.</exception>
    public static SegmentTraining Train(Table table, SegmentSettings settings, Action<double>? progress = null, CancellationToken cancellation = default)
    {
        var quality = new JsonObject();
        TableEncoding encoding = TableEncoding.Learn(table, table.Columns, settings.Standardise, missingIndicators: false, quality);
        DenseMatrix rows = encoding.Apply(table);
        if (rows.Rows < 2 || settings.Clusters > rows.Rows)
        {
            throw new InputException($"{table.File}: {rows.Rows} rows; expected at least {Math.Max(2, settings.Clusters ?? 2)}.");
        }

        var validation = new JsonObject();
        var chosen = new JsonObject { ["algorithm"] = settings.Algorithm, ["standardise"] = settings.Standardise };
        double[]? anomaly = null;
        int[] assignment;
        SegmentModel Model(DenseMatrix points, int[] segments, double reach, string[] names) => new(encoding, settings.Algorithm, points, segments, reach, names);
        Func<string[], SegmentModel> model;
        if (settings.Algorithm == "dbscan")
        {
            int minPoints = settings.MinPoints ?? Math.Max(5, 2 * rows.Width);
            double eps = settings.Eps ?? Knee(Dbscan.NeighbourDistances(rows, minPoints, 2_000));
            if (!(eps > 0))
            {
                throw new InputException($"{table.File}: the rows lie on too few points to choose a reach; expected --eps.");
            }

            assignment = Dbscan.Fit(rows, eps, minPoints, out bool[] core, cancellation);
            int[] cores = [.. Enumerable.Range(0, rows.Rows).Where(row => core[row])];
            chosen["eps"] = eps;
            chosen["minPoints"] = minPoints;
            validation["noise"] = assignment.Count(segment => segment == Dbscan.Noise);
            validation["cores"] = cores.Length;
            DenseMatrix points = rows.Take(cores);
            int[] segmentOf = [.. cores.Select(row => assignment[row])];
            model = names => Model(points, segmentOf, eps, names);
        }
        else
        {
            Partition partition = settings.Clusters is { } k
                ? KMeans.Fit(rows, k, KMeans.StartsFor(rows, k), settings.Seed, null, cancellation)
                : Choose(rows, settings.Seed, validation, progress, cancellation);
            if (settings.Algorithm == "gan-kmeans")
            {
                (partition, anomaly) = GanKMeans.Refine(rows, partition, settings.Seed, validation, cancellation);
            }

            assignment = partition.Assignment;
            chosen["clusters"] = partition.Clusters;
            chosen["starts"] = KMeans.StartsFor(rows, partition.Clusters);
            validation["inertia"] = partition.Inertia;
            double[] stability = ClusterQuality.Stability(rows, partition, StabilitySamples, settings.Seed, cancellation);
            validation["stability"] = Stability(stability);
            model = names => Model(partition.Centres, [.. Enumerable.Range(0, partition.Clusters)], double.PositiveInfinity, names);
        }

        validation["silhouette"] = ModelFiles.Report.Number(ClusterQuality.Silhouette(rows, assignment, settings.Seed));
        validation["daviesBouldin"] = ModelFiles.Report.Number(ClusterQuality.DaviesBouldin(rows, assignment));
        (string[] names, JsonArray described) = SegmentNames.Describe(encoding, rows, assignment);
        var report = new JsonObject
        {
            ["kind"] = SegmentModel.Kind,
            ["seed"] = settings.Seed,
            ["dataQuality"] = quality,
            ["validation"] = validation,
            ["hyperParameters"] = chosen,
            ["segments"] = described,
        };
        return new SegmentTraining(model(names), assignment, anomaly, report);
    }

    private static JsonObject Stability(double[] values) => new()
    {
        ["measure"] = "adjusted Rand index with partitions of bootstrap samples",
        ["mean"] = ModelFiles.Report.Number(values.Average(), 4),
        ["least"] = ModelFiles.Report.Number(values.Min(), 4),
        ["samples"] = values.Length,
    };

    /// <summary>The number of clusters with the best silhouette among those that bootstrap samples find again.</summary>
    private static Partition Choose(DenseMatrix rows, ulong seed, JsonObject validation, Action<double>? progress, CancellationToken cancellation)
    {
        var tried = new JsonArray();
        int distinct = Enumerable.Range(0, rows.Rows).Select(i => System.HashCode.Combine(rows[i][0], rows[i][^1], rows[i][rows.Width / 2])).Distinct().Take(AutoMost + 1).Count();
        int most = Math.Max(2, Math.Min(AutoMost, Math.Min(rows.Rows - 1, distinct)));
        (int Clusters, bool IsStable, double Silhouette) best = (0, false, double.NegativeInfinity);
        for (int k = 2; k <= most; k++)
        {
            Partition partition = KMeans.Fit(rows, k, 10, seed, null, cancellation);
            double silhouette = ClusterQuality.Silhouette(rows, partition.Assignment, seed);
            double stability = ClusterQuality.Stability(rows, partition, 4, seed, cancellation).Average();
            tried.Add(new JsonObject
            {
                ["clusters"] = k,
                ["silhouette"] = ModelFiles.Report.Number(silhouette),
                ["stability"] = ModelFiles.Report.Number(stability, 4),
                ["inertia"] = ModelFiles.Report.Number(partition.Inertia),
            });
            bool isStable = stability >= Stable;
            if (best.Clusters == 0 || (isStable, silhouette).CompareTo((best.IsStable, best.Silhouette)) > 0)
            {
                best = (k, isStable, silhouette);
            }

            progress?.Invoke((double)k / (most + 1));
        }

        validation["clustersTried"] = tried;
        return KMeans.Fit(rows, best.Clusters, KMeans.StartsFor(rows, best.Clusters), seed, null, cancellation);
    }

    /// <summary>Where a rising curve bends most: the point farthest below the line from its first to its last.</summary>
    private static double Knee(double[] ascending)
    {
        int best = 0;
        double farthest = double.NegativeInfinity;
        double rise = ascending[^1] - ascending[0];
        for (int i = 0; i < ascending.Length; i++)
        {
            double below = ((double)i / Math.Max(ascending.Length - 1, 1)) - (rise > 0 ? (ascending[i] - ascending[0]) / rise : 0);
            if (below > farthest)
            {
                (farthest, best) = (below, i);
            }
        }

        return ascending[best];
    }
}

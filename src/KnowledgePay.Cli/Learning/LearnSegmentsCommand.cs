using System.CommandLine;
using System.Globalization;
using KnowledgePay.Cli.Terminal;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.ModelFiles;
using KnowledgePay.Learning.Segments;
using KnowledgePay.Learning.Tables;

namespace KnowledgePay.Cli.Learning;

/// <summary><c>kpay learn segments</c>.</summary>
internal static class LearnSegmentsCommand
{
    public static Command Make(CliConsole console)
    {
        var table = new Option<string>("--table") { Description = "CSV file, a row a person.", Required = true };
        var drop = LearnOptions.Drop();
        var categorical = LearnOptions.Categorical();
        var algorithm = new Option<string>("--algorithm") { Description = "kmeans, dbscan or gan-kmeans.", DefaultValueFactory = _ => "kmeans" };
        algorithm.AcceptOnlyFromAmong("kmeans", "dbscan", "gan-kmeans");
        var clusters = new Option<string>("--clusters") { Description = "auto or a number (k-means).", DefaultValueFactory = _ => "auto" };
        var eps = new Option<double?>("--eps") { Description = "Reach of a row (DBSCAN), in standard deviations when the table is standardised; chosen when absent." };
        var minPoints = new Option<int?>("--min-points") { Description = "Rows within reach, itself among them, that make a core (DBSCAN); twice the columns when absent." };
        var standardise = new Option<bool>("--standardise") { Description = "Divide numbers by their standard deviation.", DefaultValueFactory = _ => true };
        var seed = LearnOptions.Seed();
        var output = LearnOptions.Out();
        var command = new Command("segments", "Find groups of like rows: assignments.csv has row,segment.") { table, drop, categorical, algorithm, clusters, eps, minPoints, standardise, seed, output };
        command.SetAction(async (parsed, cancellation) =>
        {
            long started = console.Time.GetTimestamp();
            var settings = new SegmentSettings
            {
                Algorithm = parsed.GetValue(algorithm)!,
                Clusters = Clusters(parsed.GetValue(clusters)!),
                Eps = parsed.GetValue(eps) is { } reach ? reach > 0 && double.IsFinite(reach) ? reach : throw new InputException($"--eps {reach}: expected a number above 0.") : null,
                MinPoints = parsed.GetValue(minPoints) is { } points ? points >= 1 ? points : throw new InputException($"--min-points {points}: expected 1 or more.") : null,
                Standardise = parsed.GetValue(standardise),
                Seed = parsed.GetValue(seed),
            };
            string directory = parsed.GetValue(output)!;
            Table read = TableReader.Read(parsed.GetValue(table)!, new TableOptions
            {
                Drop = LearnOptions.Names(parsed.GetValue(drop)!),
                Categorical = LearnOptions.Names(parsed.GetValue(categorical)!),
                NamedBy = "--drop or --categorical",
            }, cancellation);
            SegmentTraining training = await ProgressDisplay.Run(console, "learn segments", display => Task.Run(
                () => SegmentTraining.Train(read, settings, share => display.Report(share, read.Rows, "rows"), cancellation), cancellation)).ConfigureAwait(false);
            training.Model.Write(directory);
            WriteColumn(Path.Combine(directory, "assignments.csv"), "segment", training.Assignment.Length, row => training.Assignment[row]);
            if (training.Anomaly is { } anomaly)
            {
                WriteColumn(Path.Combine(directory, "anomalies.csv"), "anomaly", anomaly.Length, row => Math.Round(anomaly[row], 6));
            }

            training.Report["seconds"] = Report.Number(console.Time.GetElapsedTime(started).TotalSeconds, 2);
            Report.Write(directory, training.Report);
            console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"segments: {read.Rows} rows, {training.Model.Names.Count} segments, silhouette {training.Report["validation"]!["silhouette"]?.ToJsonString() ?? "none"}; written to {directory}"));
            return 0;
        });
        return command;
    }

    private static void WriteColumn(string path, string name, int rows, Func<int, double> value)
    {
        using var writer = new CsvWriter(path, "row", name);
        for (int row = 0; row < rows; row++)
        {
            writer.Write(row);
            writer.Write(value(row));
            writer.EndRow();
        }

        writer.Complete();
    }

    private static int? Clusters(string text) =>
        text == "auto" ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count is >= 1 and <= SegmentTraining.MostClusters ? count
        : throw new InputException($"--clusters '{text}': expected auto or a number from 1 to {SegmentTraining.MostClusters}.");
}

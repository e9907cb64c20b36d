using System.Globalization;

namespace KnowledgePay.Cli.Loading;

/// <summary>Prints what a load gave.</summary>
internal static class LoadReport
{
    public static void Print(TextWriter output, LoadMix mix, LoadResult load, LoadResult? empty)
    {
        output.WriteLine(Line("requests/s", $"{load.PerSecond:F0}"));
        if (empty is not null)
        {
            output.WriteLine(Line("empty endpoint/s", $"{empty.PerSecond:F0}"));
            output.WriteLine(Line("ratio", $"{load.PerSecond / empty.PerSecond:F2}"));
        }

        output.WriteLine();
        output.WriteLine("kind          requests        /s    p50 ms    p90 ms    p99 ms  p99.9 ms    max ms");
        foreach (LoadKind kind in mix.Kinds)
        {
            Row(output, LoadRun.Name(kind), load.Of(kind), load.Elapsed);
        }

        if (empty is not null)
        {
            Row(output, "empty", empty.Of(LoadKind.Ping), empty.Elapsed);
        }

        foreach ((string failure, long count) in load.Failures.Concat(empty?.Failures ?? []))
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"failed {failure} {count}"));
        }
    }

    private static void Row(TextWriter output, string name, LatencyHistogram latencies, TimeSpan elapsed) => output.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{name,-11} {latencies.Count,10} {latencies.Count / elapsed.TotalSeconds,9:F0} {Ms(latencies, 0.5),9:F3} {Ms(latencies, 0.9),9:F3} {Ms(latencies, 0.99),9:F3} {Ms(latencies, 0.999),9:F3} {latencies.MaxMicroseconds / 1000,9:F3}"));

    private static double Ms(LatencyHistogram latencies, double share) => latencies.Microseconds(share) / 1000;

    private static string Line(string name, FormattableString value) => $"{name,-17} {FormattableString.Invariant(value)}";
}

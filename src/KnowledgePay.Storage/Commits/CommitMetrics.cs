using System.Diagnostics.Metrics;

namespace KnowledgePay.Storage;

/// <summary>What group commits are measured by; the meter <c>KnowledgePay.Storage</c>.</summary>
public static class CommitMetrics
{
    public const string MeterName = "KnowledgePay.Storage";

    private const string Store = "store";

    private static readonly Meter Meter = new(MeterName);

    private static readonly Histogram<long> Writes = Meter.CreateHistogram<long>("kpay.commit.writes", "{write}", "Writes that shared a commit.", advice: new InstrumentAdvice<long>
    {
        HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096],
    });

    private static readonly Histogram<double> Seconds = Meter.CreateHistogram<double>("kpay.commit.duration", "s", "Time of a commit, with its writes.", advice: new InstrumentAdvice<double>
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    });

    /// <param name="store">Which writer: <c>journal</c>, <c>documents</c>, <c>engine</c> (the embedded store's one file) or <c>keys</c>.</param>
    internal static void Committed(string store, int writes, TimeSpan took)
    {
        Writes.Record(writes, new KeyValuePair<string, object?>(Store, store));
        Seconds.Record(took.TotalSeconds, new KeyValuePair<string, object?>(Store, store));
    }
}

using System.ComponentModel.DataAnnotations;

namespace KnowledgePay.Server.Hosting;

/// <summary>Every limit of the HTTP layer: section <c>KnowledgePay:Http</c>. A value out of its range stops the start.</summary>
public sealed class HttpLimits
{
    public const string Section = "KnowledgePay:Http";

    /// <summary>Largest body of events and of courses in bulk, after decompression.</summary>
    [Range(1_024, 1_073_741_824)]
    public int BulkBodyBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>Largest body elsewhere, after decompression.</summary>
    [Range(1_024, 67_108_864)]
    public int BodyBytes { get; set; } = 1024 * 1024;

    /// <summary>Most events in one request.</summary>
    [Range(1, 1_000_000)]
    public int EventsPerRequest { get; set; } = 100_000;

    /// <summary>Most events of one subject in one grain call.</summary>
    [Range(1, 10_000)]
    public int EventsPerCall { get; set; } = 1_000;

    /// <summary>Most grain calls that one request of events has in flight: the more, the fuller a group commit.</summary>
    [Range(1, 10_000)]
    public int EventConcurrency { get; set; } = 256;

    /// <summary>Most courses in one request.</summary>
    [Range(1, 1_000_000)]
    public int CoursesPerRequest { get; set; } = 20_000;

    /// <summary>Seconds after which a request is given up with 504; events and courses in bulk have <see cref="BulkTimeoutSeconds"/>.</summary>
    [Range(1, 600)]
    public int TimeoutSeconds { get; set; } = 30;

    [Range(1, 3_600)]
    public int BulkTimeoutSeconds { get; set; } = 300;

    /// <summary>Requests served at once; more wait in the queue.</summary>
    [Range(1, 100_000)]
    public int ConcurrentRequests { get; set; } = 512;

    /// <summary>Requests that wait; more are answered 503 at once.</summary>
    [Range(0, 1_000_000)]
    public int QueuedRequests { get; set; } = 4_096;

    /// <summary>Requests that one access key may make in <see cref="RateWindowSeconds"/>; more are answered 429.</summary>
    [Range(1, int.MaxValue)]
    public int RequestsPerWindow { get; set; } = 1_000_000;

    [Range(1, 3_600)]
    public int RateWindowSeconds { get; set; } = 10;

    /// <summary>Dashboards that one access key may have streaming.</summary>
    [Range(1, 10_000)]
    public int StreamsPerKey { get; set; } = 10;

    /// <summary>Dashboards streaming in all.</summary>
    [Range(1, 100_000)]
    public int Streams { get; set; } = 500;

    /// <summary>Connections that the server holds.</summary>
    [Range(1, 1_000_000)]
    public int Connections { get; set; } = 10_000;

    /// <summary>Hours for which an answer is kept under its idempotency key.</summary>
    [Range(1, 8_760)]
    public int IdempotencyHours { get; set; } = 24;

    /// <summary>Seconds after which work under an idempotency key that never ended (its process died) may be begun again.</summary>
    [Range(1, 3_600)]
    public int IdempotencyAbandonedSeconds { get; set; } = 60;

    /// <summary>No figure of a dashboard is about fewer people.</summary>
    [Range(2, 100_000)]
    public int MinimumGroup { get; set; } = 10;
}

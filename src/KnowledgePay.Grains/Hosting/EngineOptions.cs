using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Grains.Hosting;

/// <summary>Settings of the engine itself, section <c>KnowledgePay</c>.</summary>
public sealed class EngineOptions
{
    public const string Section = "KnowledgePay";

    /// <summary>Where the embedded store lives; <c>--data</c> sets it.</summary>
    [Required]
    public string Data { get; set; } = "data";

    public SecurityOptions Security { get; set; } = new();

    [ValidateObjectMembers]
    public StorageOptions Storage { get; set; } = new();

    [ValidateObjectMembers]
    public ClusterOptions Cluster { get; set; } = new();

    /// <summary>A snapshot of a user's state is written when this many events are new since the last, and when the activation ends.</summary>
    [Range(1, 100_000)]
    public int SnapshotEveryEvents { get; set; } = 256;

    /// <summary>Appends that may wait in one user's grain before further ones are refused with 503.</summary>
    [Range(1, 100_000)]
    public int UserQueueLimit { get; set; } = 256;

    /// <summary>Minutes without a call after which an activation leaves memory.</summary>
    [Range(2, 100_000)]
    public int ActivationIdleMinutes { get; set; } = 60;

    /// <summary>Days that decision records are kept.</summary>
    [Range(1, 36_500)]
    public int DecisionRetentionDays { get; set; } = 730;

    /// <summary>Days that answers to idempotency keys are kept.</summary>
    [Range(1, 365)]
    public int IdempotencyRetentionDays { get; set; } = 7;

    /// <summary>Fewest people that a dashboard figure may be about.</summary>
    [Range(2, Decisions.Projections.PeopleCount.PeopleKept)]
    public int DashboardMinimumGroup { get; set; } = 10;

    [ValidateObjectMembers]
    public ProjectorOptions Projector { get; set; } = new();
}

/// <summary>Checks the settings, those of the sections within them too.</summary>
[OptionsValidator]
public sealed partial class EngineOptionsValidator : IValidateOptions<EngineOptions>;

/// <summary>Which store; its own settings are in the same section (<c>PostgresStoreOptions</c>) or in <c>KnowledgePay:Sqlite</c>.</summary>
public sealed class StorageOptions
{
    public const string Section = EngineOptions.Section + ":Storage";
    public const string Sqlite = "sqlite";
    public const string Postgres = "postgres";

    /// <summary><c>sqlite</c>: one process, embedded. <c>postgres</c>: any number of processes, which form a cluster.</summary>
    [AllowedValues(Sqlite, Postgres)]
    public string Provider { get; set; } = Sqlite;

    /// <summary>
    /// The newest format of stored events that this process reads and writes. Below the newest that there is, it acts as an older version does: a way back from an
    /// upgrade stays open until it is raised everywhere.
    /// </summary>
    [Range(1, Events.EventCodec.NewestFormat)]
    public int NewestEventFormat { get; set; } = Events.EventCodec.NewestFormat;
}

/// <summary>How silos on PostgreSQL find each other.</summary>
public sealed class ClusterOptions
{
    /// <summary>Silos of one id form a cluster.</summary>
    [Required]
    public string ClusterId { get; set; } = "knowledgepay";

    [Required]
    public string ServiceId { get; set; } = "knowledgepay";

    /// <summary>Database of the membership table; when null, the store's.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Its schema; made by a migration.</summary>
    [RegularExpression("[a-z_][a-z0-9_]{0,62}")]
    public string Schema { get; set; } = "kpay_orleans";

    /// <summary>The address under which other silos reach this one; when null, the host's first that is not a loopback.</summary>
    public string? AdvertisedAddress { get; set; }

    /// <summary>How long a silo may take to answer a neighbour's probe, which is also how often it is probed.</summary>
    [Range(200, 60_000)]
    public int ProbeMilliseconds { get; set; } = 1_500;

    /// <summary>Probes missed in a row after which a neighbour votes a silo dead; two votes are a death. A silo that was declared dead wrongly ends itself, and stores nothing twice.</summary>
    [Range(1, 100)]
    public int MissedProbes { get; set; } = 3;

    /// <summary>At a stop: how long the silo goes on serving after it has said that it is not ready, so that proxies send it nothing more.</summary>
    [Range(0, 300_000)]
    public int DrainMilliseconds { get; set; } = 5_000;

    /// <summary>How often this silo reads what others changed.</summary>
    [Range(50, 60_000)]
    public int RefreshMilliseconds { get; set; } = 400;
}

public sealed class SecurityOptions
{
    /// <summary>The operator's first key, at least 16 characters; without it one is made at first start and printed once.</summary>
    public string? BootstrapKey { get; set; }

    /// <summary>The master key, 32 bytes as base64; without it one is made at first start in the data directory's <c>keys</c> folder.</summary>
    public string? MasterKey { get; set; }

    /// <summary>Master keys that open what they wrapped, besides: at a change of the master key, until everything is wrapped anew, which each process does by itself at its start.</summary>
    public string[] PreviousMasterKeys { get; set; } = [];
}

/// <summary>How the projections follow the journal.</summary>
public sealed class ProjectorOptions
{
    /// <summary>Appends that may wait for the projector before user grains wait for it.</summary>
    [Range(16, 10_000_000)]
    public int QueueLimit { get; set; } = 65_536;

    /// <summary>How often neighbours, trends and dashboards are brought up to date.</summary>
    [Range(10, 60_000)]
    public int RefreshMilliseconds { get; set; } = 200;

    /// <summary>How often changed aggregates are saved with their watermark.</summary>
    [Range(100, 600_000)]
    public int SaveMilliseconds { get; set; } = 2_000;

    /// <summary>How often changed rows of the item similarity are saved with their watermark.</summary>
    [Range(100, 3_600_000)]
    public int SimilaritySaveMilliseconds { get; set; } = 15_000;

    /// <summary>How long an offset may be missing before it is read from the journal.</summary>
    [Range(100, 60_000)]
    public int GapMilliseconds { get; set; } = 2_000;
}

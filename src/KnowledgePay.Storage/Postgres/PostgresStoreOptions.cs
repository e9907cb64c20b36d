using Microsoft.Extensions.Options;
using Npgsql;

namespace KnowledgePay.Storage.Postgres;

/// <summary>Where and how the store lives on PostgreSQL 14 or later. Checked by <see cref="PostgresStoreOptionsValidator"/> before the store opens.</summary>
public sealed class PostgresStoreOptions
{
    /// <summary>Npgsql connection string of the engine's data.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>Connection string of the keys: another database, or at least another role, so that whoever can dump the data cannot read the keys. When null, the data's.</summary>
    public string? KeysConnectionString { get; set; }

    /// <summary>Schema of the data; made by a migration.</summary>
    public string Schema { get; set; } = "kpay";

    /// <summary>Schema of the keys; not the data's, so that a dump of one schema does not carry the other.</summary>
    public string KeysSchema { get; set; } = "kpay_keys";

    /// <summary>The master key, 32 bytes as base64: the same for every process.</summary>
    public string? MasterKey { get; set; }

    /// <summary>Master keys that open what they wrapped, besides: at a change of the master key, until everything is wrapped anew (<see cref="IKeyStore.Rewrap"/>).</summary>
    public string[] PreviousMasterKeys { get; set; } = [];

    /// <summary>Whether opening applies missing migrations. When false, they are to be applied before, by <c>KnowledgePay.Server migrate</c>.</summary>
    public bool MigrateAtStart { get; set; }

    /// <summary>
    /// Names the place that this process fills (a pod of a stateful set, a host): a new process of the name takes the partition of the last one at once, where
    /// others wait until its lease has run out. No two processes that run at once may share it; if they do, one is fenced. When null, a random one.
    /// </summary>
    public string? Holder { get; set; }

    /// <summary>How long after its last sign of life a process keeps its journal partition. 1 s to 10 min; renewed five times as often.</summary>
    public TimeSpan PartitionLease { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a statement may take. 1 s to 10 min.</summary>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Connections to the data beside the journal's writer, 1 to 1,000; the keys have a quarter as many, at least 2.</summary>
    public int Connections { get; set; } = 16;

    /// <summary>Statements that may wait for a connection; more are refused. 1 to 10,000,000.</summary>
    public int QueuedStatements { get; set; } = 20_000;

    public GroupCommitLimits GroupCommit { get; set; } = new();

    public DecisionChunkLimits DecisionChunks { get; set; } = new();

    /// <summary>Keys kept in memory. 0 to 100,000,000.</summary>
    public int CachedKeys { get; set; } = 100_000;

    /// <summary>How long a key is kept in memory: a key that another process destroyed is forgotten by then. 1 s to 1 h.</summary>
    public TimeSpan KeyLifetime { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>A connection string as it is used: without Kerberos' encryption unless it says otherwise, whose library small images do not have.</summary>
    public static NpgsqlConnectionStringBuilder Parse(string connectionString)
    {
        var connection = new NpgsqlConnectionStringBuilder(connectionString);
        if (!connectionString.Contains("gss", StringComparison.OrdinalIgnoreCase))
        {
            connection.GssEncryptionMode = GssEncryptionMode.Disable;
        }

        return connection;
    }
}

/// <summary>Finds every wrong setting at start, each with its name, its value and what was expected.</summary>
public sealed class PostgresStoreOptionsValidator : IValidateOptions<PostgresStoreOptions>
{
    private const int LargestName = 63;

    public ValidateOptionsResult Validate(string? name, PostgresStoreOptions options)
    {
        var wrong = new List<string>();
        Connection(wrong, nameof(options.ConnectionString), options.ConnectionString);
        if (options.KeysConnectionString is { } keys)
        {
            Connection(wrong, nameof(options.KeysConnectionString), keys);
        }

        SchemaName(wrong, nameof(options.Schema), options.Schema);
        SchemaName(wrong, nameof(options.KeysSchema), options.KeysSchema);
        if (options.Schema == options.KeysSchema)
        {
            wrong.Add($"KeysSchema is {options.KeysSchema}, as Schema is; expected another.");
        }

        if (options.MasterKey is null)
        {
            wrong.Add($"MasterKey is missing; expected {SettingChecks.MasterKeyBytes} bytes as base64, the same for every process.");
        }

        SettingChecks.MasterKey(wrong, options.MasterKey);
        SettingChecks.PreviousMasterKeys(wrong, options.PreviousMasterKeys);
        SettingChecks.InRange(wrong, nameof(options.PartitionLease), options.PartitionLease, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        SettingChecks.InRange(wrong, nameof(options.CommandTimeout), options.CommandTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        SettingChecks.InRange(wrong, nameof(options.Connections), options.Connections, 1, 1_000);
        SettingChecks.InRange(wrong, nameof(options.QueuedStatements), options.QueuedStatements, 1, 10_000_000);
        SettingChecks.InRange(wrong, nameof(options.CachedKeys), options.CachedKeys, 0, 100_000_000);
        SettingChecks.InRange(wrong, nameof(options.KeyLifetime), options.KeyLifetime, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        SettingChecks.Limits(wrong, options.GroupCommit);
        SettingChecks.Limits(wrong, options.DecisionChunks);
        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }

    private static void Connection(List<string> wrong, string name, string text)
    {
        try
        {
            if (string.IsNullOrEmpty(new NpgsqlConnectionStringBuilder(text).Host))
            {
                wrong.Add($"{name} names no host.");
            }
        }
        catch (ArgumentException e)
        {
            wrong.Add($"{name} is not a connection string: {e.Message}");
        }
    }

    private static void SchemaName(List<string> wrong, string setting, string schema)
    {
        if (schema.Length is 0 or > LargestName || !(char.IsAsciiLetterLower(schema[0]) || schema[0] == '_') || !schema.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_'))
        {
            wrong.Add($"{setting} is '{schema}'; expected 1 to {LargestName} of a-z, 0-9 and _, not a digit first.");
        }
    }
}

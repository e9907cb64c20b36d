using System.Security.Cryptography;
using KnowledgePay.Contracts.Grains;
using KnowledgePay.Storage.Encryption;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using static KnowledgePay.Storage.Postgres.Commands;

namespace KnowledgePay.Storage.Postgres;

/// <summary>The store of a cluster: every process opens one on the same database and writes a journal partition of its own.</summary>
/// <remarks>
/// A write completes when its commit is durable. When the connection is lost at a commit, the write may have happened: sent again, an append's
/// rows come back as duplicates or the append as fenced.
/// </remarks>
public sealed partial class PostgresEngineStore : IEngineStore
{
    private const int OldestServer = 140_000;

    private readonly PostgresStoreOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private OpenParts? _opened;
    private bool _disposed;

    /// <exception cref="OptionsValidationException">A setting is wrong; the message names all that are.</exception>
    public PostgresEngineStore(PostgresStoreOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        ValidateOptionsResult checkedOptions = new PostgresStoreOptionsValidator().Validate(null, options);
        if (checkedOptions.Failed)
        {
            throw new OptionsValidationException(nameof(PostgresStoreOptions), typeof(PostgresStoreOptions), checkedOptions.Failures);
        }

        _options = options;
        _time = time;
        _logger = loggers.CreateLogger<PostgresEngineStore>();
    }

    public IKeyStore Keys => Parts.Keys;

    public IJournal Journal => Parts.Journal;

    public ISnapshotStore Snapshots => Parts.Snapshots;

    public IDecisionLog Decisions => Parts.Decisions;

    public IDocumentStore Documents => Parts.Documents;

    public IProjectionStore Projections => Parts.Projections;

    public IIdempotencyStore Idempotency => Parts.Idempotency;

    public bool IsShared => true;

    /// <inheritdoc/>
    public CancellationToken PartitionLost => Parts.Lease.Lost;

    internal JournalWriter Writer => Parts.Writer;

    private OpenParts Parts => _opened ?? throw (_disposed ? new ObjectDisposedException(nameof(PostgresEngineStore)) : new InvalidOperationException("The store is not open: call Open first."));

    /// <summary>Applies the migrations of the data and the keys; returns the scripts that were applied.</summary>
    /// <exception cref="InvalidDataException">A schema is newer than this program.</exception>
    public static async Task<IReadOnlyList<string>> Migrate(PostgresStoreOptions options, CancellationToken cancellation) =>
    [
        .. await SchemaMigrations.Apply(options.ConnectionString, options.Schema, SchemaMigrations.Engine, cancellation).ConfigureAwait(false),
        .. await SchemaMigrations.Apply(options.KeysConnectionString ?? options.ConnectionString, options.KeysSchema, SchemaMigrations.Keys, cancellation).ConfigureAwait(false),
    ];

    /// <summary>Makes sure that the schemas of the data and the keys are exactly what this program knows.</summary>
    /// <exception cref="InvalidOperationException">A schema is older than this program.</exception>
    /// <exception cref="InvalidDataException">A schema is newer than this program.</exception>
    public static async Task CheckSchemas(PostgresStoreOptions options, CancellationToken cancellation)
    {
        await SchemaMigrations.Check(options.ConnectionString, options.Schema, SchemaMigrations.Engine, cancellation).ConfigureAwait(false);
        await SchemaMigrations.Check(options.KeysConnectionString ?? options.ConnectionString, options.KeysSchema, SchemaMigrations.Keys, cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The schema is older than this program, or keys and data do not belong together.</exception>
    /// <exception cref="InvalidDataException">The schema is newer than this program.</exception>
    /// <exception cref="StoreUnavailableException">The server cannot be reached.</exception>
    public async ValueTask Open(CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_opened is not null)
        {
            throw new InvalidOperationException("The store is open already.");
        }

        try
        {
            if (_options.MigrateAtStart)
            {
                foreach (string script in await Migrate(_options, cancellation).ConfigureAwait(false))
                {
                    Migrated(_logger, script);
                }
            }
            else
            {
                await CheckSchemas(_options, cancellation).ConfigureAwait(false);
            }

            _opened = await OpenParts.Open(_options, _time, _logger, cancellation).ConfigureAwait(false);
        }
        catch (Exception failure) when (PostgresDatabase.IsOfTheServer(failure))
        {
            throw PostgresDatabase.Unavailable("Opening the store", failure);
        }

        StoreOpened(_logger, _options.Schema, _opened.Lease.Partition, _opened.Lease.Epoch);
    }

    /// <summary>Not a matter of this process: the server's own tools copy the data consistently and to a point in time (<c>pg_basebackup</c> with its write-ahead log, or <c>pg_dump --schema</c>).</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public ValueTask Backup(string directory, CancellationToken cancellation) =>
        throw new NotSupportedException($"PostgreSQL is backed up by its own tools: pg_basebackup with archived write-ahead logs, or pg_dump --schema={_options.Schema} (the keys are in {_options.KeysSchema}, to be kept apart).");

    /// <summary>Writes what waits and gives the journal partition back.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        if (_opened is { } opened)
        {
            _opened = null;
            await opened.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>What is open.</summary>
    private sealed record OpenParts(PostgresDatabase Engine, PostgresDatabase KeysDatabase, PartitionLease Lease, JournalWriter Writer, PostgresDecisionLog Decisions, IKeyStore Keys, GroupCommitLimits Limits, TimeProvider Time) : IAsyncDisposable
    {
        public IJournal Journal { get; } = new PostgresJournal(Engine, Writer, Lease);

        public ISnapshotStore Snapshots { get; } = new PostgresSnapshotStore(Engine, Lease);

        public IDocumentStore Documents { get; } = new PostgresDocumentStore(Engine, Limits);

        public IProjectionStore Projections { get; } = new PostgresProjectionStore(Engine, Lease);

        public IIdempotencyStore Idempotency { get; } = new PostgresIdempotencyStore(Engine, Time);

        public static async Task<OpenParts> Open(PostgresStoreOptions options, TimeProvider time, ILogger logger, CancellationToken cancellation)
        {
            // One connection more: the journal's writer keeps it.
            var engine = new PostgresDatabase("The engine's data", options.ConnectionString, options.Schema, options.Connections + 1, options);
            var keys = new PostgresDatabase("The key store", options.KeysConnectionString ?? options.ConnectionString, options.KeysSchema, Math.Max(2, options.Connections / 4), options);
            try
            {
                var wrapping = new KeyWrapping(Convert.FromBase64String(options.MasterKey!), [.. options.PreviousMasterKeys.Select(Convert.FromBase64String)]);
                await CheckServer(engine, logger, cancellation).ConfigureAwait(false);
                await CheckInstallation(engine, keys, wrapping, options, cancellation).ConfigureAwait(false);
                PartitionLease lease = await PartitionLease.Take(engine, options.Holder ?? Guid.NewGuid().ToString("N"), options.PartitionLease, logger, cancellation).ConfigureAwait(false);
                long lastChunk = (await engine.Query("SELECT last_chunk FROM decision_head WHERE partition = $1", r => r.GetInt64(0), cancellation, P(lease.Partition)).ConfigureAwait(false))[0];
                return new OpenParts(
                    engine,
                    keys,
                    lease,
                    new JournalWriter(engine, lease, options.GroupCommit, logger),
                    new PostgresDecisionLog(engine, lease, lastChunk, options.DecisionChunks, time),
                    new PostgresKeyStore(keys, wrapping, options.CachedKeys, options.KeyLifetime, time),
                    options.GroupCommit,
                    time);
            }
            catch
            {
                await engine.DisposeAsync().ConfigureAwait(false);
                await keys.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }

        public async ValueTask DisposeAsync()
        {
            await Decisions.DisposeAsync().ConfigureAwait(false);
            await Task.Run(Writer.Dispose).ConfigureAwait(false);
            await Lease.DisposeAsync().ConfigureAwait(false);
            await Engine.DisposeAsync().ConfigureAwait(false);
            await KeysDatabase.DisposeAsync().ConfigureAwait(false);
        }

        private static async Task CheckServer(PostgresDatabase engine, ILogger logger, CancellationToken cancellation)
        {
            (int version, string fsync, string commit) = (await engine.Query(
                "SELECT current_setting('server_version_num')::int, current_setting('fsync'), current_setting('synchronous_commit')",
                r => (r.GetInt32(0), r.GetString(1), r.GetString(2)),
                cancellation).ConfigureAwait(false))[0];
            if (version < OldestServer)
            {
                throw new InvalidOperationException($"The server is PostgreSQL {version / 10_000}; {OldestServer / 10_000} or later is needed.");
            }

            if (fsync != "on" || commit is "off")
            {
                NotDurable(logger, fsync, commit);
            }
        }

        /// <summary>Data and keys name each other, so that a restored copy of one is not used with another installation's other.</summary>
        private static async Task CheckInstallation(PostgresDatabase engine, PostgresDatabase keys, KeyWrapping wrapping, PostgresStoreOptions options, CancellationToken cancellation)
        {
            List<Guid> known = await engine.Query("SELECT id FROM installation", r => r.GetGuid(0), cancellation).ConfigureAwait(false);
            if (known.Count == 0)
            {
                await keys.Execute("INSERT INTO installation (id, key_check) VALUES ($1, $2) ON CONFLICT DO NOTHING", cancellation, P(new Guid(RandomNumberGenerator.GetBytes(16))), P(wrapping.MakeCheck())).ConfigureAwait(false);
            }

            List<(Guid Id, byte[] Check)> installed = await keys.Query("SELECT id, key_check FROM installation", r => (r.GetGuid(0), r.GetFieldValue<byte[]>(1)), cancellation).ConfigureAwait(false);
            if (installed.Count == 0)
            {
                throw new InvalidOperationException($"Schema {options.Schema} has data, but {options.KeysSchema} has no keys: nothing that it holds of people could be read, and new keys would not fit. Restore the keys.");
            }

            int maker = wrapping.MakerOf(installed[0].Check);
            if (maker < 0)
            {
                throw new InvalidOperationException($"The master key is not the one that {options.KeysSchema} was made with.");
            }

            // The same for every process, whichever of the master keys is its present one.
            wrapping.UseNamesOf(maker);
            await keys.Execute("INSERT INTO secret (purpose, wrapped) VALUES ($1, $2) ON CONFLICT DO NOTHING", cancellation, P(KeyWrapping.NamesPurpose), P(wrapping.WrapNames())).ConfigureAwait(false);
            wrapping.UseNames((await keys.Query("SELECT wrapped FROM secret WHERE purpose = $1", r => r.GetFieldValue<byte[]>(0), cancellation, P(KeyWrapping.NamesPurpose)).ConfigureAwait(false))[0]);

            await engine.Execute("INSERT INTO installation (id) VALUES ($1) ON CONFLICT DO NOTHING", cancellation, P(installed[0].Id)).ConfigureAwait(false);
            known = await engine.Query("SELECT id FROM installation", r => r.GetGuid(0), cancellation).ConfigureAwait(false);
            if (known[0] != installed[0].Id)
            {
                throw new InvalidOperationException($"Schema {options.Schema} belongs to other keys than those in {options.KeysSchema}. Restore both from the same installation.");
            }

            // Above every stream of the journal: keys that were restored from an older copy must not give a number twice.
            List<long> last = await engine.Query("SELECT coalesce(max(stream), 0) FROM journal", r => r.GetInt64(0), cancellation).ConfigureAwait(false);
            await keys.Execute("SELECT setval('stream_number', $1) WHERE $1 > (SELECT last_value FROM stream_number)", cancellation, P(last[0])).ConfigureAwait(false);
        }
    }

    [LoggerMessage(24, LogLevel.Information, "Opened schema {Schema}: journal partition {Partition} under epoch {Epoch}.")]
    private static partial void StoreOpened(ILogger logger, string schema, int partition, long epoch);

    [LoggerMessage(25, LogLevel.Information, "Migrated {Script}.")]
    private static partial void Migrated(ILogger logger, string script);

    [LoggerMessage(26, LogLevel.Warning, "The server has fsync={Fsync} and synchronous_commit={Commit}: what it answers is not durable.")]
    private static partial void NotDurable(ILogger logger, string fsync, string commit);
}

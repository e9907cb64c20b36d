using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Storage.Sqlite;

/// <summary>The embedded store: <c>engine.db</c> with everything but keys, <c>keys/keys.db</c> with those, in one directory for one process.</summary>
/// <remarks>
/// Each file has one writer thread with group commit (WAL, <c>synchronous=FULL</c>: what is answered is on the disk) and a few reading
/// connections. A write completes when its commit is durable; a failed commit fails every write of its group with
/// <see cref="Contracts.Grains.StoreUnavailableException"/> and the next one is tried as if nothing had been.
/// </remarks>
public sealed partial class SqliteEngineStore : IEngineStore
{
    public const string EngineFile = "engine.db";
    public const string KeysFolder = "keys";
    public const string KeysFile = "keys.db";

    private readonly SqliteStoreOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private OpenedFiles? _opened;
    private bool _disposed;

    /// <exception cref="OptionsValidationException">A setting is wrong; the message names all that are.</exception>
    public SqliteEngineStore(SqliteStoreOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        ValidateOptionsResult checkedOptions = new SqliteStoreOptionsValidator().Validate(null, options);
        if (checkedOptions.Failed)
        {
            throw new OptionsValidationException(nameof(SqliteStoreOptions), typeof(SqliteStoreOptions), checkedOptions.Failures);
        }

        _options = options;
        _time = time;
        _logger = loggers.CreateLogger<SqliteEngineStore>();
    }

    public IKeyStore Keys => Parts.Keys;

    public IJournal Journal => Parts.Journal;

    public ISnapshotStore Snapshots => Parts.Snapshots;

    public IDecisionLog Decisions => Parts.Decisions;

    public IDocumentStore Documents => Parts.Documents;

    public IProjectionStore Projections => Parts.Projections;

    public IIdempotencyStore Idempotency => Parts.Idempotency;

    /// <summary>The writer of <c>engine.db</c>, for tests that make its disk full.</summary>
    internal GroupCommitWriter EngineWriter => Parts.EngineWriter;

    /// <summary>The writer of <c>keys.db</c>, likewise.</summary>
    internal GroupCommitWriter KeyWriter => Parts.KeyWriter;

    private OpenedFiles Parts => _opened ?? throw (_disposed ? new ObjectDisposedException(nameof(SqliteEngineStore)) : new InvalidOperationException("The store is not open: call Open first."));

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">Another process has the directory, or keys and data do not belong together.</exception>
    /// <exception cref="InvalidDataException">A file is of another program or of a newer format.</exception>
    public async ValueTask Open(CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_opened is not null)
        {
            throw new InvalidOperationException("The store is open already.");
        }

        _opened = await Task.Run(() => OpenedFiles.Open(_options, _time, _logger), cancellation).ConfigureAwait(false);
        StoreOpened(_logger, _opened.EnginePath, _opened.LastOffset);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The directory holds a backup already, or is the store's own.</exception>
    public async ValueTask Backup(string directory, CancellationToken cancellation)
    {
        string source = Parts.EnginePath;
        await Task.Run(() => Copy(source, directory, EngineFile, _options.BusyTimeout, cancellation), cancellation).ConfigureAwait(false);
    }

    /// <summary>Copies the store of a data directory, which another process may be using, as of one moment: <c>engine.db</c>, or of the keys' folder <c>keys.db</c> and the master key's file if there is one.</summary>
    /// <returns>The copy's path.</returns>
    /// <exception cref="InvalidOperationException">There is no store, or the directory holds a copy already.</exception>
    /// <exception cref="Contracts.Grains.StoreUnavailableException">The files could not be read or written.</exception>
    public static string Copy(string dataDirectory, string directory, bool keys, CancellationToken cancellation)
    {
        string folder = Path.GetFullPath(keys ? Path.Combine(dataDirectory, KeysFolder) : dataDirectory);
        string file = keys ? KeysFile : EngineFile;
        string source = Path.Combine(folder, file);
        if (!File.Exists(source))
        {
            throw new InvalidOperationException($"There is no {source}.");
        }

        string copy = Copy(source, directory, file, new SqliteStoreOptions().BusyTimeout, cancellation);
        if (keys && Path.Combine(folder, MasterKeyFile.Name) is var masterKey && File.Exists(masterKey))
        {
            File.Copy(masterKey, Path.Combine(Path.GetDirectoryName(copy)!, MasterKeyFile.Name));
        }

        return copy;
    }

    private static string Copy(string source, string directory, string file, TimeSpan busyTimeout, CancellationToken cancellation)
    {
        string target = Path.GetFullPath(directory);
        Directory.CreateDirectory(target);
        try
        {
            string copy = Path.Combine(target, file);
            DatabaseBackup.Copy(source, copy, busyTimeout, cancellation);
            return copy;
        }
        catch (SqliteFailure failure)
        {
            throw failure.ToUnavailable("The backup failed");
        }
    }

    /// <summary>Writes what waits, moves the write-ahead logs into the files and lets the directory go.</summary>
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
            await opened.Decisions.DisposeAsync().ConfigureAwait(false);
            await Task.Run(opened.Close).ConfigureAwait(false);
        }
    }

    [LoggerMessage(10, LogLevel.Information, "Opened {Path}; the journal ends at offset {Offset}.")]
    private static partial void StoreOpened(ILogger logger, string path, long offset);
}

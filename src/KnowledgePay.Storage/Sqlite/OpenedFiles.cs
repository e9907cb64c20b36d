using System.Security.Cryptography;
using KnowledgePay.Storage.Encryption;
using Microsoft.Extensions.Logging;

namespace KnowledgePay.Storage.Sqlite;

/// <summary>The store's files while they are open, and the parts that work on them.</summary>
internal sealed class OpenedFiles
{
    private const string Installation = "installation";

    private readonly Stack<IDisposable> _resources = new();

    private OpenedFiles(SqliteStoreOptions options, TimeProvider time, ILogger logger)
    {
        string directory = Path.GetFullPath(options.DataDirectory);
        EnginePath = Path.Combine(directory, SqliteEngineStore.EngineFile);
        string keysDirectory = Path.Combine(directory, SqliteEngineStore.KeysFolder);
        string keysPath = Path.Combine(keysDirectory, SqliteEngineStore.KeysFile);
        try
        {
            Directory.CreateDirectory(directory);
            CreatePrivate(keysDirectory);
            Own(DataDirectoryLock.Take(directory));

            bool hasKeys = File.Exists(keysPath);
            if (!hasKeys && File.Exists(EnginePath))
            {
                throw new InvalidOperationException($"{EnginePath} exists without {keysPath}: nothing that it holds of people could be read, and new keys would not fit. Restore the keys' folder, or start with an empty directory.");
            }

            var wrapping = new KeyWrapping(
                MasterKeyFile.Load(keysDirectory, options.MasterKey, mayCreate: !hasKeys), [.. options.PreviousMasterKeys.Select(Convert.FromBase64String)]);
            Connection keys = Own(EngineSchema.OpenWriter(keysPath, options, isKeys: true));
            byte[] installation = CheckKeys(keys, keysPath, wrapping);
            Connection engine = Own(EngineSchema.OpenWriter(EnginePath, options, isKeys: false));
            CheckEngine(engine, EnginePath, installation);

            // What a crash may have left of deleted keys in the log goes now.
            keys.CheckpointAndTruncate();
            LastOffset = SqliteJournal.LastOffset(engine);
            long lastChunk = SqliteDecisionLog.LastChunk(engine);
            // Also above every stream of the journal: keys that were restored from an older copy must not give a number twice.
            long lastStream = Math.Max(SqliteKeyStore.LastStream(keys), engine.Scalar("SELECT max(stream) FROM journal"));

            ReaderPool keyReaders = Own(new ReaderPool("The key store", () => EngineSchema.OpenReader(keysPath, options), options.Readers, options.QueuedReads));
            KeyWriter = Own(new GroupCommitWriter("The key store", "keys", keys, options.GroupCommit, logger));
            var keyStore = new SqliteKeyStore(new KeyDatabase(KeyWriter, keyReaders), wrapping, new KeyCache(options.CachedKeys), lastStream);
            KeyWriter.Observer = keyStore;
            Keys = keyStore;

            ReaderPool readers = Own(new ReaderPool("The engine store", () => EngineSchema.OpenReader(EnginePath, options), options.Readers, options.QueuedReads));
            // Before the writer, which commits what waits when it ends, and tells the mover.
            var log = Own(new LogMover("The engine store", Connection.Open(EnginePath, options.BusyTimeout), options.CheckpointPages));
            EngineWriter = Own(new GroupCommitWriter("The engine store", "engine", engine, options.GroupCommit, logger) { Log = log });
            var database = new EngineDatabase(EngineWriter, readers, time);
            var journal = new SqliteJournal(database, LastOffset);
            EngineWriter.Observer = journal;
            Journal = journal;
            Snapshots = new SqliteSnapshotStore(database);
            Decisions = new SqliteDecisionLog(database, lastChunk, options.DecisionChunks);
            Documents = new SqliteDocumentStore(database);
            Projections = new SqliteProjectionStore(database);
            Idempotency = new SqliteIdempotencyStore(database);
        }
        catch (SqliteFailure failure)
        {
            Close();
            throw failure.ToUnavailable($"The store in {directory} could not be opened");
        }
        catch
        {
            Close();
            throw;
        }
    }

    public string EnginePath { get; }

    public long LastOffset { get; }

    public GroupCommitWriter EngineWriter { get; }

    public GroupCommitWriter KeyWriter { get; }

    public IKeyStore Keys { get; }

    public IJournal Journal { get; }

    public ISnapshotStore Snapshots { get; }

    public SqliteDecisionLog Decisions { get; }

    public IDocumentStore Documents { get; }

    public IProjectionStore Projections { get; }

    public IIdempotencyStore Idempotency { get; }

    public static OpenedFiles Open(SqliteStoreOptions options, TimeProvider time, ILogger logger) => new(options, time, logger);

    /// <summary>Ends writers (which commit what waits) and readers, then the connections, then the lock: the reverse of opening.</summary>
    public void Close()
    {
        while (_resources.TryPop(out IDisposable? resource))
        {
            if (resource is Connection connection)
            {
                connection.CheckpointAndTruncate();
            }

            resource.Dispose();
        }
    }

    private static void CreatePrivate(string directory)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
        }
        else
        {
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static byte[] CheckKeys(Connection keys, string path, KeyWrapping wrapping)
    {
        keys.Execute("BEGIN IMMEDIATE");
        if (EngineSchema.Meta(keys, SqliteKeyStore.KeyCheck) is not { } check)
        {
            EngineSchema.SetMeta(keys, Installation, RandomNumberGenerator.GetBytes(16));
            EngineSchema.SetMeta(keys, SqliteKeyStore.KeyCheck, wrapping.MakeCheck());
        }
        else if (wrapping.MakerOf(check) is var maker and >= 0)
        {
            wrapping.UseNamesOf(maker);
        }
        else
        {
            throw new InvalidOperationException($"The master key is not the one that {path} was made with. Configure that one, or restore its file.");
        }

        if (SqliteKeyStore.Wrapped(keys, KeyWrapping.NamesPurpose) is { } names)
        {
            wrapping.UseNames(names);
        }
        else
        {
            SqliteKeyStore.Insert(keys, KeyWrapping.NamesPurpose, wrapping.WrapNames());
        }

        keys.Execute("COMMIT");
        return EngineSchema.Meta(keys, Installation)!;
    }

    private static void CheckEngine(Connection engine, string path, byte[] installation)
    {
        if (EngineSchema.Meta(engine, Installation) is not { } known)
        {
            EngineSchema.SetMeta(engine, Installation, installation);
        }
        else if (!known.AsSpan().SequenceEqual(installation))
        {
            throw new InvalidOperationException($"{path} belongs to other keys than those in the {SqliteEngineStore.KeysFolder} folder beside it. Restore both from the same installation.");
        }
    }

    private T Own<T>(T resource)
        where T : IDisposable
    {
        _resources.Push(resource);
        return resource;
    }
}

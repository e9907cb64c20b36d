using System.Collections.Concurrent;
using System.Security.Cryptography;
using KnowledgePay.Contracts.Grains;
using KnowledgePay.Storage.Encryption;

namespace KnowledgePay.Storage.Sqlite;

/// <summary>Keys in <c>keys/keys.db</c>.</summary>
internal sealed class SqliteKeyStore(KeyDatabase database, KeyWrapping wrapping, KeyCache cache, long lastStream) : IKeyStore, ICommitObserver
{
    public const int SecretBytes = 32;
    public const string KeyCheck = "key-check";

    private const int RewrappedAtOnce = 256;

    private readonly ConcurrentDictionary<string, byte[]> _secrets = new(StringComparer.Ordinal);

    // These belong to the writer's thread.
    private readonly List<Deletion> _deletions = [];
    private long _committedStream = lastStream;
    private long _lastStream = lastStream;

    /// <summary>True when this commit ends a rewrapping, whose old boxes are to leave the log.</summary>
    private bool _rewrapped;

    /// <summary>True while a copy of a deleted name's hash may be left; at the start nobody knows.</summary>
    private volatile bool _scrubDue = true;

    /// <summary>True when the database is written anew after this commit.</summary>
    private bool _scrubbing;

    /// <summary>True while a deleted key's bytes may still be in the write-ahead log.</summary>
    private bool _remnants;

    public async ValueTask<StreamKey?> Find(string name, CancellationToken cancellation)
    {
        StoreArguments.CheckKeyName(name);
        if (cache.Find(name) is { } cached)
        {
            return cached;
        }

        long deletions = cache.Deletions;
        byte[] hash = wrapping.HashName(name);
        StreamKey? key = await database.Readers.Read(connection => Read(connection, hash), cancellation).ConfigureAwait(false);
        if (key is not null)
        {
            cache.Add(name, key, deletions);
        }

        return key;
    }

    public async ValueTask<StreamKey> GetOrCreate(string name, CancellationToken cancellation)
    {
        if (await Find(name, cancellation).ConfigureAwait(false) is { } found)
        {
            return found;
        }

        byte[] hash = wrapping.HashName(name);
        long deletions = cache.Deletions;
        StreamKey key = await database.Writer.Write(connection => GetOrCreate(connection, hash, name), cancellation, rows: 2).ConfigureAwait(false);
        cache.Add(name, key, deletions);
        return key;
    }

    public async ValueTask<(StreamKey Key, string Name)?> Resolve(long stream, CancellationToken cancellation) => await database.Readers.Read<(StreamKey, string)?>(
        connection =>
        {
            using Statement read = connection.Use("SELECT wrapped, name FROM stream_key WHERE stream = ?1").Bind(1, stream);
            if (!read.Step() || IsErased(read.Blob(0)))
            {
                return null;
            }

            StreamKey key = wrapping.UnwrapKey(stream, read.Blob(0));
            return (key, KeyWrapping.OpenName(key, read.Blob(1)));
        },
        cancellation).ConfigureAwait(false);

    /// <inheritdoc/>
    /// <exception cref="StoreUnavailableException">The key was not deleted; or it was, but its old bytes could not be overwritten yet, which the next deletion and the next start do.</exception>
    public ValueTask<bool> Delete(string name, CancellationToken cancellation) => Delete(name, null, cancellation);

    /// <inheritdoc/>
    /// <exception cref="StoreUnavailableException">As of a deletion whatever the stream.</exception>
    public ValueTask<bool> Delete(string name, long stream, CancellationToken cancellation) => Delete(name, (long?)stream, cancellation);

    private async ValueTask<bool> Delete(string name, long? only, CancellationToken cancellation)
    {
        StoreArguments.CheckKeyName(name);
        byte[] hash = wrapping.HashName(name);
        Deletion deletion = await database.Writer.Write(connection => Delete(connection, hash, name, only), cancellation, rows: 2).ConfigureAwait(false);
        return deletion.IsOverwritten
            ? deletion.IsFound
            : throw new StoreUnavailableException("The key is deleted, but a reader kept its old bytes from being overwritten. Delete again.");
    }

    public async ValueTask<byte[]> Secret(string purpose, CancellationToken cancellation)
    {
        StoreArguments.CheckKeyName(purpose);
        if (!_secrets.TryGetValue(purpose, out byte[]? secret))
        {
            secret = await database.Writer.Write(connection => Secret(connection, purpose), cancellation).ConfigureAwait(false);
            _secrets.TryAdd(purpose, secret);
        }

        // A copy: a caller that clears its own must not clear everyone's.
        return [.. secret];
    }

    public async ValueTask<long> Rewrap(CancellationToken cancellation)
    {
        if (!wrapping.HasPrevious)
        {
            return 0;
        }

        long count = 0;
        for (long? after = 0; after is { } from;)
        {
            (int rewrapped, after) = await database.Writer.Write(connection => Rewrap(connection, from), cancellation, rows: RewrappedAtOnce).ConfigureAwait(false);
            count += rewrapped;
        }

        return count + await database.Writer.Write(RewrapSecrets, cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// SQLite clears an entry where it is deleted. A tree that was rebalanced before may hold a stale copy of it in the unused room of another page (seen of one hash in some ten thousand);
    /// only writing the database anew is sure to leave none. Keys and names are not in such trees.
    /// </remarks>
    public async ValueTask<bool> Scrub(CancellationToken cancellation)
    {
        bool due = await database.Writer.Write(_ => _scrubbing = _scrubDue, cancellation).ConfigureAwait(false);
        return !due || !_scrubDue ? due : throw new StoreUnavailableException("The key database could not be written anew; copies of deleted names' hashes may be left.");
    }

    public async ValueTask<long> Count(CancellationToken cancellation) =>
        await database.Readers.Read(connection => connection.Scalar("SELECT count(*) FROM stream_name"), cancellation).ConfigureAwait(false);

    public static long LastStream(Connection connection) => connection.Scalar("SELECT max(stream) FROM stream_key");

    void ICommitObserver.Committed(Connection connection)
    {
        _committedStream = _lastStream;
        if (_deletions.Count == 0 && !_rewrapped && !_scrubbing)
        {
            return;
        }

        _rewrapped = false;
        if (_scrubbing)
        {
            _scrubbing = false;
            _scrubDue = !WriteAnew(connection);
            _remnants = true;
        }

        _deletions.ForEach(deletion => cache.Remove(deletion.Name));
        if (_remnants)
        {
            _remnants = !connection.CheckpointAndTruncate();
            _scrubDue |= _remnants;
        }

        _deletions.ForEach(deletion => deletion.IsOverwritten = !_remnants);
        _deletions.Clear();
    }

    void ICommitObserver.RolledBack()
    {
        _lastStream = _committedStream;
        _rewrapped = _scrubbing = false;
        _deletions.Clear();
    }

    private static bool WriteAnew(Connection connection)
    {
        try
        {
            connection.Execute("VACUUM");
            return true;
        }
        catch (SqliteFailure)
        {
            // Nothing is changed; it stays due.
            return false;
        }
    }

    private static bool IsErased(ReadOnlySpan<byte> bytes) => bytes.IndexOfAnyExcept((byte)0) < 0;

    private static long? Stream(Connection connection, byte[] hash)
    {
        using Statement read = connection.Use("SELECT stream FROM stream_name WHERE hash = ?1").Bind(1, hash);
        return read.Step() ? read.Int64(0) : null;
    }

    private StreamKey? Read(Connection connection, byte[] hash)
    {
        using Statement read = connection.Use("SELECT k.stream, k.wrapped FROM stream_name n JOIN stream_key k ON k.stream = n.stream WHERE n.hash = ?1").Bind(1, hash);
        return read.Step() ? wrapping.UnwrapKey(read.Int64(0), read.Blob(1)) : null;
    }

    private StreamKey GetOrCreate(Connection connection, byte[] hash, string name)
    {
        if (Read(connection, hash) is { } found)
        {
            return found;
        }

        var key = new StreamKey(++_lastStream, RandomNumberGenerator.GetBytes(KeyWrapping.KeyBytes));
        using Statement insert = connection.Use("INSERT INTO stream_key (stream, wrapped, name) VALUES (?1, ?2, ?3)").Bind(1, key.Stream).Bind(2, wrapping.WrapKey(key)).Bind(3, KeyWrapping.SealName(key, name));
        insert.Run();
        using Statement index = connection.Use("INSERT INTO stream_name (hash, stream) VALUES (?1, ?2)").Bind(1, hash).Bind(2, key.Stream);
        index.Run();
        return key;
    }

    private Deletion Delete(Connection connection, byte[] hash, string name, long? only)
    {
        var deletion = new Deletion(name);
        _deletions.Add(deletion);
        if (Stream(connection, hash) is not { } stream || (only is not null && only != stream))
        {
            return deletion;
        }

        // The same lengths, so that SQLite overwrites the bytes where they are.
        using Statement overwrite = connection.Use("UPDATE stream_key SET wrapped = zeroblob(length(wrapped)), name = zeroblob(length(name)) WHERE stream = ?1").Bind(1, stream);
        overwrite.Run();
        using Statement forget = connection.Use("DELETE FROM stream_name WHERE hash = ?1").Bind(1, hash);
        forget.Run();
        _remnants = _scrubDue = true;
        deletion.IsFound = true;
        return deletion;
    }

    private byte[] Secret(Connection connection, string purpose)
    {
        if (Wrapped(connection, purpose) is { } wrapped)
        {
            return wrapping.UnwrapSecret(purpose, wrapped);
        }

        byte[] secret = RandomNumberGenerator.GetBytes(SecretBytes);
        Insert(connection, purpose, wrapping.WrapSecret(purpose, secret));
        return secret;
    }

    /// <returns>How many keys were wrapped anew, and behind which stream to go on; null at the end.</returns>
    private (int Rewrapped, long? After) Rewrap(Connection connection, long after)
    {
        var anew = new List<(long Stream, byte[] Wrapped)>();
        long? last = null;
        using (Statement read = connection.Use("SELECT stream, wrapped FROM stream_key WHERE stream > ?1 ORDER BY stream LIMIT ?2").Bind(1, after).Bind(2, RewrappedAtOnce))
        {
            while (read.Step())
            {
                last = read.Int64(0);
                if (wrapping.RewrapKey(last.Value, read.Blob(1)) is { } wrapped)
                {
                    anew.Add((last.Value, wrapped));
                }
            }
        }

        foreach ((long stream, byte[] wrapped) in anew)
        {
            using Statement write = connection.Use("UPDATE stream_key SET wrapped = ?2 WHERE stream = ?1").Bind(1, stream).Bind(2, wrapped);
            write.Run();
        }

        return (anew.Count, last);
    }

    /// <summary>The last of a rewrapping: the check says from here that the present master key opens everything.</summary>
    private int RewrapSecrets(Connection connection)
    {
        var anew = new List<(string Purpose, byte[] Wrapped)>();
        using (Statement read = connection.Use("SELECT purpose, wrapped FROM secret"))
        {
            while (read.Step())
            {
                string purpose = read.Text(0);
                if (wrapping.RewrapSecret(purpose, read.Blob(1)) is { } wrapped)
                {
                    anew.Add((purpose, wrapped));
                }
            }
        }

        foreach ((string purpose, byte[] wrapped) in anew)
        {
            using Statement write = connection.Use("UPDATE secret SET wrapped = ?2 WHERE purpose = ?1").Bind(1, purpose).Bind(2, wrapped);
            write.Run();
        }

        EngineSchema.SetMeta(connection, KeyCheck, wrapping.MakeRotatedCheck());
        _rewrapped = _remnants = true;
        return anew.Count;
    }

    /// <summary>A secret's box.</summary>
    public static byte[]? Wrapped(Connection connection, string purpose)
    {
        using Statement read = connection.Use("SELECT wrapped FROM secret WHERE purpose = ?1").Bind(1, purpose);
        return read.Step() ? read.Bytes(0) : null;
    }

    public static void Insert(Connection connection, string purpose, byte[] wrapped)
    {
        using Statement insert = connection.Use("INSERT INTO secret (purpose, wrapped) VALUES (?1, ?2)").Bind(1, purpose).Bind(2, wrapped);
        insert.Run();
    }

    private sealed class Deletion(string name)
    {
        public string Name { get; } = name;

        public bool IsFound { get; set; }

        /// <summary>True when neither the database nor its log holds the old bytes.</summary>
        public bool IsOverwritten { get; set; }
    }
}

/// <summary>The writer and the readers of <c>keys.db</c>.</summary>
internal sealed record KeyDatabase(GroupCommitWriter Writer, ReaderPool Readers);

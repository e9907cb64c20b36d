using System.Collections.Concurrent;
using System.Security.Cryptography;
using KnowledgePay.Contracts.Grains;
using KnowledgePay.Storage.Encryption;
using Npgsql;
using static KnowledgePay.Storage.Postgres.Commands;

namespace KnowledgePay.Storage.Postgres;

/// <summary>Keys in a schema (or a database) of their own.</summary>
/// <remarks>
/// <see cref="Find"/> always asks the server, since another process may have destroyed the key; <see cref="GetOrCreate"/> may answer from memory, for a
/// bounded time. PostgreSQL keeps the bytes of a destroyed key in the page until vacuum and new rows have passed over it, and in the write-ahead log until that
/// is recycled: they are wrapped by the master key all that time, and the keys' database should be archived no longer than erasure may take.
/// </remarks>
internal sealed class PostgresKeyStore(PostgresDatabase database, KeyWrapping wrapping, int cachedKeys, TimeSpan lifetime, TimeProvider time) : IKeyStore
{
    private const int SecretBytes = 32;
    private const int NumbersAtOnce = 32;
    private const int TriesAtMost = 10;
    private const int RewrappedAtOnce = 256;

    private readonly ConcurrentDictionary<string, byte[]> _secrets = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<long> _numbers = new();
    private readonly KeyCache _cache = new(cachedKeys);
    private long _cacheSince = time.GetTimestamp();

    public async ValueTask<StreamKey?> Find(string name, CancellationToken cancellation)
    {
        StoreArguments.CheckKeyName(name);
        long deletions = _cache.Deletions;
        StreamKey? key = await Read(wrapping.HashName(name), cancellation).ConfigureAwait(false);
        if (key is null)
        {
            _cache.Remove(name);
        }
        else
        {
            _cache.Add(name, key, deletions);
        }

        return key;
    }

    public async ValueTask<StreamKey> GetOrCreate(string name, CancellationToken cancellation)
    {
        StoreArguments.CheckKeyName(name);
        if (time.GetElapsedTime(Volatile.Read(ref _cacheSince)) >= lifetime)
        {
            Volatile.Write(ref _cacheSince, time.GetTimestamp());
            _cache.Clear();
        }

        if (_cache.Find(name) is { } cached)
        {
            return cached;
        }

        byte[] hash = wrapping.HashName(name);
        for (int i = 0; i < TriesAtMost; i++)
        {
            long deletions = _cache.Deletions;
            StreamKey? key = await Read(hash, cancellation).ConfigureAwait(false) ?? await Make(hash, name, cancellation).ConfigureAwait(false);
            if (key is not null)
            {
                _cache.Add(name, key, deletions);
                return key;
            }
        }

        throw new StoreUnavailableException("A key is made and destroyed by others at the same time; try again.");
    }

    public async ValueTask<(StreamKey Key, string Name)?> Resolve(long stream, CancellationToken cancellation)
    {
        List<(byte[] Wrapped, byte[] Name)> found = await database.Query(
            "SELECT wrapped, name FROM stream_key WHERE stream = $1", r => (r.GetFieldValue<byte[]>(0), r.GetFieldValue<byte[]>(1)), cancellation, P(stream)).ConfigureAwait(false);
        if (found.Count == 0 || found[0].Wrapped.AsSpan().IndexOfAnyExcept((byte)0) < 0)
        {
            return null;
        }

        StreamKey key = wrapping.UnwrapKey(stream, found[0].Wrapped);
        return (key, KeyWrapping.OpenName(key, found[0].Name));
    }

    public async ValueTask<bool> Delete(string name, CancellationToken cancellation)
    {
        StoreArguments.CheckKeyName(name);
        List<bool> destroyed = await database.Query("SELECT destroy_key($1)", r => r.GetBoolean(0), cancellation, P(wrapping.HashName(name))).ConfigureAwait(false);
        _cache.Remove(name);
        return destroyed[0];
    }

    public async ValueTask<bool> Delete(string name, long stream, CancellationToken cancellation)
    {
        StoreArguments.CheckKeyName(name);
        // The row is locked first: what was judged is what is destroyed.
        List<bool> destroyed = await database.Query(
            "SELECT destroy_key($1) FROM (SELECT 1 FROM stream_name WHERE hash = $1 AND stream = $2 FOR UPDATE) named", r => r.GetBoolean(0), cancellation, P(wrapping.HashName(name)), P(stream)).ConfigureAwait(false);
        _cache.Remove(name);
        return destroyed is [true];
    }

    public async ValueTask<byte[]> Secret(string purpose, CancellationToken cancellation)
    {
        StoreArguments.CheckKeyName(purpose);
        if (!_secrets.TryGetValue(purpose, out byte[]? secret))
        {
            byte[] made = wrapping.WrapSecret(purpose, RandomNumberGenerator.GetBytes(SecretBytes));
            await database.Execute("INSERT INTO secret (purpose, wrapped) VALUES ($1, $2) ON CONFLICT DO NOTHING", cancellation, P(purpose), P(made)).ConfigureAwait(false);
            List<byte[]> wrapped = await database.Query("SELECT wrapped FROM secret WHERE purpose = $1", r => r.GetFieldValue<byte[]>(0), cancellation, P(purpose)).ConfigureAwait(false);
            secret = _secrets.GetOrAdd(purpose, wrapping.UnwrapSecret(purpose, wrapped[0]));
        }

        // A copy: a caller that clears its own must not clear everyone's.
        return [.. secret];
    }

    /// <inheritdoc/>
    /// <remarks>A box is replaced only where it still is what was read: a key that is destroyed meanwhile stays so, and several processes may do this at once.</remarks>
    public async ValueTask<long> Rewrap(CancellationToken cancellation)
    {
        if (!wrapping.HasPrevious)
        {
            return 0;
        }

        long count = 0;
        for (long after = 0; ;)
        {
            List<(long Stream, byte[] Wrapped)> page = await database.Query(
                "SELECT stream, wrapped FROM stream_key WHERE stream > $1 ORDER BY stream LIMIT $2",
                r => (r.GetInt64(0), r.GetFieldValue<byte[]>(1)), cancellation, P(after), P(RewrappedAtOnce)).ConfigureAwait(false);
            if (page.Count == 0)
            {
                break;
            }

            List<(long Stream, byte[] Old, byte[] New)> anew = [.. page.Select(k => (k.Stream, k.Wrapped, wrapping.RewrapKey(k.Stream, k.Wrapped)!)).Where(k => k.Item3 is not null)];
            if (anew.Count > 0)
            {
                count += (await database.Query(
                    "WITH done AS (UPDATE stream_key k SET wrapped = n.anew FROM unnest($1, $2, $3) AS n(stream, old, anew) WHERE k.stream = n.stream AND k.wrapped = n.old RETURNING 1) SELECT count(*) FROM done",
                    r => r.GetInt64(0), cancellation, P(anew.Select(k => k.Stream).ToArray()), P(anew.Select(k => k.Old).ToArray()), P(anew.Select(k => k.New).ToArray())).ConfigureAwait(false))[0];
            }

            after = page[^1].Stream;
        }

        foreach ((string purpose, byte[] wrapped) in await database.Query("SELECT purpose, wrapped FROM secret", r => (r.GetString(0), r.GetFieldValue<byte[]>(1)), cancellation).ConfigureAwait(false))
        {
            if (wrapping.RewrapSecret(purpose, wrapped) is { } anew)
            {
                await database.Execute("UPDATE secret SET wrapped = $2 WHERE purpose = $1", cancellation, P(purpose), P(anew)).ConfigureAwait(false);
                count++;
            }
        }

        await database.Execute("UPDATE installation SET key_check = $1", cancellation, P(wrapping.MakeRotatedCheck())).ConfigureAwait(false);
        return count;
    }

    /// <inheritdoc/>
    /// <remarks>Here it is PostgreSQL's vacuum that frees what was deleted; there is nothing to be done beside it.</remarks>
    public ValueTask<bool> Scrub(CancellationToken cancellation) => ValueTask.FromResult(false);

    public async ValueTask<long> Count(CancellationToken cancellation) =>
        (await database.Query("SELECT count(*) FROM stream_name", r => r.GetInt64(0), cancellation).ConfigureAwait(false))[0];

    private async ValueTask<StreamKey?> Read(byte[] hash, CancellationToken cancellation) =>
        (await database.Query(
            "SELECT k.stream, k.wrapped FROM stream_name n JOIN stream_key k ON k.stream = n.stream WHERE n.hash = $1",
            r => wrapping.UnwrapKey(r.GetInt64(0), r.GetFieldValue<byte[]>(1)),
            cancellation,
            P(hash)).ConfigureAwait(false)).FirstOrDefault();

    /// <summary>A new key, or null when another call made one first.</summary>
    private async ValueTask<StreamKey?> Make(byte[] hash, string name, CancellationToken cancellation)
    {
        var key = new StreamKey(await NextNumber(cancellation).ConfigureAwait(false), RandomNumberGenerator.GetBytes(KeyWrapping.KeyBytes));
        List<bool> made = await database.Query(
            "SELECT make_key($1, $2, $3, $4)", r => r.GetBoolean(0), cancellation, P(hash), P(key.Stream), P(wrapping.WrapKey(key)), P(KeyWrapping.SealName(key, name))).ConfigureAwait(false);
        return made[0] ? key : null;
    }

    private async ValueTask<long> NextNumber(CancellationToken cancellation)
    {
        long number;
        while (!_numbers.TryDequeue(out number))
        {
            (await database.Query("SELECT nextval('stream_number') FROM generate_series(1, $1)", r => r.GetInt64(0), cancellation, P(NumbersAtOnce)).ConfigureAwait(false)).ForEach(_numbers.Enqueue);
        }

        return number;
    }
}

using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using KnowledgePay.Grains.Hosting;
using KnowledgePay.Storage;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Grains.Access;

/// <summary>Access keys in memory, from documents that hold only their hashes.</summary>
public sealed class AccessKeyRing(IEngineStore store, IOptions<EngineOptions> options, TimeProvider time) : IAccessKeys, IDisposable
{
    private const string Kind = "accessKey";
    private const string BootstrapId = "bootstrap";
    private const string BootstrapPurpose = "operator-key";
    private const int KeysAtMost = 100_000;

    private readonly SemaphoreSlim _writing = new(1, 1);
    private FrozenDictionary<UInt128, AccessKey> _byHash = FrozenDictionary<UInt128, AccessKey>.Empty;
    private long _version;
    private long _published;
    private Dictionary<string, StoredKey> _all = new(StringComparer.Ordinal);

    /// <summary>Reads the keys; makes the operator's first one when there is none, and returns it if it was made here and nobody knows it yet.</summary>
    public async ValueTask<string?> Load(CancellationToken cancellation)
    {
        await Refresh(cancellation);
        string? printed = null;
        string? configured = options.Value.Security.BootstrapKey;
        if (!string.IsNullOrEmpty(configured))
        {
            string hash = Convert.ToHexStringLower(Hash(configured));
            if (!_all.TryGetValue(BootstrapId, out StoredKey? known) || known.Hash != hash)
            {
                await Save(new StoredKey(BootstrapId, AccessRole.Operator, null, "first operator key", hash, time.GetUtcNow(), null), cancellation);
            }
        }
        else if (_all.Count == 0)
        {
            // Of the installation: silos that start together make the same one.
            printed = Secret(HMACSHA256.HashData(await store.Keys.Secret(BootstrapPurpose, cancellation), "first operator key"u8));
            await Save(new StoredKey(BootstrapId, AccessRole.Operator, null, "first operator key", Convert.ToHexStringLower(Hash(printed)), time.GetUtcNow(), null), cancellation);
        }

        Publish();
        return printed;
    }

    /// <summary>The version of the documents that this silo has taken.</summary>
    public long DocumentVersion => Volatile.Read(ref _version);

    public long Version => Volatile.Read(ref _published);

    /// <summary>Takes what other silos changed.</summary>
    public async ValueTask Refresh(CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            IReadOnlyList<Document> changes = await store.Documents.Changes(Kind, _version, KeysAtMost, cancellation);
            if (changes.Count == 0)
            {
                return;
            }

            var all = new Dictionary<string, StoredKey>(_all, StringComparer.Ordinal);
            foreach (Document document in changes)
            {
                _version = document.Version;
                if (document.Body.Length > 0)
                {
                    all[document.Id] = JsonSerializer.Deserialize(document.Body, AccessJson.Default.StoredKey)!;
                }
            }

            _all = all;
            Publish();
        }
        finally
        {
            _writing.Release();
        }
    }

    public AccessKey? Authenticate(ReadOnlySpan<char> presented)
    {
        if (presented.Length is 0 or > 256)
        {
            return null;
        }

        Span<byte> utf8 = stackalloc byte[256 * 3];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(utf8[..Encoding.UTF8.GetBytes(presented, utf8)], hash);
        // A look-up by half of a SHA-256: timing tells an attacker about hashes, never about keys.
        return _byHash.TryGetValue(Half(hash), out AccessKey? key) ? key : null;
    }

    public async ValueTask<(AccessKey Key, string Secret)> Create(AccessRole role, string? partnerId, string? label, CancellationToken cancellation)
    {
        string secret = NewSecret();
        var stored = new StoredKey("key_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)), role, partnerId, label, Convert.ToHexStringLower(Hash(secret)), time.GetUtcNow(), null);
        await Change(stored, cancellation);
        return (stored.Public(), secret);
    }

    public IReadOnlyList<AccessKey> List() => [.. _all.Values.OrderBy(k => k.CreatedAt).Select(k => k.Public())];

    public async ValueTask<bool> Revoke(string keyId, CancellationToken cancellation)
    {
        if (!_all.ContainsKey(keyId))
        {
            await Refresh(cancellation);
        }

        if (!_all.TryGetValue(keyId, out StoredKey? key) || key.RevokedAt is not null)
        {
            return false;
        }

        await Change(key with { RevokedAt = time.GetUtcNow() }, cancellation);
        return true;
    }

    public void Dispose() => _writing.Dispose();

    private async ValueTask Change(StoredKey key, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            await Save(key, cancellation);
            Publish();
        }
        finally
        {
            _writing.Release();
        }
    }

    private async ValueTask Save(StoredKey key, CancellationToken cancellation)
    {
        if (_all.Count >= KeysAtMost)
        {
            throw new InvalidOperationException($"There are {_all.Count} access keys already; at most {KeysAtMost} are kept.");
        }

        await store.Documents.Put(Kind, [new DocumentWrite(key.KeyId, JsonSerializer.SerializeToUtf8Bytes(key, AccessJson.Default.StoredKey))], cancellation);
        // Replaced, not changed: List reads without a lock.
        _all = new Dictionary<string, StoredKey>(_all, StringComparer.Ordinal) { [key.KeyId] = key };
    }

    private void Publish()
    {
        Volatile.Write(ref _byHash, _all.Values.Where(k => k.RevokedAt is null).ToFrozenDictionary(k => Half(Convert.FromHexString(k.Hash)), k => k.Public()));
        // After the keys: who sees the new version finds the new keys.
        Interlocked.Increment(ref _published);
    }

    private static string NewSecret() => Secret(RandomNumberGenerator.GetBytes(32));

    private static string Secret(byte[] bytes) => "kp_" + Convert.ToHexStringLower(bytes);

    private static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    private static UInt128 Half(ReadOnlySpan<byte> hash) => System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash);
}

internal sealed record StoredKey(string KeyId, AccessRole Role, string? PartnerId, string? Label, string Hash, DateTimeOffset CreatedAt, DateTimeOffset? RevokedAt)
{
    public int Format { get; init; } = 1;

    public AccessKey Public() => new(KeyId, Role, PartnerId, Label, CreatedAt, RevokedAt);
}

[System.Text.Json.Serialization.JsonSerializable(typeof(StoredKey))]
[System.Text.Json.Serialization.JsonSourceGenerationOptions(PropertyNamingPolicy = System.Text.Json.Serialization.JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class AccessJson : System.Text.Json.Serialization.JsonSerializerContext;

namespace KnowledgePay.Grains.Access;

/// <summary>Who a caller is.</summary>
public enum AccessRole : byte
{
    Platform = 0,
    Partner = 1,
    Operator = 2,
    Auditor = 3,
}

/// <param name="KeyId">Public id of the key, for lists and audit; not the key.</param>
/// <param name="PartnerId">The one partner that a <see cref="AccessRole.Partner"/> key is bound to.</param>
public sealed record AccessKey(string KeyId, AccessRole Role, string? PartnerId, string? Label, DateTimeOffset CreatedAt, DateTimeOffset? RevokedAt);

/// <summary>Access keys, stored hashed (SHA-256 of 256 random bits).</summary>
public interface IAccessKeys
{
    /// <summary>Whose key this is, or null. In memory: no I/O.</summary>
    AccessKey? Authenticate(ReadOnlySpan<char> presented);

    /// <summary>Rises whenever <see cref="Authenticate"/> may answer otherwise than before.</summary>
    long Version { get; }

    /// <summary>Makes a key; the secret is returned once and kept nowhere.</summary>
    ValueTask<(AccessKey Key, string Secret)> Create(AccessRole role, string? partnerId, string? label, CancellationToken cancellation);

    IReadOnlyList<AccessKey> List();

    /// <summary>False when there is no such key.</summary>
    ValueTask<bool> Revoke(string keyId, CancellationToken cancellation);
}

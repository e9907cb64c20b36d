using System.Diagnostics.CodeAnalysis;
using KnowledgePay.Contracts;

namespace KnowledgePay.Decisions.Pricing;

/// <summary>A key that signs quotes.</summary>
public sealed class QuoteKey
{
    /// <summary>Shortest secret in bytes: as long as the hash.</summary>
    public const int ShortestSecret = 32;

    /// <exception cref="ArgumentException">The secret is shorter than <see cref="ShortestSecret"/>.</exception>
    public QuoteKey(byte id, ReadOnlyMemory<byte> secret)
    {
        if (secret.Length < ShortestSecret)
        {
            throw new ArgumentException($"A secret of at least {ShortestSecret} bytes was expected, not {secret.Length}.", nameof(secret));
        }

        Id = id;
        Signing = new KeyedHash(secret);
    }

    /// <summary>Named in each token, so that keys can be rotated.</summary>
    public byte Id { get; }

    internal KeyedHash Signing { get; }
}

/// <summary>The keys that quotes are verified with. A key that signs no more stays here for as long as a quote lives.</summary>
public sealed class QuoteKeys
{
    private readonly QuoteKey?[] _byId = new QuoteKey?[256];

    /// <param name="signing">Signs new quotes.</param>
    /// <param name="retired">Verify only.</param>
    /// <exception cref="ArgumentException">Two keys have one id.</exception>
    public QuoteKeys(QuoteKey signing, params ReadOnlySpan<QuoteKey> retired)
    {
        Signing = signing;
        _byId[signing.Id] = signing;
        foreach (QuoteKey key in retired)
        {
            if (_byId[key.Id] is not null)
            {
                throw new ArgumentException($"Two quote keys have the id {key.Id}.", nameof(retired));
            }

            _byId[key.Id] = key;
        }
    }

    public QuoteKey Signing { get; }

    public bool TryFind(byte id, [NotNullWhen(true)] out QuoteKey? key) => (key = _byId[id]) is not null;
}

using KnowledgePay.Storage.Encryption;

namespace KnowledgePay.Storage;

/// <summary>Keys in memory by name, at most so many: two generations, of which the older is dropped when the younger is full.</summary>
internal sealed class KeyCache(int capacity)
{
    private readonly Lock _gate = new();
    private readonly int _generation = (capacity + 1) / 2;
    private Dictionary<string, StreamKey> _young = new(StringComparer.Ordinal);
    private Dictionary<string, StreamKey> _old = new(StringComparer.Ordinal);
    private long _deletions;

    /// <summary>Rises with each deletion: what was read before one must not be kept after it.</summary>
    public long Deletions
    {
        get
        {
            lock (_gate)
            {
                return _deletions;
            }
        }
    }

    public StreamKey? Find(string name)
    {
        lock (_gate)
        {
            if (_young.TryGetValue(name, out StreamKey? key))
            {
                return key;
            }

            if (_old.TryGetValue(name, out key))
            {
                Keep(name, key);
            }

            return key;
        }
    }

    /// <summary>Keeps a key that was read when <see cref="Deletions"/> had the given value, unless something was deleted since.</summary>
    public void Add(string name, StreamKey key, long deletions)
    {
        lock (_gate)
        {
            if (deletions == _deletions)
            {
                Keep(name, key);
            }
        }
    }

    public void Remove(string name)
    {
        lock (_gate)
        {
            _deletions++;
            foreach (Dictionary<string, StreamKey> generation in (ReadOnlySpan<Dictionary<string, StreamKey>>)[_young, _old])
            {
                if (generation.Remove(name, out StreamKey? key))
                {
                    StreamCipher.Forget(key.Stream);
                }
            }
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _young.Clear();
            _old.Clear();
        }
    }

    private void Keep(string name, StreamKey key)
    {
        if (_generation == 0)
        {
            return;
        }

        if (_young.Count >= _generation)
        {
            (_old, _young) = (_young, _old);
            _young.Clear();
        }

        _young[name] = key;
    }
}

namespace KnowledgePay.Decisions.Projections;

/// <summary>The effects of one or more folded events, in order; reused from fold to fold. The default value is an empty buffer.</summary>
public struct EffectBuffer
{
    private ProjectionEffect[]? _effects;

    public int Count { get; private set; }

    /// <summary>Valid until the next <see cref="Add"/> or <see cref="Clear"/>.</summary>
    public readonly ReadOnlySpan<ProjectionEffect> Effects => _effects.AsSpan(0, Count);

    public void Add(in ProjectionEffect effect)
    {
        if (_effects is null || Count == _effects.Length)
        {
            Array.Resize(ref _effects, Math.Max(4, Count * 2));
        }

        _effects[Count++] = effect;
    }

    /// <summary>Empties the buffer and lets go of what its effects referred to; the room stays.</summary>
    public void Clear()
    {
        _effects.AsSpan(0, Count).Clear();
        Count = 0;
    }
}

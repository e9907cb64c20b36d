using System.Runtime.InteropServices;

namespace KnowledgePay.Learning.Interactions;

/// <summary>How much single interactions count, where that is not 1: of few among many.</summary>
public sealed class InteractionWeights
{
    private readonly Dictionary<long, float> _weights = [];

    public int Count => _weights.Count;

    /// <param name="weight">Above 0.</param>
    public void Set(int user, int item, float weight)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(weight);
        CollectionsMarshal.GetValueRefOrAddDefault(_weights, Key(user, item), out _) = weight;
    }

    public float Of(int user, int item) => _weights.GetValueOrDefault(Key(user, item), 1f);

    private static long Key(int user, int item) => ((long)user << 32) | (uint)item;
}

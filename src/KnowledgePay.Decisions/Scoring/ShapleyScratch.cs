using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace KnowledgePay.Decisions.Scoring;

/// <summary>What a thread keeps while it computes Shapley values of trees: 64 bytes a feature and 240 a split of the largest tree, with the vectors on cache lines of their own.</summary>
internal sealed class ShapleyScratch
{
    [ThreadStatic]
    private static ShapleyScratch? _ofThread;

    private readonly byte[] _vectors;
    private readonly int _start, _features, _places;

    private ShapleyScratch(int features, int splits)
    {
        int line = Vector512<byte>.Count;
        (_features, _places) = (features, 1 + (2 * splits));
        _vectors = GC.AllocateUninitializedArray<byte>((_features + _places + splits + 1) * line, pinned: true);
        _start = (int)(-Marshal.UnsafeAddrOfPinnedArrayElement(_vectors, 0) & (line - 1));
        Shares = new double[_places];
        States = new SplitState[splits];
    }

    /// <summary>By feature, what it derives at each point.</summary>
    public Span<Vector512<double>> Derivatives => Vectors(0, _features);

    /// <summary>By place of a branch: on the way down the product of the factors above, on the way up the sum of its leaves.</summary>
    public Span<Vector512<double>> Branches => Vectors(_features, _places);

    /// <summary>By split, one over the factor above of its feature, where it counts.</summary>
    public Span<Vector512<double>> Inverses => Vectors(_features + _places, States.Length);

    /// <summary>By place of a branch, the share of the feature of the split that it leaves: z of the splits so far, or −1 when the row does not pass them; 1 at place 0.</summary>
    public double[] Shares { get; }

    /// <summary>By split, what the way down found.</summary>
    public SplitState[] States { get; }

    public static ShapleyScratch OfThread(int features, int splits) =>
        _ofThread is { } scratch && scratch._features >= features && scratch.States.Length >= splits
            ? scratch
            : _ofThread = new ShapleyScratch(Math.Max(features, _ofThread?._features ?? 0), Math.Max(splits, _ofThread?.States.Length ?? 0));

    private Span<Vector512<double>> Vectors(int first, int count) =>
        MemoryMarshal.Cast<byte, Vector512<double>>(_vectors.AsSpan(_start + (first * Vector512<byte>.Count), count * Vector512<byte>.Count));
}

/// <param name="Before">Share of the split's feature above it.</param>
/// <param name="Passes">z of the branch that the row takes.</param>
/// <param name="Fails">z of the other one.</param>
/// <param name="TakenSide">0 when the row goes left, 1 when right.</param>
internal readonly record struct SplitState(double Before, double Passes, double Fails, int TakenSide);

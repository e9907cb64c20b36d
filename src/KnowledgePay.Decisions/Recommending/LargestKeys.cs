using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace KnowledgePay.Decisions.Recommending;

/// <summary>The largest of a stream of keys, in a buffer that is cut back to them when it is full: once so many are held, what is too small costs one compare.</summary>
/// <param name="buffer">Room for <see cref="RoomFor"/> keys.</param>
/// <param name="wanted">How many are kept, at least 1.</param>
/// <param name="above">What a score must exceed to count at all.</param>
internal ref struct LargestKeys(Span<ulong> buffer, int wanted, float above = float.NegativeInfinity)
{
    private const int SmallestBuffer = 128;

    private readonly Span<ulong> _buffer = buffer;
    private int _count;
    private ulong _least = Selection.Key(above, 0);

    /// <summary>What a further score must reach.</summary>
    public float Threshold { get; private set; } = above;

    public static int RoomFor(int wanted) => Math.Max(SmallestBuffer, wanted * 3);

    /// <summary>Takes a key if it may be among the largest. Not for NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(float score, int id)
    {
        if (score >= Threshold)
        {
            AddKey(Selection.Key(score, id));
        }
    }

    /// <summary>Takes what of many may be among the largest; NaN never is.</summary>
    /// <param name="ids">Of each score.</param>
    public void Add(ReadOnlySpan<float> scores, ReadOnlySpan<int> ids)
    {
        ref float first = ref MemoryMarshal.GetReference(scores);
        int i = 0;
        for (; i <= scores.Length - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            uint passed = Vector256.GreaterThanOrEqual(Vector256.LoadUnsafe(ref first, (nuint)i), Vector256.Create(Threshold)).ExtractMostSignificantBits();
            for (; passed != 0; passed &= passed - 1)
            {
                int at = i + System.Numerics.BitOperations.TrailingZeroCount(passed);
                AddKey(Selection.Key(scores[at], ids[at]));
            }
        }

        for (; i < scores.Length; i++)
        {
            Add(scores[i], ids[i]);
        }
    }

    /// <summary>Takes a key whose score reaches <see cref="Threshold"/>.</summary>
    public void AddKey(ulong key)
    {
        if (key <= _least)
        {
            return;
        }

        if (_count == _buffer.Length)
        {
            Shrink();
            if (key <= _least)
            {
                return;
            }
        }

        _buffer[_count++] = key;
    }

    /// <summary>Leaves the largest at the buffer's start, in no order, and returns how many there are.</summary>
    public int Finish()
    {
        if (_count > wanted)
        {
            Shrink();
        }

        return _count;
    }

    private void Shrink()
    {
        Selection.MoveLargestFirst(_buffer[.._count], wanted);
        ulong least = ulong.MaxValue;
        foreach (ulong key in _buffer[..wanted])
        {
            least = Math.Min(least, key);
        }

        (_least, Threshold) = (least, Selection.ScoreOf(least));
        _count = wanted;
    }
}

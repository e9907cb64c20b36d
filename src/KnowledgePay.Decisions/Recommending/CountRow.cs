using System.Numerics;
using System.Runtime.CompilerServices;

namespace KnowledgePay.Decisions.Recommending;

/// <summary>Co-occurrence counts of one item: an int→int hash table with open addressing, 8 bytes a slot.</summary>
/// <remarks>
/// At most <see cref="Limit"/> − 1 entries: on reaching the limit the <see cref="Kept"/> largest counts stay (ties: lower item),
/// so an addition is O(1) amortised. Memory: 16 slots (128 B) at first, 1,024 slots (8 KB) at most.
/// </remarks>
internal struct CountRow
{
    public const int Kept = 400;
    public const int Limit = 2 * Kept;
    private const int FirstSlots = 16;

    /// <summary>Key + 1 (0 = free) in the high half, count in the low half.</summary>
    private ulong[]? _slots;
    private int _count;

    public readonly int Count => _count;

    public readonly long Bytes => (_slots?.Length ?? 0) * 8L;

    /// <summary>Adds to a pair's count.</summary>
    public void Add(int item, int by)
    {
        ulong[] slots = _slots ??= new ulong[FirstSlots];
        int mask = slots.Length - 1;
        int at = SlotOf(item, mask);
        uint key = (uint)item + 1;
        while (true)
        {
            ulong slot = slots[at];
            if ((uint)(slot >> 32) == key)
            {
                slots[at] = slot + (uint)by;
                return;
            }

            if (slot == 0)
            {
                break;
            }

            at = (at + 1) & mask;
        }

        slots[at] = ((ulong)key << 32) | (uint)by;
        _count++;
        if (_count >= Limit)
        {
            Prune();
        }
        else if (_count * 5 > slots.Length * 4)
        {
            Rehash(slots.Length * 2);
        }
    }

    /// <summary>The count of a pair, 0 when there is none.</summary>
    public readonly int this[int item]
    {
        get
        {
            if (_slots is not { } slots)
            {
                return 0;
            }

            int mask = slots.Length - 1;
            for (int at = SlotOf(item, mask); slots[at] != 0; at = (at + 1) & mask)
            {
                if ((uint)(slots[at] >> 32) == (uint)item + 1)
                {
                    return (int)(uint)slots[at];
                }
            }

            return 0;
        }
    }

    /// <summary>Writes all pairs, in no particular order; <paramref name="items"/> and <paramref name="counts"/> hold <see cref="Limit"/>.</summary>
    public readonly int CopyTo(Span<int> items, Span<int> counts)
    {
        int n = 0;
        foreach (ulong slot in _slots ?? [])
        {
            if (slot != 0)
            {
                items[n] = (int)((uint)(slot >> 32) - 1);
                counts[n++] = (int)(uint)slot;
            }
        }

        return n;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int SlotOf(int item, int mask) => (int)(((uint)item * 0x9E3779B1u) >> 12) & mask;

    private void Prune()
    {
        Span<ulong> order = stackalloc ulong[Limit];
        int n = 0;
        foreach (ulong slot in _slots!)
        {
            if (slot != 0)
            {
                order[n++] = (slot << 32) | ~(uint)((slot >> 32) - 1);
            }
        }

        Selection.MoveLargestFirst(order[..n], Kept);
        Array.Clear(_slots);
        int mask = _slots.Length - 1;
        foreach (ulong one in order[..Kept])
        {
            Put(_slots, mask, (int)~(uint)one, (uint)(one >> 32));
        }

        _count = Kept;
    }

    private void Rehash(int slots)
    {
        var grown = new ulong[(int)BitOperations.RoundUpToPowerOf2((uint)slots)];
        foreach (ulong slot in _slots!)
        {
            if (slot != 0)
            {
                Put(grown, grown.Length - 1, (int)((uint)(slot >> 32) - 1), (uint)slot);
            }
        }

        _slots = grown;
    }

    private static void Put(ulong[] slots, int mask, int item, uint count)
    {
        int at = SlotOf(item, mask);
        while (slots[at] != 0)
        {
            at = (at + 1) & mask;
        }

        slots[at] = ((ulong)((uint)item + 1) << 32) | count;
    }
}

using KnowledgePay.Decisions.Recommending.Models;

namespace KnowledgePay.Learning.Ranking;

/// <summary>The best items of a score list; ties go to the item that stands earlier in a given order.</summary>
/// <param name="order">Place of each item among ties, each place once: popularity first, then ordinal.</param>
public sealed class TopItems(int[] order)
{
    private readonly int[] _itemAt = Inverse(order);
    private readonly ulong[] _heap = new ulong[order.Length];
    private readonly bool[] _held = new bool[order.Length];

    /// <summary>Ties by degree, most taken first, then by ordinal.</summary>
    public static int[] OrderByPopularity(ReadOnlySpan<float> popularity)
    {
        float[] copy = popularity.ToArray();
        int[] items = [.. Enumerable.Range(0, copy.Length).OrderByDescending(i => copy[i]).ThenBy(i => i)];
        return Inverse(items);
    }

    /// <summary>Fills <paramref name="top"/> with the best items that the history does not hold, best first; returns how many there are. A NaN counts as the least score.</summary>
    public int Select(ReadOnlySpan<float> scores, ReadOnlySpan<HistoryEntry> history, Span<int> top)
    {
        foreach (HistoryEntry entry in history)
        {
            _held[entry.Item] = true;
        }

        int size = 0;
        for (int item = 0; item < scores.Length; item++)
        {
            if (_held[item])
            {
                continue;
            }

            ulong key = Key(scores[item], order[item]);
            if (size < top.Length)
            {
                Push(key, size++);
            }
            else if (size > 0 && key > _heap[0])
            {
                Replace(key, size);
            }
        }

        foreach (HistoryEntry entry in history)
        {
            _held[entry.Item] = false;
        }

        Span<ulong> chosen = _heap.AsSpan(0, size);
        chosen.Sort();
        for (int k = 0; k < size; k++)
        {
            top[k] = _itemAt[(int)~(uint)chosen[size - 1 - k]];
        }

        return size;
    }

    private static ulong Key(float score, int place)
    {
        uint bits = BitConverter.SingleToUInt32Bits(float.IsNaN(score) ? float.NegativeInfinity : score + 0f);
        bits = (int)bits < 0 ? ~bits : bits | 0x8000_0000u;
        return ((ulong)bits << 32) | ~(uint)place;
    }

    private void Push(ulong key, int at)
    {
        while (at > 0 && _heap[(at - 1) / 2] > key)
        {
            _heap[at] = _heap[(at - 1) / 2];
            at = (at - 1) / 2;
        }

        _heap[at] = key;
    }

    private void Replace(ulong key, int size)
    {
        int at = 0;
        while (true)
        {
            int child = (2 * at) + 1;
            if (child >= size)
            {
                break;
            }

            if (child + 1 < size && _heap[child + 1] < _heap[child])
            {
                child++;
            }

            if (_heap[child] >= key)
            {
                break;
            }

            _heap[at] = _heap[child];
            at = child;
        }

        _heap[at] = key;
    }

    private static int[] Inverse(int[] places)
    {
        var inverse = new int[places.Length];
        for (int i = 0; i < places.Length; i++)
        {
            inverse[places[i]] = i;
        }

        return inverse;
    }
}

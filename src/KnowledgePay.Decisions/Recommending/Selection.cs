using System.Runtime.CompilerServices;

namespace KnowledgePay.Decisions.Recommending;

/// <summary>Order statistics over packed (score, id) keys: one <c>ulong</c> compare decides score and tie.</summary>
internal static class Selection
{
    /// <summary>A key that orders by score descending, then by id ascending, when keys are ordered descending. Not for NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Key(float score, int id)
    {
        uint bits = BitConverter.SingleToUInt32Bits(score + 0f);
        bits = (int)bits < 0 ? ~bits : bits | 0x8000_0000u;
        return ((ulong)bits << 32) | ~(uint)id;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int IdOf(ulong key) => (int)~(uint)key;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float ScoreOf(ulong key)
    {
        uint bits = (uint)(key >> 32);
        return BitConverter.UInt32BitsToSingle((int)bits < 0 ? bits & 0x7FFF_FFFFu : ~bits);
    }

    /// <summary>Puts the <paramref name="k"/> largest keys first, in no particular order (Hoare's quickselect, median of three).</summary>
    public static void MoveLargestFirst(Span<ulong> keys, int k)
    {
        int low = 0, high = keys.Length - 1;
        if (k >= keys.Length || k <= 0)
        {
            return;
        }

        while (low < high)
        {
            ulong a = keys[low], b = keys[(low + high) >>> 1], c = keys[high];
            ulong pivot = Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
            int i = low, j = high;
            while (i <= j)
            {
                while (keys[i] > pivot)
                {
                    i++;
                }

                while (keys[j] < pivot)
                {
                    j--;
                }

                if (i <= j)
                {
                    (keys[i], keys[j]) = (keys[j], keys[i]);
                    i++;
                    j--;
                }
            }

            if (k - 1 <= j)
            {
                high = j;
            }
            else if (k - 1 >= i)
            {
                low = i;
            }
            else
            {
                return;
            }
        }
    }

    /// <summary>Puts the <paramref name="k"/> largest keys first, in descending order, and returns how many there are.</summary>
    public static int SortLargestFirst(Span<ulong> keys, int k)
    {
        k = Math.Min(k, keys.Length);
        MoveLargestFirst(keys, k);
        Span<ulong> head = keys[..k];
        head.Sort();
        head.Reverse();
        return k;
    }
}

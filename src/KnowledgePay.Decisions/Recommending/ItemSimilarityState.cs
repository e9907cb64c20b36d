namespace KnowledgePay.Decisions.Recommending;

/// <summary>The stored form of one course's counts: version, journal offset, degree, then the pairs by rising ordinal, all as LEB128 varints (ordinals as differences).</summary>
/// <remarks>Version 1 has no offset.</remarks>
public readonly record struct ItemSimilarityState
{
    public const byte FormatVersion = 2;
    public const byte FirstVersion = 1;

    /// <summary>The journal offset up to which the counts hold everything; −1 in a row of version 1.</summary>
    public long Offset { get; init; }
    public required int Degree { get; init; }
    /// <summary>Ordinals of co-taken courses, rising.</summary>
    public required int[] Items { get; init; }
    /// <summary>Their counts, each at least 1.</summary>
    public required int[] Counts { get; init; }

    public byte[] ToBytes()
    {
        var bytes = new byte[1 + 10 + 10 + (Items.Length * 10)];
        bytes[0] = FormatVersion;
        int at = 1;
        Write(bytes, ref at, (ulong)Offset);
        Write(bytes, ref at, (uint)Degree);
        Write(bytes, ref at, (uint)Items.Length);
        int previous = -1;
        for (int i = 0; i < Items.Length; i++)
        {
            Write(bytes, ref at, (uint)(Items[i] - previous));
            Write(bytes, ref at, (uint)Counts[i]);
            previous = Items[i];
        }

        return bytes[..at];
    }

    /// <exception cref="FormatException">The bytes are of another version, cut short, or not what <see cref="ToBytes"/> writes.</exception>
    public static ItemSimilarityState FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty || bytes[0] is not (FormatVersion or FirstVersion))
        {
            throw new FormatException($"Item similarity state has version {(bytes.IsEmpty ? "none" : bytes[0])}; expected {FormatVersion}.");
        }

        int at = 1;
        long offset = bytes[0] == FirstVersion ? -1 : ReadLong(bytes, ref at);
        int degree = Read(bytes, ref at);
        int n = Read(bytes, ref at);
        if (n >= CountRow.Limit)
        {
            throw new FormatException($"Item similarity state has {n} pairs; expected fewer than {CountRow.Limit}.");
        }

        var items = new int[n];
        var counts = new int[n];
        long previous = -1;
        for (int i = 0; i < n; i++)
        {
            previous += Read(bytes, ref at);
            counts[i] = Read(bytes, ref at);
            if (previous < 0 || previous >= int.MaxValue || (i > 0 && previous <= items[i - 1]) || counts[i] == 0)
            {
                throw new FormatException($"Item similarity state, pair {i}: ordinal {previous}, count {counts[i]}; expected rising ordinals and counts of at least 1.");
            }

            items[i] = (int)previous;
        }

        return at == bytes.Length
            ? new() { Offset = offset, Degree = degree, Items = items, Counts = counts }
            : throw new FormatException($"Item similarity state has {bytes.Length - at} bytes too many.");
    }

    private static void Write(byte[] bytes, ref int at, ulong value)
    {
        while (value >= 0x80)
        {
            bytes[at++] = (byte)(value | 0x80);
            value >>= 7;
        }

        bytes[at++] = (byte)value;
    }

    private static int Read(ReadOnlySpan<byte> bytes, ref int at)
    {
        long value = ReadLong(bytes, ref at);
        return value <= int.MaxValue ? (int)value : throw new FormatException($"Item similarity state holds {value}; expected at most {int.MaxValue}.");
    }

    private static long ReadLong(ReadOnlySpan<byte> bytes, ref int at)
    {
        long value = 0;
        for (int shift = 0; shift <= 56; shift += 7)
        {
            if (at >= bytes.Length)
            {
                throw new FormatException($"Item similarity state ends at byte {at}, inside a number.");
            }

            byte one = bytes[at++];
            value |= (long)(one & 0x7F) << shift;
            if (one < 0x80)
            {
                return value;
            }
        }

        throw new FormatException($"Item similarity state has a number of more than 9 bytes before byte {at}.");
    }
}

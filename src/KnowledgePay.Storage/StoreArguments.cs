using System.Buffers.Binary;

namespace KnowledgePay.Storage;

/// <summary>What every store refuses to take, and how it writes 128-bit values.</summary>
internal static class StoreArguments
{
    public const int LargestKeyName = 512;

    /// <summary>Largest snapshot in bytes.</summary>
    public const int LargestSnapshotBytes = 16 << 20;

    public static void Write(UInt128 value, Span<byte> bytes) => BinaryPrimitives.WriteUInt128BigEndian(bytes, value);

    public static UInt128 ReadUInt128(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt128BigEndian(bytes);

    public static void CheckStream(long stream) => ArgumentOutOfRangeException.ThrowIfLessThan(stream, 1);

    public static void CheckLimit(int limit) => ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);

    /// <summary>Refuses what a database's text does not give back as it was: U+0000 and unpaired surrogates.</summary>
    public static void CheckText(string text, string parameter)
    {
        if (text.Contains('\0') || HasUnpairedSurrogate(text))
        {
            throw new ArgumentException("A stored name has U+0000 or an unpaired surrogate; expected valid text.", parameter);
        }
    }

    public static void CheckKeyName(string name)
    {
        if (string.IsNullOrEmpty(name) || name.Length > LargestKeyName)
        {
            throw new ArgumentException($"A key's name has {name?.Length ?? 0} characters; expected 1 to {LargestKeyName}.", nameof(name));
        }
    }

    /// <summary>Checks an append and returns the bytes of its payloads.</summary>
    public static long CheckAppend(long stream, long expectedSequence, IReadOnlyList<JournalRow> rows)
    {
        CheckStream(stream);
        ArgumentOutOfRangeException.ThrowIfNegative(expectedSequence);
        if (rows.Count > IJournal.LargestAppend)
        {
            throw new ArgumentException($"An append has {rows.Count} rows; at most {IJournal.LargestAppend} are taken at once.", nameof(rows));
        }

        long bytes = 0;
        for (int i = 0; i < rows.Count; i++)
        {
            byte[]? payload = rows[i].Payload;
            if (payload is null || payload.Length > IJournal.LargestPayloadBytes)
            {
                throw new ArgumentException($"Row {i} has {payload?.Length.ToString() ?? "no"} payload bytes; expected 0 to {IJournal.LargestPayloadBytes}.", nameof(rows));
            }

            bytes += payload.Length;
        }

        return bytes;
    }

    public static void CheckSnapshot(long stream, Snapshot snapshot)
    {
        CheckStream(stream);
        if (snapshot.Payload.Length > LargestSnapshotBytes)
        {
            throw new ArgumentException($"A snapshot has {snapshot.Payload.Length} bytes; at most {LargestSnapshotBytes} are stored.", nameof(snapshot));
        }
    }

    /// <summary>Checks rows of a projection and returns the bytes of their states.</summary>
    public static long CheckProjection(string projection, IReadOnlyList<ProjectionRow> rows)
    {
        ArgumentException.ThrowIfNullOrEmpty(projection);
        long bytes = 0;
        foreach (ProjectionRow row in rows)
        {
            ArgumentNullException.ThrowIfNull(row.Key, nameof(rows));
            CheckText(row.Key, nameof(rows));
            bytes += row.State.Length;
        }

        return bytes;
    }

    private static bool HasUnpairedSurrogate(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && !(i + 1 < text.Length && char.IsSurrogatePair(text[i], text[++i])))
            {
                return true;
            }
        }

        return false;
    }
}

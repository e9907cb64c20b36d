using System.Buffers.Binary;

namespace KnowledgePay.Storage.Sqlite;

/// <summary>What the parts of the store share: the writer and the readers of <c>engine.db</c>.</summary>
internal sealed record EngineDatabase(GroupCommitWriter Writer, ReaderPool Readers, TimeProvider Time)
{
    /// <summary>SQLite has one writer, so that one partition holds everything.</summary>
    public const int Partition = 0;

    public static void Write(UInt128 value, Span<byte> bytes) => BinaryPrimitives.WriteUInt128BigEndian(bytes, value);

    public static UInt128 ReadUInt128(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt128BigEndian(bytes);

    public static void CheckStream(long stream) => ArgumentOutOfRangeException.ThrowIfLessThan(stream, 1);

    public static void CheckLimit(int limit) => ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);

    /// <summary>Refuses what SQLite's text does not give back as it was: U+0000 and unpaired surrogates.</summary>
    public static void CheckText(string text, string parameter)
    {
        if (text.Contains('\0') || HasUnpairedSurrogate(text))
        {
            throw new ArgumentException("A stored name has U+0000 or an unpaired surrogate; expected valid text.", parameter);
        }
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

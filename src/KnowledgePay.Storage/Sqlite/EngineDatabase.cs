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
}

using System.Buffers.Binary;
using System.Text;

namespace KnowledgePay.Grains.Compact;

/// <summary>Reads what <see cref="CompactWriter"/> wrote.</summary>
/// <remarks>Bytes that end early or say what cannot be end in an <see cref="IndexOutOfRangeException"/>, an <see cref="ArgumentException"/> or an <see cref="OverflowException"/>.</remarks>
internal ref struct CompactReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;

    /// <summary>What was not read yet.</summary>
    public readonly ReadOnlySpan<byte> Rest => _bytes[_at..];

    public byte Byte() => _bytes[_at++];

    public ulong Unsigned()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte next = _bytes[_at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new OverflowException();
    }

    public long Integer()
    {
        ulong value = Unsigned();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public int Count()
    {
        ulong value = Unsigned();
        // Everything counted has at least a byte.
        return value <= (ulong)_bytes.Length ? (int)value : throw new OverflowException();
    }

    public float Single()
    {
        _at += sizeof(float);
        return BinaryPrimitives.ReadSingleLittleEndian(_bytes[(_at - sizeof(float))..]);
    }

    public double Double()
    {
        _at += sizeof(double);
        return BinaryPrimitives.ReadDoubleLittleEndian(_bytes[(_at - sizeof(double))..]);
    }

    public string Text() => Encoding.UTF8.GetString(Bytes());

    public ReadOnlySpan<byte> Bytes()
    {
        int count = Count();
        _at += count;
        return _bytes.Slice(_at - count, count);
    }
}

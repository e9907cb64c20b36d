using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace KnowledgePay.Grains.Compact;

/// <summary>Numbers and texts in as few bytes as they need: what the stored formats of the engine's own are made of. <see cref="CompactReader"/> reads them.</summary>
internal ref struct CompactWriter(IBufferWriter<byte> output)
{
    private const int Room = 1024;
    private const int LongestVarint = 10;

    private Span<byte> _span = output.GetSpan(Room);
    private int _at;

    public void Byte(byte value)
    {
        Reserve(1);
        _span[_at++] = value;
    }

    /// <summary>Seven bits a byte, the least significant first.</summary>
    public void Unsigned(ulong value)
    {
        Reserve(LongestVarint);
        while (value >= 0x80)
        {
            _span[_at++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _span[_at++] = (byte)value;
    }

    /// <summary>Zigzag, so that small numbers of either sign are short.</summary>
    public void Integer(long value) => Unsigned((ulong)((value << 1) ^ (value >> 63)));

    public void Count(int value) => Unsigned((ulong)value);

    public void Single(float value)
    {
        Reserve(sizeof(float));
        BinaryPrimitives.WriteSingleLittleEndian(_span[_at..], value);
        _at += sizeof(float);
    }

    public void Double(double value)
    {
        Reserve(sizeof(double));
        BinaryPrimitives.WriteDoubleLittleEndian(_span[_at..], value);
        _at += sizeof(double);
    }

    /// <summary>Length in bytes, then UTF-8.</summary>
    public void Text(scoped ReadOnlySpan<char> text)
    {
        int bytes = Encoding.UTF8.GetByteCount(text);
        Count(bytes);
        Reserve(bytes);
        _at += Encoding.UTF8.GetBytes(text, _span[_at..]);
    }

    /// <summary>Their count, then the bytes.</summary>
    public void Bytes(scoped ReadOnlySpan<byte> bytes)
    {
        Count(bytes.Length);
        Reserve(bytes.Length);
        bytes.CopyTo(_span[_at..]);
        _at += bytes.Length;
    }

    /// <summary>Hands all that was written to the output. Nothing may be written afterwards.</summary>
    public readonly void Flush() => output.Advance(_at);

    private void Reserve(int bytes)
    {
        if (_span.Length - _at < bytes)
        {
            output.Advance(_at);
            _span = output.GetSpan(Math.Max(Room, bytes));
            _at = 0;
        }
    }
}

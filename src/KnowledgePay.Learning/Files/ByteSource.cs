
namespace KnowledgePay.Learning.Files;

/// <summary>A window that slides over a stream; what has been read but not used stays in it.</summary>
public sealed class ByteSource(Stream stream, string file)
{
    /// <summary>No line or record is longer.</summary>
    public const int LongestRecordBytes = 16 << 20;

    private byte[] _buffer = new byte[1 << 16];
    private int _start;
    private int _end;

    public bool AtEnd { get; private set; }

    public ReadOnlySpan<byte> Window => _buffer.AsSpan(_start, _end - _start);

    public void Advance(int count) => _start += count;

    /// <summary>Reads more behind the window; false at the end of the stream.</summary>
    /// <param name="line">Where the record began, for the message when it is too long.</param>
    public bool Fill(long line)
    {
        if (AtEnd)
        {
            return false;
        }

        if (_start > 0)
        {
            Window.CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
        {
            if (_end >= LongestRecordBytes)
            {
                throw new InputException(file, line, 1, $"the record is longer than {LongestRecordBytes >> 20} MiB; expected less.");
            }

            Array.Resize(ref _buffer, Math.Min(_buffer.Length * 2, LongestRecordBytes));
        }

        int read;
        try
        {
            read = stream.Read(_buffer, _end, _buffer.Length - _end);
        }
        catch (InvalidDataException damaged)
        {
            throw new InputException(file, line, 1, $"expected gzip data, as the name says. {damaged.Message}");
        }

        AtEnd = read == 0;
        _end += read;
        return read > 0;
    }

    /// <summary>Skips a UTF-8 byte order mark; to be called first.</summary>
    public void SkipByteOrderMark()
    {
        while (Window.Length < 3 && Fill(1))
        {
        }

        if (Window.StartsWith("\uFEFF"u8))
        {
            Advance(3);
        }
    }

    /// <summary>Characters before the byte at <paramref name="index"/> in <paramref name="line"/>.</summary>
    public static int Characters(ReadOnlySpan<byte> line, int index)
    {
        int characters = 0;
        foreach (byte b in line[..Math.Min(index, line.Length)])
        {
            characters += (b & 0xC0) != 0x80 ? 1 : 0;
        }

        return characters;
    }
}

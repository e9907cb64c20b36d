namespace KnowledgePay.Learning.Files;

/// <summary>The lines of a file as bytes, without their ends.</summary>
public sealed class LineReader
{
    private readonly ByteSource _source;
    private int _consumed;
    private int _length;

    public LineReader(Stream stream, string file)
    {
        _source = new ByteSource(stream, file);
        _source.SkipByteOrderMark();
    }

    /// <summary>1 for the first line.</summary>
    public long Line { get; private set; }

    /// <summary>The line that was read; good until the next <see cref="Read"/>.</summary>
    public ReadOnlySpan<byte> Text => _source.Window[.._length];

    public bool Read()
    {
        _source.Advance(_consumed);
        Line++;
        int searched = 0;
        while (true)
        {
            int at = _source.Window[searched..].IndexOf((byte)'\n');
            if (at >= 0)
            {
                _length = searched + at;
                _consumed = _length + 1;
                break;
            }

            searched = _source.Window.Length;
            if (!_source.Fill(Line))
            {
                _length = _consumed = searched;
                if (searched == 0)
                {
                    return false;
                }

                break;
            }
        }

        if (_length > 0 && Text[_length - 1] == '\r')
        {
            _length--;
        }

        return true;
    }
}

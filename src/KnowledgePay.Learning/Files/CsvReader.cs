using System.Text;
using System.Text.Unicode;

namespace KnowledgePay.Learning.Files;

/// <summary>RFC 4180 with a header, streamed: UTF-8 with or without a byte order mark, LF or CRLF, quoted fields over several lines.</summary>
/// <remarks>Blank lines are skipped. Every record has as many fields as the header; anything else is an <see cref="InputException"/> that says where.</remarks>
public sealed class CsvReader
{
    private readonly string _file;
    private readonly ByteSource _source;
    private readonly List<(int Start, int Length, int Line, int Column)> _fields = [];
    private byte[] _record = new byte[4096];
    private int _recordLength;
    private int _line = 1;
    private int _column = 1;
    private bool _quoted;

    /// <remarks>A column without a name is called by its place, <c>column1</c> for the first.</remarks>
    /// <exception cref="InputException">The file has no header, or one with a repeated name.</exception>
    public CsvReader(Stream stream, string file)
    {
        _file = file;
        _source = new ByteSource(stream, file);
        _source.SkipByteOrderMark();
        if (!ReadRecord())
        {
            throw new InputException(file, 1, 1, "the file is empty; expected a CSV header.");
        }

        var header = new string[_fields.Count];
        for (int i = 0; i < header.Length; i++)
        {
            // Row numbers that other programs write in front have an empty name.
            header[i] = _fields[i].Length == 0 ? $"column{i + 1}" : Text(i);
            if (Array.IndexOf(header, header[i], 0, i) >= 0)
            {
                throw Wrong(i, $"the header names '{header[i]}' twice; expected it once.");
            }
        }

        Header = header;
    }

    public IReadOnlyList<string> Header { get; }

    /// <summary>Line on which the record begins, 1 for the first of the file.</summary>
    public int Line { get; private set; }

    /// <summary>Reads the next record; false at the end of the file.</summary>
    public bool Read()
    {
        if (!ReadRecord())
        {
            return false;
        }

        return _fields.Count == Header.Count
            ? true
            : throw new InputException(_file, Line, 1, $"the record has {_fields.Count} fields; expected {Header.Count} as in the header.");
    }

    /// <summary>A field's UTF-8 bytes without quotes; good until the next <see cref="Read"/>.</summary>
    public ReadOnlySpan<byte> Field(int index) => _record.AsSpan(_fields[index].Start, _fields[index].Length);

    public string Text(int index) => Encoding.UTF8.GetString(Field(index));

    /// <summary>True for what stands for "no value": empty, <c>NA</c>, <c>NaN</c>, <c>null</c>, <c>?</c>.</summary>
    public bool IsMissing(int index) => MissingValue.Is(Field(index));

    /// <summary>Column of the line at which a field of this record begins, 1 for the first character.</summary>
    public int ColumnAt(int index) => _fields[index].Column;

    /// <summary>An error at a field of this record.</summary>
    public InputException Wrong(int index, string message) => new(_file, _fields[index].Line, _fields[index].Column, message);

    /// <summary>Where a column is in the header, or −1.</summary>
    public int IndexOf(string name)
    {
        for (int i = 0; i < Header.Count; i++)
        {
            if (Header[i] == name)
            {
                return i;
            }
        }

        return -1;
    }

    private bool ReadRecord()
    {
        while (true)
        {
            _fields.Clear();
            _recordLength = 0;
            _quoted = false;
            Line = _line;
            if (Peek() < 0)
            {
                return false;
            }

            bool more = true;
            while (more)
            {
                more = ReadField();
            }

            // A quoted empty field is a record; a line without anything is not.
            if (_fields.Count > 1 || _fields[0].Length > 0 || _quoted)
            {
                return true;
            }
        }
    }

    /// <summary>Reads one field and the separator behind it; true when that was a comma.</summary>
    private bool ReadField()
    {
        int start = _recordLength;
        (int line, int column) = (_line, _column);
        int next = Peek();
        if (next == '"')
        {
            _quoted = true;
            ReadQuoted();
            next = Peek();
            if (next is not (',' or '\r' or '\n' or < 0))
            {
                throw new InputException(_file, _line, _column, "text follows a closing quote; expected a comma or the end of the line.");
            }
        }
        else
        {
            while (next is not (',' or '\r' or '\n' or < 0))
            {
                if (next == '"')
                {
                    throw new InputException(_file, _line, _column, "a quote stands inside a field that does not begin with one; expected the field in quotes and the quote doubled.");
                }

                Append((byte)Take());
                next = Peek();
            }
        }

        if (!Utf8.IsValid(_record.AsSpan(start, _recordLength - start)))
        {
            throw new NotUtf8Exception(_file, line, column, "the field is not valid UTF-8; expected UTF-8 text.");
        }

        _fields.Add((start, _recordLength - start, line, column));
        if (next == ',')
        {
            Take();
            return true;
        }

        EndLine(next);
        return false;
    }

    private void ReadQuoted()
    {
        (int line, int column) = (_line, _column);
        Take();
        while (true)
        {
            int next = Peek();
            if (next < 0)
            {
                throw new InputException(_file, line, column, "the quoted field never ends; expected a closing quote.");
            }

            Take();
            if (next == '"')
            {
                if (Peek() != '"')
                {
                    return;
                }

                Take();
            }
            else if (next == '\n')
            {
                (_line, _column) = (_line + 1, 1);
            }

            Append((byte)next);
        }
    }

    private void EndLine(int next)
    {
        if (next == '\r')
        {
            Take();
            if (Peek() == '\n')
            {
                Take();
            }
        }
        else if (next == '\n')
        {
            Take();
        }

        (_line, _column) = (_line + 1, 1);
    }

    private void Append(byte value)
    {
        if (_recordLength == _record.Length)
        {
            if (_recordLength >= ByteSource.LongestRecordBytes)
            {
                throw new InputException(_file, Line, 1, $"the record is longer than {ByteSource.LongestRecordBytes >> 20} MiB; expected less.");
            }

            Array.Resize(ref _record, _record.Length * 2);
        }

        _record[_recordLength++] = value;
    }

    private int Peek()
    {
        ReadOnlySpan<byte> window = _source.Window;
        return window.Length > 0 ? window[0] : _source.Fill(Line) ? _source.Window[0] : -1;
    }

    private int Take()
    {
        byte value = _source.Window[0];
        _source.Advance(1);
        _column += (value & 0xC0) != 0x80 ? 1 : 0;
        return value;
    }
}

using System.Text.Json;
using System.Text.Unicode;
using KnowledgePay.Cli.CommandLine;
using KnowledgePay.Learning.Files;

namespace KnowledgePay.Cli.Json;

/// <summary>The objects of a JSON array, or of JSON lines, one after another; the file is never in memory as a whole.</summary>
internal sealed class JsonRecordReader
{
    private readonly ByteSource _source;
    private readonly string _file;
    private bool _started;
    private bool _inArray;
    private bool _closed;
    private bool _afterComma;
    private long _line = 1;
    private int _column = 1;

    public JsonRecordReader(Stream stream, string file)
    {
        _source = new ByteSource(stream, file);
        _file = file;
        _source.SkipByteOrderMark();
    }

    /// <summary>Line on which the object begins.</summary>
    public long Line { get; private set; }

    /// <summary>Column at which the object begins.</summary>
    public int Column { get; private set; }

    /// <summary>The next object, or null at the end; the caller disposes it.</summary>
    /// <exception cref="InputException">The file is not an array of objects, nor objects one after another.</exception>
    public JsonDocument? Read()
    {
        int next = SkipToValue();
        if (next < 0)
        {
            return _inArray && !_closed ? throw Wrong("the array never ends; expected ']'.")
                : Line == 0 && !_inArray ? throw Wrong("the file is empty; expected a JSON array of objects, or an object a line.")
                : null;
        }

        if (next != '{')
        {
            throw Wrong("expected a JSON object.");
        }

        (Line, Column) = (_line, _column);
        _afterComma = false;
        int length = LengthOfObject();
        ReadOnlySpan<byte> text = _source.Window[..length];
        CheckText(text);
        JsonDocument document = JsonDocument.Parse(text.ToArray());
        Move(text);
        return document;
    }

    /// <summary>The parser takes bytes and escapes that are no text, and fails later, when the string is asked for.</summary>
    private void CheckText(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text);
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && !IsText(reader))
            {
                ReadOnlySpan<byte> before = text[..(int)reader.TokenStartIndex];
                int lineStart = before.LastIndexOf((byte)'\n') + 1;
                int column = ByteSource.Characters(before[lineStart..], before.Length - lineStart) + (lineStart == 0 ? _column : 1);
                throw new InputException(_file, _line + before.Count((byte)'\n'), column, "the string is no text; expected valid UTF-8 and whole surrogate pairs.");
            }
        }
    }

    private static bool IsText(in Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            return Utf8.IsValid(reader.ValueSpan);
        }

        try
        {
            return reader.GetString() is not null;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private int LengthOfObject()
    {
        while (true)
        {
            ReadOnlySpan<byte> window = _source.Window;
            try
            {
                var reader = new Utf8JsonReader(window, _source.AtEnd, default);
                if (reader.Read() && reader.TrySkip())
                {
                    return (int)reader.BytesConsumed;
                }
            }
            catch (JsonException broken)
            {
                int lineStart = 0;
                for (long i = 0; i < (broken.LineNumber ?? 0); i++)
                {
                    lineStart += window[lineStart..].IndexOf((byte)'\n') + 1;
                }

                int column = ByteSource.Characters(window[lineStart..], (int)(broken.BytePositionInLine ?? 0)) + (lineStart == 0 ? _column : 1);
                throw new InputException(_file, _line + (broken.LineNumber ?? 0), column, $"expected JSON. {Plain(broken.Message)}");
            }

            _source.Fill(_line);
        }
    }

    /// <summary>The first byte of the next value, or −1 when there is none.</summary>
    private int SkipToValue()
    {
        while (true)
        {
            if (_source.Window.IsEmpty && !_source.Fill(_line))
            {
                return -1;
            }

            byte next = _source.Window[0];
            bool structure = next switch
            {
                (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' => true,
                (byte)'[' when !_started => _inArray = true,
                (byte)',' when _inArray && _started && !_closed && !_afterComma && Line > 0 => _afterComma = true,
                (byte)']' when _inArray && !_closed && !_afterComma => _closed = true,
                _ => false,
            };
            if (!structure)
            {
                bool misplaced = _closed || (_inArray && Line > 0 && !_afterComma);
                _started = true;
                return misplaced ? throw Wrong(_closed ? "something follows the array; expected the end of the file." : "expected ',' or ']'.") : next;
            }

            _started |= next is (byte)'[';
            Move(_source.Window[..1]);
        }
    }

    private void Move(ReadOnlySpan<byte> passed)
    {
        int last = passed.LastIndexOf((byte)'\n');
        if (last >= 0)
        {
            _line += passed.Count((byte)'\n');
            _column = 1;
        }

        ReadOnlySpan<byte> rest = passed[(last + 1)..];
        _column += ByteSource.Characters(rest, rest.Length);
        _source.Advance(passed.Length);
    }

    private InputException Wrong(string message) => new(_file, _line, _column, message);

    /// <summary>The reader's message without its own position, which counts from the object.</summary>
    internal static string Plain(string message)
    {
        int at = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return at < 0 ? message : message[..at];
    }
}

using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace KnowledgePay.Learning.Files;

/// <summary>Writes RFC 4180 with a header and LF line ends; gzip when the name ends in <c>.gz</c>. Numbers are written so that they read back exactly.</summary>
/// <remarks>The rows go to a temporary file beside the target, which is renamed by <see cref="Complete"/>: a run that fails leaves no half file.</remarks>
public sealed class CsvWriter : IDisposable
{
    private static readonly SearchValues<char> Quoted = SearchValues.Create(",\"\r\n\uFEFF");

    private readonly string _path;
    private readonly string _temporary;
    private readonly StreamWriter _writer;
    private bool _atStart = true;

    /// <summary>Whether the row so far is one empty field, which must be quoted lest it read back as a blank line.</summary>
    private bool _onlyEmpty;

    /// <exception cref="WorkFailedException">The file cannot be written.</exception>
    public CsvWriter(string path, params ReadOnlySpan<string> header)
    {
        _path = path;
        _temporary = path + ".partial";
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } directory)
            {
                Directory.CreateDirectory(directory);
            }

            Stream file = new FileStream(_temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
            _writer = new StreamWriter(
                path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionLevel.Fastest) : file,
                new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
                1 << 16);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new WorkFailedException($"{path}: cannot be written. {refused.Message}");
        }

        foreach (string name in header)
        {
            Write(name);
        }

        EndRow();
    }

    public void Write(ReadOnlySpan<char> text)
    {
        Separate(isEmpty: text.IsEmpty);
        if (text.IndexOfAny(Quoted) < 0)
        {
            _writer.Write(text);
            return;
        }

        _writer.Write('"');
        foreach (char c in text)
        {
            if (c == '"')
            {
                _writer.Write('"');
            }

            _writer.Write(c);
        }

        _writer.Write('"');
    }

    /// <summary>A number in its shortest exact form; one that is not finite is written as a missing value.</summary>
    public void Write(double number)
    {
        if (!double.IsFinite(number))
        {
            Separate(isEmpty: true);
            return;
        }

        Span<char> text = stackalloc char[32];
        number.TryFormat(text, out int length, "R", CultureInfo.InvariantCulture);
        Write(text[..length]);
    }

    public void Write(long number)
    {
        Span<char> text = stackalloc char[20];
        number.TryFormat(text, out int length, default, CultureInfo.InvariantCulture);
        Write(text[..length]);
    }

    public void EndRow()
    {
        if (_onlyEmpty)
        {
            _writer.Write("\"\"");
        }

        _writer.Write('\n');
        _atStart = true;
    }

    /// <summary>Closes the file and puts it in its place.</summary>
    public void Complete()
    {
        _writer.Dispose();
        File.Move(_temporary, _path, overwrite: true);
    }

    /// <summary>Without <see cref="Complete"/> before it, removes what was written.</summary>
    public void Dispose()
    {
        _writer.Dispose();
        File.Delete(_temporary);
    }

    private void Separate(bool isEmpty)
    {
        _onlyEmpty = _atStart && isEmpty;
        if (!_atStart)
        {
            _writer.Write(',');
        }

        _atStart = false;
    }
}

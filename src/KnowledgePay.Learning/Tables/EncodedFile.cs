using System.Text;
using KnowledgePay.Learning.Files;

namespace KnowledgePay.Learning.Tables;

/// <summary>A text file as UTF-8, whatever it is written in: UTF-8, UTF-16 with a byte order mark, or GB18030 (which holds GBK and GB2312).</summary>
internal sealed class EncodedFile : IDisposable
{
    private static readonly Encoding Gb18030 = CodePagesEncodingProvider.Instance.GetEncoding("GB18030", EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)!;

    private readonly InputFile _file;

    private EncodedFile(InputFile file, Encoding? encoding)
    {
        _file = file;
        Content = encoding is null ? file.Content : Encoding.CreateTranscodingStream(file.Content, encoding, new UTF8Encoding(false), leaveOpen: true);
    }

    public Stream Content { get; }

    public static EncodedFile Open(string path, Encoding? encoding) => new(InputFile.Open(path), encoding);

    /// <summary>The encoding a file is in; null for UTF-8.</summary>
    /// <param name="notUtf8">What reading it as UTF-8 came upon, or null before that has been tried.</param>
    /// <exception cref="InputException">It is in none of those known.</exception>
    public static Encoding? Detect(string path, NotUtf8Exception? notUtf8)
    {
        using InputFile file = InputFile.Open(path);
        Span<byte> start = stackalloc byte[2];
        int read;
        try
        {
            read = file.Content.ReadAtLeast(start, 2, throwOnEndOfStream: false);
        }
        catch (InvalidDataException damaged)
        {
            throw new InputException(path, 1, 1, $"expected gzip data, as the name says. {damaged.Message}");
        }

        if (read == 2 && ((start[0] == 0xFF && start[1] == 0xFE) || (start[0] == 0xFE && start[1] == 0xFF)))
        {
            return start[0] == 0xFF ? Encoding.Unicode : Encoding.BigEndianUnicode;
        }

        if (notUtf8 is null)
        {
            return null;
        }

        using EncodedFile whole = Open(path, Gb18030);
        var buffer = new byte[1 << 16];
        try
        {
            while (whole.Content.Read(buffer) > 0)
            {
            }
        }
        catch (DecoderFallbackException)
        {
            throw notUtf8;
        }

        return Gb18030;
    }

    public void Dispose() => _file.Dispose();
}

using System.Buffers;

namespace KnowledgePay.Cli.Importing;

/// <summary>NDJSON that is sent in one request, and the file's lines that it came from.</summary>
internal sealed class LineBatch
{
    private readonly List<long> _lines = [];

    public ArrayBufferWriter<byte> Bytes { get; } = new(1 << 18);

    public int Count => _lines.Count;

    public long FirstLine => _lines[0];

    public long LastLine => _lines[^1];

    public void Add(long line) => _lines.Add(line);

    /// <summary>The file's line of the entry at <paramref name="index"/>; the batch's first where the server names none.</summary>
    public long LineOf(int index) => index >= 0 && index < _lines.Count ? _lines[index] : FirstLine;
}

/// <summary>Cuts a stream of lines into batches, at the end of a person's run of lines where it can.</summary>
internal sealed class BatchCutter(int size)
{
    /// <summary>A batch is cut at this size whatever it holds, so that no request is refused for its length.</summary>
    private const int LargestBytes = 4 << 20;

    private byte[] _subject = [];
    private int _subjectLength = -1;

    public LineBatch Batch { get; private set; } = new();

    /// <summary>To be asked before a line is added: the batch to send first, or null.</summary>
    public LineBatch? CutBefore(ReadOnlySpan<byte> subject)
    {
        bool same = _subjectLength >= 0 && subject.SequenceEqual(_subject.AsSpan(0, _subjectLength));
        if (!same)
        {
            if (_subject.Length < subject.Length)
            {
                _subject = new byte[subject.Length * 2];
            }

            subject.CopyTo(_subject);
            _subjectLength = subject.Length;
        }

        bool full = Batch.Count >= (same ? 2L * size : size) || Batch.Bytes.WrittenCount >= LargestBytes;
        return full && Batch.Count > 0 ? Take() : null;
    }

    /// <summary>The last batch, or null when it is empty.</summary>
    public LineBatch? Rest() => Batch.Count > 0 ? Take() : null;

    private LineBatch Take()
    {
        LineBatch full = Batch;
        Batch = new LineBatch();
        return full;
    }
}

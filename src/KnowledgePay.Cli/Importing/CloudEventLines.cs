using System.Buffers;
using System.Text.Json;
using KnowledgePay.Cli.CommandLine;
using KnowledgePay.Cli.Json;
using KnowledgePay.Learning.Files;

namespace KnowledgePay.Cli.Importing;

/// <summary>CloudEvents, one a line, that go to the server as they are; a line that is no JSON object stops the import.</summary>
internal sealed class CloudEventLines(Stream stream, string file)
{
    private readonly LineReader _lines = new(stream, file);

    /// <summary>The file's events in batches of about <paramref name="size"/>.</summary>
    public IEnumerable<LineBatch> Batches(int size)
    {
        var cutter = new BatchCutter(size);
        byte[] subject = new byte[1024];
        bool any = false;
        while (_lines.Read())
        {
            if (_lines.Text.Trim(" \t\r"u8).IsEmpty)
            {
                continue;
            }

            any = true;

            int length = Subject(subject);
            if (cutter.CutBefore(subject.AsSpan(0, length)) is { } full)
            {
                yield return full;
            }

            cutter.Batch.Bytes.Write(_lines.Text);
            cutter.Batch.Bytes.Write("\n"u8);
            cutter.Batch.Add(_lines.Line);
        }

        if (!any)
        {
            throw new InputException(file, 1, 1, "the file is empty; expected a CloudEvent a line.");
        }

        if (cutter.Rest() is { } rest)
        {
            yield return rest;
        }
    }

    /// <summary>Copies the line's <c>subject</c> and says how long it is; 0 when it has none (the server will say what it thinks of that).</summary>
    private int Subject(byte[] destination)
    {
        int length = 0;
        try
        {
            var reader = new Utf8JsonReader(_lines.Text);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw new InputException(file, _lines.Line, 1, "expected a CloudEvent as a JSON object.");
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool found = reader.ValueTextEquals("subject"u8);
                reader.Read();
                if (found && reader.TokenType == JsonTokenType.String && reader.ValueSpan.Length <= destination.Length)
                {
                    length = reader.CopyString(destination);
                }

                reader.Skip();
            }

            reader.Read();
            return length;
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            int at = broken is JsonException { BytePositionInLine: { } position } ? (int)position : 0;
            throw new InputException(file, _lines.Line, ByteSource.Characters(_lines.Text, at) + 1, $"expected a CloudEvent as a JSON object. {JsonRecordReader.Plain(broken.Message)}");
        }
    }
}

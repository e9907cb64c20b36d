using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using KnowledgePay.Cli.CommandLine;
using KnowledgePay.Client.Events;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Learning.Files;

namespace KnowledgePay.Cli.Importing;

/// <summary>Turns <c>user,item[,rating][,timestamp]</c> into CloudEvents: <c>course.rated</c> where there is a rating, else <c>course.enrolled</c>.</summary>
/// <remarks>An event's id is its line and a hash of what the line says, so that the import of the same file can be repeated without duplicates.</remarks>
internal sealed class Interactions
{
    private static readonly SearchValues<byte> IdBytes = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-"u8);

    private readonly CsvReader _csv;
    private readonly FieldMap _map;
    private readonly byte[] _source;
    private readonly byte[] _startedAt;
    private readonly int _user;
    private readonly int _item;
    private readonly int _rating;
    private readonly int _timestamp;

    /// <param name="startedAt">The time of events whose line has none.</param>
    public Interactions(Stream stream, string file, FieldMap map, string source, DateTimeOffset startedAt)
    {
        _csv = new CsvReader(stream, file);
        _map = map;
        _source = Encoding.UTF8.GetBytes(source);
        _startedAt = Encoding.ASCII.GetBytes(Rfc3339(startedAt));
        _user = Column(file, "user", required: true);
        _item = Column(file, "item", required: true);
        _rating = Column(file, "rating", required: false);
        _timestamp = Column(file, "timestamp", required: false);
    }

    /// <summary>The file's events in batches of about <paramref name="size"/>.</summary>
    /// <exception cref="InputException">A line is wrong; what came before it may have been handed out.</exception>
    public IEnumerable<LineBatch> Batches(int size)
    {
        var cutter = new BatchCutter(size);
        using var writer = new Utf8JsonWriter(new ArrayBufferWriter<byte>(1), CloudEventWriter.WriterOptions);
        while (_csv.Read())
        {
            if (cutter.CutBefore(_csv.Field(_user)) is { } full)
            {
                yield return full;
            }

            Write(writer, cutter.Batch.Bytes);
            cutter.Batch.Add(_csv.Line);
        }

        if (cutter.Rest() is { } rest)
        {
            yield return rest;
        }
    }

    private void Write(Utf8JsonWriter writer, ArrayBufferWriter<byte> output)
    {
        ReadOnlySpan<byte> user = Id(_user, "user");
        ReadOnlySpan<byte> item = Id(_item, "item");
        double? stars = Stars();
        Span<byte> scratch = stackalloc byte[64];

        writer.Reset(output);
        writer.WriteStartObject();
        writer.WriteString("specversion"u8, "1.0"u8);
        Utf8Formatter.TryFormat(_csv.Line, scratch, out int length);
        scratch[length++] = (byte)'-';
        Utf8Formatter.TryFormat(Hash(), scratch[length..], out int hashLength, new StandardFormat('x', 16));
        writer.WriteString("id"u8, scratch[..(length + hashLength)]);
        writer.WriteString("source"u8, _source);
        writer.WriteString("type"u8, stars is null ? EventTypes.CourseEnrolled : EventTypes.CourseRated);
        writer.WriteString("subject"u8, user);
        writer.WriteString("time"u8, Time() is { } time ? Encoding.ASCII.GetBytes(Rfc3339(time)) : _startedAt);
        writer.WriteStartObject("data"u8);
        writer.WriteString("courseId"u8, item);
        if (stars is { } given)
        {
            writer.WriteNumber("stars"u8, given);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.Flush();
        output.Write("\n"u8);
    }

    private ReadOnlySpan<byte> Id(int column, string field)
    {
        ReadOnlySpan<byte> id = _csv.Field(column);
        return id.Length is >= 1 and <= EntityId.LongestLength && !id.ContainsAnyExcept(IdBytes)
            ? id
            : throw _csv.Wrong(column, $"{field} '{_csv.Text(column)}': expected {EntityId.Expected}.");
    }

    private double? Stars()
    {
        string? text = _rating >= 0 && !_csv.IsMissing(_rating) ? _csv.Text(_rating) : _map.Default("rating");
        return text is null ? null
            : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double stars) && stars is >= 0.5 and <= 5 ? stars
            : throw Wrong(_rating, $"rating '{text}': expected a number from 0.5 to 5.");
    }

    private DateTimeOffset? Time()
    {
        string? text = _timestamp >= 0 && !_csv.IsMissing(_timestamp) ? _csv.Text(_timestamp) : _map.Default("timestamp");
        return text is null ? null
            : Timestamps.TryParse(text, out DateTimeOffset time) ? time
            : throw Wrong(_timestamp, $"timestamp '{text}': expected {Timestamps.Expected}.");
    }

    private InputException Wrong(int column, string message) => column >= 0 ? _csv.Wrong(column, message) : new InputException($"--default {message}");

    /// <summary>FNV-1a, 64 bits, over what the line says.</summary>
    private ulong Hash()
    {
        ulong hash = 14695981039346656037;
        foreach (int column in (ReadOnlySpan<int>)[_user, _item, _rating, _timestamp])
        {
            foreach (byte b in column < 0 ? [] : _csv.Field(column))
            {
                hash = (hash ^ b) * 1099511628211;
            }

            // No byte of UTF-8: keeps "ab","c" apart from "a","bc".
            hash = (hash ^ 0xFF) * 1099511628211;
        }

        return hash;
    }

    private int Column(string file, string field, bool required)
    {
        string name = _map.ColumnOf(field) ?? field;
        int index = _csv.IndexOf(name);
        return index >= 0 || (!required && _map.ColumnOf(field) is null)
            ? index
            : throw new InputException(file, 1, 1, $"there is no column '{name}' for {field}; expected one of {string.Join(", ", _csv.Header)} (see --map).");
    }

    private static string Rfc3339(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
}

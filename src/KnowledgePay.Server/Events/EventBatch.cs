using System.Collections.Immutable;
using System.Text.Json;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Server.Problems;
using KnowledgePay.Server.Requests;

namespace KnowledgePay.Server.Events;

/// <summary>An event that was not taken.</summary>
/// <param name="Index">Place in the batch, 0 for the first; for NDJSON the line, blank ones counted.</param>
/// <param name="Id">The event's id, as far as it had one.</param>
/// <param name="Errors">Messages by JSON pointer into the event.</param>
public sealed record RejectedEvent(int Index, string? Id, ImmutableSortedDictionary<string, ImmutableArray<string>> Errors);

/// <summary>What became of the events of a request; those accepted are durable.</summary>
/// <param name="Accepted">Events that are new.</param>
/// <param name="Duplicates">Events that were there already, by source and id.</param>
/// <param name="Rejected">Events that are not valid; nothing of them was kept.</param>
public sealed record EventsAnswer(int Accepted, int Duplicates, IReadOnlyList<RejectedEvent> Rejected);

/// <summary>The events of one request by subject, in the order in which they came.</summary>
public sealed class EventBatch(EventReader reader, int mostEvents)
{
    private readonly Dictionary<string, ImmutableArray<IncomingEvent>.Builder> _users = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ImmutableArray<IncomingEvent>.Builder> _courses = new(StringComparer.Ordinal);
    private readonly List<RejectedEvent> _rejected = [];

    public IReadOnlyDictionary<string, ImmutableArray<IncomingEvent>.Builder> Users => _users;

    public IReadOnlyDictionary<string, ImmutableArray<IncomingEvent>.Builder> Courses => _courses;

    public IReadOnlyList<RejectedEvent> Rejected => _rejected;

    /// <summary>Reads newline-delimited events. A line that is wrong is rejected by its number; the others are kept.</summary>
    public void ReadLines(ReadOnlySpan<byte> body)
    {
        int line = 0, events = 0;
        while (!body.IsEmpty)
        {
            int end = body.IndexOf((byte)'\n');
            ReadOnlySpan<byte> text = end < 0 ? body : body[..end];
            body = end < 0 ? [] : body[(end + 1)..];
            if (!text.Trim(" \t\r"u8).IsEmpty)
            {
                RequireRoom(++events);
                Add(line, reader.Read(text));
            }

            line++;
        }
    }

    /// <summary>Reads a JSON array of events. An element that is wrong is rejected by its index; bytes that are not a JSON array are refused as a whole.</summary>
    public void ReadArray(ReadOnlySpan<byte> body)
    {
        RequestBody.RequireUtf8(body);
        var slices = new List<Range>();
        try
        {
            var outer = new Utf8JsonReader(body, JsonFields.ReaderOptions);
            outer.Read();
            if (outer.TokenType != JsonTokenType.StartArray)
            {
                throw new RequestRefusedException(HttpProblems.Malformed("", "must be a JSON array of CloudEvents."));
            }

            while (outer.Read() && outer.TokenType != JsonTokenType.EndArray)
            {
                int start = (int)outer.TokenStartIndex;
                outer.Skip();
                RequireRoom(slices.Count + 1);
                slices.Add(start..(int)outer.BytesConsumed);
            }

            outer.Read();
        }
        catch (JsonException e)
        {
            throw RequestBody.Malformed(body, e);
        }

        for (int i = 0; i < slices.Count; i++)
        {
            Add(i, reader.Read(body[slices[i]]));
        }
    }

    /// <summary>Adds what the reader read last.</summary>
    public void Add(int index, IncomingEvent? read)
    {
        if (read is null)
        {
            _rejected.Add(new RejectedEvent(index, reader.Id, reader.Errors.ByPointer()));
            return;
        }

        Dictionary<string, ImmutableArray<IncomingEvent>.Builder> bySubject = reader.IsAboutCourse ? _courses : _users;
        if (!bySubject.TryGetValue(reader.Subject, out ImmutableArray<IncomingEvent>.Builder? events))
        {
            bySubject[reader.Subject] = events = ImmutableArray.CreateBuilder<IncomingEvent>(4);
        }

        events.Add(read);
    }

    private void RequireRoom(int events)
    {
        if (events > mostEvents)
        {
            throw new RequestRefusedException(new()
            {
                Type = HttpProblems.TooLarge,
                Status = StatusCodes.Status413PayloadTooLarge,
                Title = "The batch is too large.",
                Detail = $"At most {mostEvents} events are taken at once; nothing was done.",
            });
        }
    }
}

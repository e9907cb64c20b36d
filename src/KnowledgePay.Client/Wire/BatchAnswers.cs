using System.Text.Json;

namespace KnowledgePay.Client.Wire;

/// <summary>What became of a batch of events: all that is counted as accepted is durable.</summary>
public sealed record EventsReceipt
{
    public required long Accepted { get; init; }

    /// <summary>Events that the server already held, by (source, id).</summary>
    public long Duplicates { get; init; }

    public IReadOnlyList<RejectedLine> Rejected { get; init => field = value ?? []; } = [];
}

/// <summary>What became of a batch of courses.</summary>
public sealed record CoursesReceipt
{
    public required long Accepted { get; init; }

    public IReadOnlyList<RejectedLine> Rejected { get; init => field = value ?? []; } = [];
}

/// <summary>One entry of a batch that was not taken.</summary>
public sealed record RejectedLine
{
    /// <summary>Place in the batch, 0 for the first.</summary>
    public required int Index { get; init; }

    public string? Id { get; init; }

    /// <summary>Messages by JSON pointer into the entry.</summary>
    public JsonElement Errors { get; init; }

    /// <summary>The errors in one line.</summary>
    public string Describe() => Errors.ValueKind != JsonValueKind.Object
        ? Errors.ToString()
        : string.Join(' ', Errors.EnumerateObject().Select(field => $"{field.Name}: {Messages(field.Value)}"));

    private static string Messages(JsonElement value) => value.ValueKind == JsonValueKind.Array
        ? string.Join(' ', value.EnumerateArray().Select(message => message.ToString()))
        : value.ToString();
}

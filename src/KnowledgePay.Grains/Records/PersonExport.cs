using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Json.Serialization;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Contracts.Grains;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Grains.Events;
using KnowledgePay.Storage;
using Orleans;

namespace KnowledgePay.Grains.Records;

/// <summary>Everything held about one person, as one JSON object: the right of access.</summary>
public sealed class PersonExport(IGrainFactory grains, IEngineStore store, EventCodecSource codec, IDecisionRecords records, IReviewQueue reviews) : IPersonExport
{
    private const int FlushBytes = 64 * 1024;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public async ValueTask<bool> Write(string userId, Stream output, CancellationToken cancellation)
    {
        var view = await grains.GetGrain<IUserGrain>(userId).View();
        if (view.Value is null || await store.Keys.Find(StreamNames.OfUser(userId), cancellation) is not { } key)
        {
            return false;
        }

        // The serializer flushes its writer by itself, synchronously, which a response's stream refuses: a pipe buffers between them.
        PipeWriter pipe = PipeWriter.Create(output, new StreamPipeWriterOptions(leaveOpen: true));
        await using var writer = new Utf8JsonWriter(pipe, new JsonWriterOptions { Encoder = Json.Encoder });
        writer.WriteStartObject();
        writer.WriteString("userId", userId);
        writer.WritePropertyName("profile");
        JsonSerializer.Serialize(writer, view.Value, Json);
        writer.WritePropertyName("consent");
        JsonSerializer.Serialize(writer, view.Value.Consent, Json);
        writer.WriteStartArray("events");
        await foreach (JournalEntry entry in store.Journal.ReadStream(key.Stream, 0, cancellation))
        {
            if (entry.Payload.Length == 0)
            {
                // The person is being erased at this moment.
                break;
            }

            WriteEvent(writer, entry.Sequence, codec.Codec.Decode(key, entry.Payload));
            await FlushWhenFull(writer, pipe, cancellation);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("decisions");
        List<string> notApproved = [];
        await foreach (DecisionRecord record in records.OfUser(userId, cancellation))
        {
            if (record is { Kind: DecisionKind.Credit, Outcome: not "approved" })
            {
                notApproved.Add(record.DecisionId);
            }

            JsonSerializer.Serialize(writer, record, Json);
            await FlushWhenFull(writer, pipe, cancellation);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("reviews");
        foreach (string decisionId in notApproved)
        {
            if (await reviews.Find(ReviewDesk.IdOf(decisionId), cancellation) is { } review)
            {
                JsonSerializer.Serialize(writer, review, Json);
                await FlushWhenFull(writer, pipe, cancellation);
            }
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.Flush();
        await pipe.FlushAsync(cancellation);
        await pipe.CompleteAsync();
        return true;
    }

    private static void WriteEvent(Utf8JsonWriter writer, long sequence, StoredEvent e)
    {
        writer.WriteStartObject();
        writer.WriteNumber("sequence", sequence);
        writer.WriteString("type", EventTypes.NameOf(e.Data));
        writer.WriteString("source", e.Source);
        writer.WriteString("id", e.Id);
        writer.WriteString("time", e.Time);
        writer.WriteString("receivedAt", e.ReceivedAt);
        writer.WritePropertyName("data");
        JsonSerializer.Serialize(writer, e.Data, e.Data.GetType(), Json);
        if (e.Facts.Sentiment is { } sentiment)
        {
            writer.WriteNumber("sentiment", sentiment);
        }

        if (e.Facts.PaymentRisk is { } risk)
        {
            writer.WriteNumber("paymentRisk", risk);
            writer.WriteString("paymentRiskBy", e.Facts.PaymentRiskBy);
        }

        writer.WriteEndObject();
    }

    private static async ValueTask FlushWhenFull(Utf8JsonWriter writer, PipeWriter pipe, CancellationToken cancellation)
    {
        if (pipe.UnflushedBytes + writer.BytesPending >= FlushBytes)
        {
            writer.Flush();
            await pipe.FlushAsync(cancellation);
        }
    }
}

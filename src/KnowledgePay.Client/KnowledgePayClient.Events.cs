using System.Buffers;
using System.IO.Compression;
using System.Text.Json;
using KnowledgePay.Client.Events;
using KnowledgePay.Client.Retrying;
using KnowledgePay.Client.Wire;

namespace KnowledgePay.Client;

public sealed partial class KnowledgePayClient
{
    /// <summary>Smaller bodies are sent as they are: compressing them costs more than it saves.</summary>
    private const int SmallestCompressedBytes = 1024;

    /// <summary><c>POST /v1/events</c>: sends events as one gzip NDJSON batch. All that is counted as accepted is durable.</summary>
    /// <remarks>Safe to repeat: the server keeps an event once by its (source, id).</remarks>
    public Task<EventsReceipt> PostEvents(IReadOnlyCollection<OutgoingEvent> events, CancellationToken cancellation = default)
    {
        if (events.Count == 0)
        {
            return Task.FromResult(new EventsReceipt { Accepted = 0 });
        }

        var buffer = new ArrayBufferWriter<byte>(events.Count * 256);
        using var writer = new Utf8JsonWriter(buffer, CloudEventWriter.WriterOptions);
        foreach (OutgoingEvent outgoing in events)
        {
            CloudEventWriter.WriteLine(buffer, writer, outgoing);
        }

        return PostEventLines(buffer.WrittenMemory, cancellation);
    }

    /// <summary>Sends a stream of events in batches, one after another, so that a person's events keep their order; yields a receipt for each batch.</summary>
    /// <param name="batchSize">Events a request, 1–10,000.</param>
    public async IAsyncEnumerable<EventsReceipt> PostEvents(
        IAsyncEnumerable<OutgoingEvent> events,
        int batchSize = 1000,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(batchSize, 10_000);
        var batch = new List<OutgoingEvent>(batchSize);
        await foreach (OutgoingEvent outgoing in events.WithCancellation(cancellation).ConfigureAwait(false))
        {
            batch.Add(outgoing);
            if (batch.Count == batchSize)
            {
                yield return await PostEvents(batch, cancellation).ConfigureAwait(false);
                batch.Clear();
            }
        }

        if (batch.Count > 0)
        {
            yield return await PostEvents(batch, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Sends CloudEvents that are already NDJSON (one event a line), compressed on the way.</summary>
    /// <param name="ndjson">Must stay unchanged until the call ends.</param>
    public Task<EventsReceipt> PostEventLines(ReadOnlyMemory<byte> ndjson, CancellationToken cancellation = default) =>
        Call(HttpMethod.Post, "v1/events", Lines(ndjson), RepeatSafety.Harmless, Reading(WireJson.Default.EventsReceipt), null, cancellation);

    private static Func<HttpContent> Lines(ReadOnlyMemory<byte> ndjson)
    {
        if (ndjson.Length < SmallestCompressedBytes)
        {
            return () => Bytes(ndjson, "application/x-ndjson");
        }

        ReadOnlyMemory<byte> compressed = Compress(ndjson);
        return () =>
        {
            ReadOnlyMemoryContent content = Bytes(compressed, "application/x-ndjson");
            content.Headers.ContentEncoding.Add("gzip");
            return content;
        };
    }

    private static ReadOnlyMemory<byte> Compress(ReadOnlyMemory<byte> plain)
    {
        var output = new MemoryStream(plain.Length / 6);
        using (var gzip = new GZipStream(output, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(plain.Span);
        }

        return output.GetBuffer().AsMemory(0, (int)output.Length);
    }
}

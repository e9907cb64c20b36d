using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Grains;
using KnowledgePay.Grains.Catalogue;
using KnowledgePay.Server.Access;
using KnowledgePay.Server.Answers;
using KnowledgePay.Server.Documentation;
using KnowledgePay.Server.Events;
using KnowledgePay.Server.Hosting;
using KnowledgePay.Server.Problems;
using KnowledgePay.Server.Requests;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace KnowledgePay.Server.Apis;

/// <summary>Events in: CloudEvents 1.0 over HTTP, in every content mode.</summary>
public static class EventsApi
{
    private const string Modes =
        "Send application/cloudevents+json (one event), application/cloudevents-batch+json (an array), application/x-ndjson (one event a line), "
        + "or application/json with ce-* headers (binary mode).";

    public static void MapEvents(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/events", Post)
            .RequireAuthorization(Roles.Platform)
            .Bulk(routes.ServiceProvider)
            .WithTags("Events")
            .Describe(
                "sendEvents",
                "Send events",
                "Takes CloudEvents 1.0 in binary, structured and batched mode and as newline-delimited JSON, compressed with gzip, br or deflate or not. "
                + "The answer comes after the accepted events are durable. (source, id) is what makes an event the same event: sending it again is harmless. "
                + "In a batch the good events are kept and the others are listed by index (for NDJSON the line, 0 for the first, blank lines counted); "
                + "a single event that is not valid is answered 422.")
            .WithMetadata(new EventsBody())
            .Produces<EventsAnswer>()
            .Refuses(400, 413, 415, 422);

    private static async Task Post(
        HttpContext context,
        [FromServices] ICatalogue catalogue,
        [FromServices] EventIngestion ingestion,
        [FromServices] TimeProvider time,
        [FromServices] IOptions<HttpLimits> limits)
    {
        ContentMode mode = ModeOf(context.Request);
        EventBatch batch;
        using (RequestBody body = await RequestBody.Read(context, limits.Value.BulkBodyBytes))
        {
            var reader = new EventReader(catalogue.Current, time.GetUtcNow());
            batch = new EventBatch(reader, limits.Value.EventsPerRequest);
            Read(context.Request, mode, body, reader, batch);
        }

        EventsAnswer answer;
        try
        {
            answer = await ingestion.Send(batch);
        }
        catch (Exception e) when (e is StoreUnavailableException or TimeoutException)
        {
            throw new RequestRefusedException(HttpProblems.StoreDown(
                "Not all events became durable. Send the whole request again: those that did are counted as duplicates then."));
        }

        await AnswerWriter.Write(context, answer);
    }

    private static void Read(HttpRequest request, ContentMode mode, RequestBody body, EventReader reader, EventBatch batch)
    {
        switch (mode)
        {
            case ContentMode.Lines:
                batch.ReadLines(body.Span);
                return;
            case ContentMode.Batch:
                batch.ReadArray(body.Span);
                return;
            case ContentMode.Structured:
                RequestBody.RequireUtf8(body.Span);
                if (MalformedJson.Locate(body.Span) is { } at)
                {
                    throw new RequestRefusedException(HttpProblems.Malformed(at.Pointer, at.Message));
                }

                batch.Add(0, reader.Read(body.Span));
                break;
            default:
                batch.Add(0, reader.ReadBinary(request.Headers, request.ContentType, body.Span));
                break;
        }

        if (batch.Rejected.Count > 0)
        {
            throw new RequestRefusedException(HttpProblems.Invalid(reader.Errors));
        }
    }

    private static ContentMode ModeOf(HttpRequest request)
    {
        if (MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type) && RequestBody.IsUtf8(type))
        {
            if (type.MediaType.Equals("application/x-ndjson", StringComparison.OrdinalIgnoreCase)
                || type.MediaType.Equals("application/jsonl", StringComparison.OrdinalIgnoreCase)
                || type.MediaType.Equals("application/ndjson", StringComparison.OrdinalIgnoreCase))
            {
                return ContentMode.Lines;
            }

            if (type.MediaType.Equals("application/cloudevents-batch+json", StringComparison.OrdinalIgnoreCase))
            {
                return ContentMode.Batch;
            }

            if (type.MediaType.Equals("application/cloudevents+json", StringComparison.OrdinalIgnoreCase))
            {
                return ContentMode.Structured;
            }
        }

        // A binary event without a body has no Content-Type either; what it lacks is said field by field.
        bool isBinary = request.Headers.Any(h => h.Key.StartsWith("ce-", StringComparison.OrdinalIgnoreCase));
        return isBinary && (string.IsNullOrEmpty(request.ContentType) || RequestBody.IsJson(request.ContentType))
            ? ContentMode.Binary
            : throw new RequestRefusedException(HttpProblems.MediaType(Modes));
    }

    private enum ContentMode
    {
        Structured,
        Batch,
        Lines,
        Binary,
    }
}

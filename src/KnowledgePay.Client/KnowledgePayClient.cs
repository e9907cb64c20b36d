using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using KnowledgePay.Client.Retrying;
using KnowledgePay.Client.Wire;

namespace KnowledgePay.Client;

/// <summary>A typed client of a KnowledgePay server; safe for concurrent use.</summary>
/// <remarks>
/// Requests whose repetition is harmless (reads, replacements, deletions, events, decisions, and posts that carry an
/// <c>Idempotency-Key</c>, which the client makes by itself) are sent again after 429, 503 and lost connections within
/// <see cref="KnowledgePayClientOptions.Retry"/>. Every method throws <see cref="KnowledgePayProblemException"/> when the
/// server refuses and <see cref="HttpRequestException"/> when it cannot be reached.
/// </remarks>
public sealed partial class KnowledgePayClient
{
    private readonly KnowledgePayClientOptions _options;
    private readonly Uri _server;
    private readonly RetryingSender _sender;

    /// <exception cref="ArgumentException">An option is missing or out of range.</exception>
    public KnowledgePayClient(HttpClient http, KnowledgePayClientOptions options)
    {
        options.Validate(http.BaseAddress);
        _options = options;
        Uri server = options.Server ?? http.BaseAddress!;
        _server = server.AbsoluteUri.EndsWith('/') ? server : new Uri(server.AbsoluteUri + "/");
        _sender = new RetryingSender(http, options.Retry, options.Time);
    }

    /// <summary><c>GET /v1/ping</c>: does nothing; what a round trip costs.</summary>
    public Task Ping(CancellationToken cancellation = default) =>
        Call(HttpMethod.Get, "v1/ping", null, RepeatSafety.Harmless, static (_, _) => Task.FromResult(true), null, cancellation);

    private Task<T> Get<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellation) =>
        Call(HttpMethod.Get, path, null, RepeatSafety.Harmless, Reading(type), null, cancellation);

    private async Task<T?> GetOrNull<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellation)
        where T : class
    {
        try
        {
            return await Get(path, type, cancellation).ConfigureAwait(false);
        }
        catch (KnowledgePayProblemException problem) when (problem.Status == 404)
        {
            return null;
        }
    }

    private Task Put<T>(string path, T body, JsonTypeInfo<T> type, CancellationToken cancellation) =>
        Call(HttpMethod.Put, path, Json(body, type), RepeatSafety.Harmless, static (_, _) => Task.FromResult(true), null, cancellation);

    private Task<TAnswer> Post<TBody, TAnswer>(
        string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TAnswer> answerType, RepeatSafety safety, string? idempotencyKey, CancellationToken cancellation) =>
        Call(HttpMethod.Post, path, Json(body, bodyType), safety, Reading(answerType), idempotencyKey, cancellation);

    private Task<T> Call<T>(
        HttpMethod method,
        string path,
        Func<HttpContent>? content,
        RepeatSafety safety,
        Func<HttpResponseMessage, CancellationToken, Task<T>> read,
        string? idempotencyKey,
        CancellationToken cancellation,
        string accept = "application/json") => _sender.Send(
            () =>
            {
                var request = new HttpRequestMessage(method, new Uri(_server, path)) { Content = content?.Invoke() };
                request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(accept));
                if (_options.Key is { } key)
                {
                    request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
                }

                if (_options.Language is { } language)
                {
                    request.Headers.TryAddWithoutValidation("Accept-Language", language);
                }

                if (idempotencyKey is not null)
                {
                    request.Headers.TryAddWithoutValidation("Idempotency-Key", idempotencyKey);
                }

                return request;
            },
            safety,
            read,
            cancellation);

    private static Func<HttpContent> Json<T>(T body, JsonTypeInfo<T> type)
    {
        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(body, type);
        return () => Bytes(bytes, "application/json");
    }

    private static ReadOnlyMemoryContent Bytes(ReadOnlyMemory<byte> bytes, string mediaType)
    {
        var content = new ReadOnlyMemoryContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        return content;
    }

    private static Func<HttpResponseMessage, CancellationToken, Task<T>> Reading<T>(JsonTypeInfo<T> type) => async (response, cancellation) =>
    {
        await using Stream body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        return await JsonSerializer.DeserializeAsync(body, type, cancellation).ConfigureAwait(false)
            ?? throw new JsonException("The answer is null where an object was expected.");
    };

    /// <summary>Reads a list that stands alone or as the one array of an object.</summary>
    private async Task<IReadOnlyList<T>> GetList<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        JsonElement root = await Get(path, WireJson.Default.JsonElement, cancellation).ConfigureAwait(false);
        JsonElement list = root.ValueKind == JsonValueKind.Object
            ? root.EnumerateObject().Select(property => property.Value).FirstOrDefault(value => value.ValueKind == JsonValueKind.Array)
            : root;
        return list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray().Select(entry => entry.Deserialize(type)!)]
            : throw new JsonException($"The answer of {path} holds no array.");
    }

    private static string Escape(string id) => Uri.EscapeDataString(id);

    private static string NewIdempotencyKey() => Guid.NewGuid().ToString("N");

    private static string Query(params ReadOnlySpan<(string Name, string? Value)> parts)
    {
        var text = new System.Text.StringBuilder();
        foreach ((string name, string? value) in parts)
        {
            if (value is not null)
            {
                text.Append(text.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Escape(value));
            }
        }

        return text.ToString();
    }
}

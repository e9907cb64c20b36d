using System.Collections.Immutable;
using System.Text.Json;

namespace KnowledgePay.Client;

/// <summary>Reads a refusal, whatever its body is.</summary>
internal static class ProblemReader
{
    /// <summary>A larger body is not a problem document; it is left unread.</summary>
    private const int LargestBodyBytes = 1 << 20;

    public static async Task<KnowledgePayProblemException> Read(HttpResponseMessage response, TimeSpan? retryAfter, CancellationToken cancellation)
    {
        int status = (int)response.StatusCode;
        string title = string.IsNullOrEmpty(response.ReasonPhrase) ? "The server refused the request." : response.ReasonPhrase;
        var none = ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty;
        string mediaType = response.Content.Headers.ContentType?.MediaType ?? "";
        if (!mediaType.EndsWith("json", StringComparison.OrdinalIgnoreCase) || response.Content.Headers.ContentLength > LargestBodyBytes)
        {
            return new KnowledgePayProblemException("", status, title, null, none, retryAfter);
        }

        try
        {
            await response.Content.LoadIntoBufferAsync(LargestBodyBytes, cancellation).ConfigureAwait(false);
            await using Stream body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
            using JsonDocument document = await JsonDocument.ParseAsync(body, cancellationToken: cancellation).ConfigureAwait(false);
            JsonElement root = document.RootElement;
            return root.ValueKind != JsonValueKind.Object
                ? new KnowledgePayProblemException("", status, title, null, none, retryAfter)
                : new KnowledgePayProblemException(Text(root, "type") ?? "", status, Text(root, "title") ?? title, Text(root, "detail"), Errors(root), retryAfter);
        }
        catch (Exception unreadable) when (unreadable is JsonException or HttpRequestException or IOException)
        {
            return new KnowledgePayProblemException("", status, title, null, none, retryAfter);
        }
    }

    /// <summary><c>errors</c> by pointer; a message may stand alone or in an array.</summary>
    internal static ImmutableSortedDictionary<string, ImmutableArray<string>> Errors(JsonElement root)
    {
        var errors = ImmutableSortedDictionary.CreateBuilder<string, ImmutableArray<string>>(StringComparer.Ordinal);
        if (root.TryGetProperty("errors", out JsonElement found) && found.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty field in found.EnumerateObject())
            {
                errors[field.Name] = field.Value.ValueKind == JsonValueKind.Array
                    ? [.. field.Value.EnumerateArray().Select(message => message.ToString())]
                    : [field.Value.ToString()];
            }
        }

        return errors.ToImmutable();
    }

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using KnowledgePay.Client.Retrying;
using KnowledgePay.Client.Wire;
using KnowledgePay.Contracts.Partners;
using KnowledgePay.Contracts.People;

namespace KnowledgePay.Client;

public sealed partial class KnowledgePayClient
{
    /// <summary><c>GET /v1/users/{id}</c>; null when nothing is held.</summary>
    public Task<UserView?> GetUser(string userId, CancellationToken cancellation = default) =>
        GetOrNull($"v1/users/{Escape(userId)}", WireJson.Default.UserView, cancellation);

    /// <summary><c>GET /v1/users/{id}/export</c>: all that is held, as the server writes it.</summary>
    public Task<JsonElement> ExportUser(string userId, CancellationToken cancellation = default) =>
        Get($"v1/users/{Escape(userId)}/export", WireJson.Default.JsonElement, cancellation);

    /// <summary><c>DELETE /v1/users/{id}</c>: erases the person. Erasing somebody who is not there is no error.</summary>
    public Task EraseUser(string userId, CancellationToken cancellation = default) => Delete($"v1/users/{Escape(userId)}", cancellation);

    public Task<Consent> GetConsent(string userId, CancellationToken cancellation = default) =>
        Get($"v1/users/{Escape(userId)}/consent", WireJson.Default.Consent, cancellation);

    public Task PutConsent(string userId, Consent consent, CancellationToken cancellation = default) =>
        Put($"v1/users/{Escape(userId)}/consent", consent, WireJson.Default.Consent, cancellation);

    /// <summary><c>GET /v1/partners/{id}/dashboard</c>; both days are included.</summary>
    public Task<Dashboard> GetDashboard(string partnerId, DateOnly? from = null, DateOnly? to = null, CancellationToken cancellation = default) =>
        Get($"v1/partners/{Escape(partnerId)}/dashboard{Query(("from", Day(from)), ("to", Day(to)))}", WireJson.Default.Dashboard, cancellation);

    /// <summary><c>GET /v1/partners/{id}/dashboard/stream</c>: a dashboard now and whenever it changes, until cancelled or the server ends it.</summary>
    public async IAsyncEnumerable<Dashboard> StreamDashboard(
        string partnerId, DateOnly? from = null, DateOnly? to = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        string path = $"v1/partners/{Escape(partnerId)}/dashboard/stream{Query(("from", Day(from)), ("to", Day(to)))}";
        using HttpResponseMessage response = await Call(
            HttpMethod.Get, path, null, RepeatSafety.Harmless, static (response, _) => Task.FromResult(response), null, cancellation, "text/event-stream").ConfigureAwait(false);
        await using Stream body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        SseParser<Dashboard?> parser = SseParser.Create(body, static (_, data) => data.IsEmpty ? null : JsonSerializer.Deserialize(data, WireJson.Default.Dashboard));
        await foreach (SseItem<Dashboard?> item in parser.EnumerateAsync(cancellation).ConfigureAwait(false))
        {
            if (item.Data is { } dashboard)
            {
                yield return dashboard;
            }
        }
    }

    /// <summary><c>POST /v1/keys</c>: makes an access key; its secret is in this answer only. Not repeated when the answer is lost.</summary>
    public Task<AccessKeyView> CreateKey(NewAccessKey key, CancellationToken cancellation = default) =>
        Post("v1/keys", key, WireJson.Default.NewAccessKey, WireJson.Default.AccessKeyView, RepeatSafety.AfterRefusal, null, cancellation);

    public Task<IReadOnlyList<AccessKeyView>> GetKeys(CancellationToken cancellation = default) =>
        GetList("v1/keys", WireJson.Default.AccessKeyView, cancellation);

    public Task RevokeKey(string keyId, CancellationToken cancellation = default) => Delete($"v1/keys/{Escape(keyId)}", cancellation);

    /// <summary>A repeat that finds nothing left to delete is the first try's success.</summary>
    private async Task Delete(string path, CancellationToken cancellation)
    {
        try
        {
            await Call(HttpMethod.Delete, path, null, RepeatSafety.Harmless, static (_, _) => Task.FromResult(true), null, cancellation).ConfigureAwait(false);
        }
        catch (KnowledgePayProblemException problem) when (problem.Status == 404)
        {
        }
    }

    private static string? Day(DateOnly? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}

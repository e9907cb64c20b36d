using System.Text.Json;

namespace KnowledgePay.Server.Tests;

public sealed class AccessTests(RunningServer server)
{
    private static readonly string[] Methods = ["get", "put", "post", "delete"];

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_a_key_only_health_and_documents_are_open()
    {
        foreach ((string method, string path, bool open) in await Operations())
        {
            Reply answer = await Call("nobody", method, path);
            if (open)
            {
                Assert.True(answer.Status is 200 or 503, $"{method} {path}: {answer.Status}");
            }
            else
            {
                Assert.True(answer.Status == 401, $"{method} {path}: {answer.Status}");
                answer.IsProblem(401, "unauthenticated");
                Assert.Equal("Bearer", answer.Message.Headers.WwwAuthenticate.ToString());
            }
        }
    }

    [Fact]
    public async Task A_partner_reaches_nothing_of_another_partner_anywhere_in_the_document()
    {
        int refused = 0;
        foreach ((string method, string path, bool open) in await Operations())
        {
            if (open || path.StartsWith("/v1/partners/p-a", StringComparison.Ordinal) is false && path.StartsWith("/v1/partners", StringComparison.Ordinal))
            {
                continue;
            }

            Reply answer = await Call("other-partner", method, path);
            Assert.True(answer.Status is 401 or 403 or 404, $"{method} {path}: {answer.Status} {answer.Body}");
            Assert.Equal("application/problem+json", answer.MediaType);
            Assert.False(answer.Body.TryGetProperty("products", out _));
            refused++;
        }

        Assert.True(refused > 20, $"Only {refused} operations were tried.");
    }

    [Fact]
    public async Task An_auditor_changes_nothing()
    {
        foreach ((string method, string path, bool open) in await Operations())
        {
            if (!open && method != "get")
            {
                (await Call("auditor", method, path)).IsProblem(403, "forbidden");
            }
        }
    }

    [Fact]
    public async Task A_partner_sees_its_own_dashboard()
    {
        Reply own = await Call("partner", "get", "/v1/partners/p-a/dashboard?from=2026-01-01&to=2026-01-31");
        Assert.Equal(200, own.Status);
        Assert.Equal("card", own["products"][0].GetProperty("productId").GetString());
        (await Call("partner", "get", "/v1/partners/p-a/dashboard?from=2026-02-01&to=2026-01-31")).IsProblem(422, "invalid-request", "?to");
        (await Call("partner", "get", "/v1/partners/p-a/dashboard?from=yesterday")).IsProblem(422, "invalid-request", "?from");
    }

    [Fact]
    public async Task A_dashboard_streams_as_server_sent_events()
    {
        using HttpResponseMessage answer = await server.As("partner").GetAsync("/v1/partners/p-a/dashboard/stream", HttpCompletionOption.ResponseHeadersRead, Ending);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType!.MediaType);
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(Ending));
        Assert.Equal("event: dashboard", await lines.ReadLineAsync(Ending));
        Assert.Equal("id: 1", await lines.ReadLineAsync(Ending));
        Assert.StartsWith("data: {\"partnerId\":\"p-a\"", await lines.ReadLineAsync(Ending));
    }

    [Fact]
    public async Task Keys_are_kept_nowhere_in_clear()
    {
        string[] files = [.. Directory.EnumerateFiles(server.DataDirectory, "*", SearchOption.AllDirectories).Where(f => !f.EndsWith(".lock", StringComparison.Ordinal))];
        Assert.NotEmpty(files);
        foreach (string file in files)
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var copy = new MemoryStream();
            await stream.CopyToAsync(copy, Ending);
            foreach (string secret in server.Secrets.Values)
            {
                Assert.True(copy.GetBuffer().AsSpan(0, (int)copy.Length).IndexOf(System.Text.Encoding.ASCII.GetBytes(secret)) < 0, file);
            }
        }
    }

    [Fact]
    public async Task An_unknown_address_and_a_wrong_method_are_problems()
    {
        (await Call("platform", "get", "/v1/nothing")).IsProblem(404, "not-found");
        Reply method = await Call("platform", "delete", "/v1/trending");
        method.IsProblem(405, "method-not-allowed");
        Assert.Contains("GET", method.Message.Content.Headers.Allow);
        Assert.Equal("nosniff", method.Message.Headers.GetValues("X-Content-Type-Options").Single());
    }

    private async Task<List<(string Method, string Path, bool Open)>> Operations()
    {
        Reply document = await Reply.Of(server.Nobody.GetAsync("/openapi/v1.json", Ending));
        Assert.Equal(200, document.Status);
        List<(string, string, bool)> operations = [];
        foreach (JsonProperty path in document["paths"].EnumerateObject())
        {
            string address = path.Name.StartsWith("/v1/partners", StringComparison.Ordinal)
                ? path.Name.Replace("{id}", "p-a", StringComparison.Ordinal).Replace("{pid}", "card", StringComparison.Ordinal)
                : System.Text.RegularExpressions.Regex.Replace(path.Name, @"\{\w+\}", "c1");
            operations.AddRange(path.Value.EnumerateObject().Where(o => Methods.Contains(o.Name)).Select(o =>
                (o.Name, address, !o.Value.TryGetProperty("security", out JsonElement security) || security.GetArrayLength() == 0)));
        }

        Assert.True(operations.Count > 25);
        return operations;
    }

    private async Task<Reply> Call(string role, string method, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Parse(method), path);
        if (method is "put" or "post")
        {
            request.Content = RunningServer.Json("{}");
        }

        return await Reply.Of(server.As(role).SendAsync(request, Ending));
    }
}

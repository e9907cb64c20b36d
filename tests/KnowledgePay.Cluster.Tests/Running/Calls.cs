using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace KnowledgePay.Cluster.Tests;

/// <summary>An answer, read to its end.</summary>
public readonly record struct Answered(int Status, string Text)
{
    public JsonElement Json => JsonDocument.Parse(Text).RootElement;

    public Answered Is(int status)
    {
        Assert.True(Status == status, $"{Status}: {Text}");
        return this;
    }

    /// <summary>200, or 503: then the same may be asked again.</summary>
    public bool IsThere()
    {
        Assert.True(Status is 200 or 503, $"{Status}: {Text}");
        return Status == 200;
    }

    /// <summary>200 or 201.</summary>
    public Answered IsSuccess()
    {
        Assert.True(Status is 200 or 201, $"{Status}: {Text}");
        return this;
    }
}

/// <summary>Requests to a silo.</summary>
public static class Calls
{
    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    public static Task<Answered> Get(this SiloProcess silo, string path) => Send(silo.Http, new HttpRequestMessage(HttpMethod.Get, path));

    public static Task<Answered> Put(this SiloProcess silo, string path, string json) => Send(silo.Http, new HttpRequestMessage(HttpMethod.Put, path) { Content = Json(json) });

    public static Task<Answered> Delete(this SiloProcess silo, string path) => Send(silo.Http, new HttpRequestMessage(HttpMethod.Delete, path));

    public static Task<Answered> Post(this SiloProcess silo, string path, string json, string? idempotencyKey = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = Json(json) };
        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        return Send(silo.Http, request);
    }

    /// <summary>Sends events, one CloudEvent a line.</summary>
    public static Task<Answered> Events(this SiloProcess silo, IEnumerable<string> lines) => Send(
        silo.Http,
        new HttpRequestMessage(HttpMethod.Post, "/v1/events") { Content = new StringContent(string.Join('\n', lines), Encoding.UTF8, new MediaTypeHeaderValue("application/x-ndjson")) });

    public static async Task PutCourses(this SiloProcess silo, string prefix, int count)
    {
        string lines = string.Join('\n', Enumerable.Range(0, count).Select(c => $$$"""{"id":"{{{prefix}}}-{{{c}}}","title":"Course {{{c}}}","category":"of {{{c % 3}}}","listPrice":{"currency":"CNY","minorUnits":9900} }"""));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/courses") { Content = new StringContent(lines, Encoding.UTF8, new MediaTypeHeaderValue("application/x-ndjson")) };
        (await Send(silo.Http, request)).IsSuccess();
    }

    /// <summary>A figure of <c>/metrics</c>; several series of one name are added.</summary>
    public static async Task<double> Metric(this SiloProcess silo, string name) =>
        (await silo.Get("/metrics")).Is(200).Text.Split('\n')
            .Where(line => line.StartsWith(name, StringComparison.Ordinal) && line.Length > name.Length && line[name.Length] is ' ' or '{')
            .Sum(line => double.Parse(line[(line.LastIndexOf('}') + 1)..].Trim().Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>Asks until the answer is as expected; fails with the last one, or with why there was none, when that takes too long. Returns how long it took.</summary>
    public static async Task<TimeSpan> Until(Func<Task<(bool IsSo, string Seen)>> ask, int seconds = 60)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            (bool isSo, string seen) = await Asked(ask);
            if (isSo)
            {
                return waited.Elapsed;
            }

            Assert.True(waited.Elapsed < TimeSpan.FromSeconds(seconds), $"After {waited.Elapsed.TotalSeconds:F0} s: {seen}");
            await Task.Delay(20, Ending);
        }
    }

    private static async Task<(bool IsSo, string Seen)> Asked(Func<Task<(bool IsSo, string Seen)>> ask)
    {
        try
        {
            return await ask();
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException && !Ending.IsCancellationRequested)
        {
            return (false, e.ToString());
        }
    }

    /// <summary>Whether the connection was refused, or reset before it stood, as when a listener closes with it in its backlog: nothing was sent.</summary>
    public static bool IsRefusedConnection(Exception e) => e is HttpRequestException { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionRefused or SocketError.ConnectionReset } };

    public static async Task<Answered> Send(HttpClient http, HttpRequestMessage request)
    {
        using HttpResponseMessage answer = await http.SendAsync(request, Ending);
        return new Answered((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Ending));
    }

    private static StringContent Json(string json) => new(json, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
}

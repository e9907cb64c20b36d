using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace KnowledgePay.Engine.Tests;

/// <summary>The embedded store's disk is full: what cannot be stored is refused, what was answered is kept, and decisions go on.</summary>
public sealed class FullDiskTests(ITestOutputHelper output)
{
    private const string Person = "full-disk-person";
    private const int Megabytes = 24;
    private const int BatchEvents = 40;
    private const int LeftBytes = 160 * 1024;

    private readonly List<string> _acknowledged = [];
    private readonly List<string> _refused = [];
    private int _made;

    [Fact]
    public async Task Events_are_refused_with_503_decisions_go_on_and_nothing_acknowledged_is_missing_when_there_is_space_again()
    {
        await using SmallDisk disk = await SmallDisk.Mount(Megabytes);
        await using var engine = new EngineProcess(Directory.CreateDirectory(Path.Combine(disk.Path, "data")).FullName);
        await engine.Start();
        string courses = string.Join('\n', Enumerable.Range(0, 6).Select(c => $$$"""{"id":"c{{{c}}}","title":"Course {{{c}}}","listPrice":{"currency":"CNY","minorUnits":9900} }"""));
        using (HttpResponseMessage put = await engine.Http.PostAsync("/v1/courses", Lines(courses), Cancellation))
        {
            put.EnsureSuccessStatusCode();
        }

        Assert.Equal(HttpStatusCode.OK, await Send(engine));
        for (int kill = 0; kill < 2; kill++)
        {
            disk.Fill(LeftBytes);
            int before = _acknowledged.Count;
            while (await Send(engine) == HttpStatusCode.OK)
            {
            }

            int whileFilling = _acknowledged.Count - before;
            // Whoever is resident is decided about from memory, however long it lasts.
            for (int i = 0; i < 8; i++)
            {
                await Send(engine);
                using HttpResponseMessage list = await engine.Http.GetAsync($"/v1/users/{Person}/recommendations?count=2", Cancellation);
                Assert.True(list.StatusCode == HttpStatusCode.OK, engine.Output);
                using HttpResponseMessage price = await engine.Http.PostAsync("/v1/decisions/price", Json($$"""{"userId":"{{Person}}","courseId":"c{{i % 5}}"}"""), Cancellation);
                Assert.True(price.StatusCode == HttpStatusCode.OK, engine.Output);
            }

            Assert.NotEmpty(_refused);
            output.WriteLine($"disk full with {disk.Free} bytes left: {whileFilling} events were still taken, {_refused.Count} refused, 16 decisions answered");
            if (kill == 1)
            {
                // The power goes while the disk is full.
                await engine.Kill();
            }

            disk.Empty();
            if (kill == 1)
            {
                await engine.Start();
            }

            for (int tries = 0; await Send(engine) != HttpStatusCode.OK; tries++)
            {
                Assert.True(tries < 600, $"With {disk.Free} bytes free events are still refused:\n{engine.Output}");
                await Task.Delay(50, Cancellation);
            }

            Assert.Equal((0, _acknowledged.Count), await Post(engine, _acknowledged));
        }

        // Of what was refused nothing was kept, or all of a batch that was (when only the answer's commit failed); once sent again, all of it is.
        await Post(engine, _refused);
        Assert.Equal((0, _refused.Count), await Post(engine, _refused));
        Assert.Equal(_acknowledged.Count + _refused.Count, (await Get(engine, $"/v1/users/{Person}")).GetProperty("sequence").GetInt64() - await Quotes(engine));
    }

    /// <summary>Sends new events and keeps them as what they were answered.</summary>
    private async Task<HttpStatusCode> Send(EngineProcess engine)
    {
        string[] batch =
        [
            .. Enumerable.Range(0, BatchEvents).Select(_ => $$$"""{"specversion":"1.0","type":"knowledgepay.course.viewed","source":"/full","id":"e{{{++_made}}}","subject":"{{{Person}}}","data":{"courseId":"c{{{_made % 6}}}"} }"""),
        ];
        using HttpResponseMessage answer = await engine.Http.PostAsync("/v1/events", Lines(string.Join('\n', batch)), Cancellation);
        if (answer.StatusCode == HttpStatusCode.OK)
        {
            _acknowledged.AddRange(batch);
        }
        else
        {
            string text = await answer.Content.ReadAsStringAsync(Cancellation);
            Assert.True(answer.StatusCode == HttpStatusCode.ServiceUnavailable, $"{answer.StatusCode}: {text}\n{engine.Output}");
            Assert.NotNull(answer.Headers.RetryAfter);
            Assert.Contains("store-unavailable", text, StringComparison.Ordinal);
            _refused.AddRange(batch);
        }

        return answer.StatusCode;
    }

    /// <summary>Quotes of the person that were journalled: the engine's own events.</summary>
    private static async Task<int> Quotes(EngineProcess engine) =>
        (await Get(engine, $"/v1/users/{Person}/export")).GetProperty("events").EnumerateArray().Count(e => e.GetProperty("source").GetString() == "kp:quote");

    private static async Task<(long Accepted, long Duplicates)> Post(EngineProcess engine, IEnumerable<string> lines)
    {
        (long accepted, long duplicates) = (0, 0);
        foreach (string[] chunk in lines.Chunk(2_000))
        {
            using HttpResponseMessage answer = await engine.Http.PostAsync("/v1/events", Lines(string.Join('\n', chunk)), Cancellation);
            answer.EnsureSuccessStatusCode();
            using JsonDocument receipt = JsonDocument.Parse(await answer.Content.ReadAsStreamAsync(Cancellation));
            accepted += receipt.RootElement.GetProperty("accepted").GetInt64();
            duplicates += receipt.RootElement.GetProperty("duplicates").GetInt64();
        }

        return (accepted, duplicates);
    }

    private static async Task<JsonElement> Get(EngineProcess engine, string path)
    {
        using JsonDocument document = JsonDocument.Parse(await engine.Http.GetStringAsync(path, Cancellation));
        return document.RootElement.Clone();
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static StringContent Lines(string lines) => new(lines, Encoding.UTF8, new MediaTypeHeaderValue("application/x-ndjson"));

    private static StringContent Json(string json) => new(json, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
}

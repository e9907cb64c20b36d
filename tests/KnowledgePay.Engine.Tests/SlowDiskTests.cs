using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace KnowledgePay.Engine.Tests;

/// <summary>A disk that takes few writes a second: events wait for it and are kept, decisions do not.</summary>
public sealed class SlowDiskTests(ITestOutputHelper output)
{
    private const int Writers = 6;
    private const int Batches = 8;
    private const int BatchEvents = 5;

    private int _made;

    [Fact]
    public async Task On_a_slow_disk_everything_acknowledged_is_kept_and_decisions_do_not_wait_for_it()
    {
        await using var engine = new EngineProcess();
        await engine.Start();
        using (var course = new StringContent("""{"title":"Course","listPrice":{"currency":"CNY","minorUnits":9900}}""", Encoding.UTF8, "application/json"))
        {
            (await engine.Http.PutAsync("/v1/courses/c1", course, Cancellation)).EnsureSuccessStatusCode();
        }

        for (int writer = 0; writer < Writers; writer++)
        {
            Assert.Equal(HttpStatusCode.OK, (await Send(engine, writer, [])).Status);
        }

        var acknowledged = new ConcurrentBag<string>();
        var refused = new ConcurrentBag<string>();
        var times = new ConcurrentBag<double>();
        int decisions = 0;
        var slowness = Stopwatch.StartNew();
        using (new SlowDisk(engine.ProcessId, engine.Data, writesPerSecond: 25))
        {
            Task writers = Task.WhenAll(Enumerable.Range(0, Writers).Select(async writer =>
            {
                for (int i = 0; i < Batches; i++)
                {
                    var lines = new List<string>();
                    var sent = Stopwatch.StartNew();
                    (HttpStatusCode status, bool isRefusal) = await Send(engine, writer, lines);
                    times.Add(sent.Elapsed.TotalMilliseconds);
                    Assert.True(status == HttpStatusCode.OK || isRefusal, $"{status}\n{engine.Output}");
                    lines.ForEach(status == HttpStatusCode.OK ? acknowledged.Add : refused.Add);
                }
            }));
            while (!writers.IsCompleted)
            {
                using HttpResponseMessage list = await engine.Http.GetAsync($"/v1/users/slow-{decisions % Writers}/recommendations?count=2", Cancellation);
                Assert.True(list.StatusCode == HttpStatusCode.OK, engine.Output);
                decisions++;
            }

            await writers;
        }

        output.WriteLine(
            $"25 writes a second: {acknowledged.Count} events acknowledged, {refused.Count} refused in {slowness.Elapsed.TotalSeconds:F1} s, a batch took {times.Order().ElementAt(times.Count / 2):F0} ms (median); {decisions} decisions were answered meanwhile");
        await engine.Kill();
        await engine.Start();
        Assert.Equal((0, acknowledged.Count), await Post(engine, acknowledged));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private async Task<(HttpStatusCode Status, bool IsRefusal)> Send(EngineProcess engine, int person, List<string> lines)
    {
        for (int i = 0; i < BatchEvents; i++)
        {
            lines.Add($$$"""{"specversion":"1.0","type":"knowledgepay.course.viewed","source":"/slow","id":"e{{{Interlocked.Increment(ref _made)}}}","subject":"slow-{{{person}}}","data":{"courseId":"c1"} }""");
        }

        using HttpResponseMessage answer = await engine.Http.PostAsync("/v1/events", Lines(lines), Cancellation);
        return (answer.StatusCode, answer.StatusCode == HttpStatusCode.ServiceUnavailable && answer.Headers.RetryAfter is not null);
    }

    private static async Task<(long Accepted, long Duplicates)> Post(EngineProcess engine, IEnumerable<string> lines)
    {
        using HttpResponseMessage answer = await engine.Http.PostAsync("/v1/events", Lines(lines), Cancellation);
        answer.EnsureSuccessStatusCode();
        using JsonDocument receipt = JsonDocument.Parse(await answer.Content.ReadAsStreamAsync(Cancellation));
        return (receipt.RootElement.GetProperty("accepted").GetInt64(), receipt.RootElement.GetProperty("duplicates").GetInt64());
    }

    private static StringContent Lines(IEnumerable<string> lines) => new(string.Join('\n', lines), Encoding.UTF8, new MediaTypeHeaderValue("application/x-ndjson"));
}

using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace KnowledgePay.Engine.Tests;

/// <summary>SIGKILL in the middle of the work: what was acknowledged is there, once.</summary>
public class KilledEngineTests
{
    private const int Kills = 10;
    private const int Writers = 4;
    private const int People = 40;
    private const int Courses = 10;
    private const int BatchEvents = 25;

    private readonly ConcurrentDictionary<string, string> _acknowledged = new();
    private readonly ConcurrentDictionary<string, string> _sent = new();
    private int _made;

    [Fact]
    public async Task Every_acknowledged_event_is_there_once_after_each_kill()
    {
        await using var engine = new EngineProcess();
        await engine.Start();
        await PutCourses(engine);
        var random = new Random(20261125);
        for (int kill = 0; kill < Kills; kill++)
        {
            int before = _acknowledged.Count;
            using var stop = new CancellationTokenSource();
            Task[] writers = [.. Enumerable.Range(0, Writers).Select(writer => Write(engine, new Random(random.Next()), stop.Token))];
            // The moment is random, and comes after some work in any case.
            int wanted = before + 100 + random.Next(600);
            while (_acknowledged.Count < wanted)
            {
                await Task.WhenAny(Task.WhenAll(writers), Task.Delay(5, TestContext.Current.CancellationToken));
            }

            await engine.Kill();
            await stop.CancelAsync();
            await Task.WhenAll(writers);
            await engine.Start();
            (long accepted, long duplicates) = await Post(engine, _acknowledged.Values);
            Assert.Equal((0, _acknowledged.Count), (accepted, duplicates));
        }

        // What was on its way may be there or not; sent again, all of it is.
        await Post(engine, _sent.Values);
        Assert.Equal((0, _sent.Count), await Post(engine, _sent.Values));
        Assert.Equal(_sent.Count, await Views(engine));
        await engine.Stop();
        await engine.Start();
        Assert.Equal(_sent.Count, await Views(engine));
    }

    private async Task Write(EngineProcess engine, Random random, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var batch = new Dictionary<string, string>();
            for (int i = 0; i < BatchEvents; i++)
            {
                string id = $"e{Interlocked.Increment(ref _made)}";
                batch[id] = $$$"""{"specversion":"1.0","type":"knowledgepay.course.viewed","source":"/kill","id":"{{{id}}}","subject":"u{{{random.Next(People)}}}","data":{"courseId":"c{{{random.Next(Courses)}}}" } }""";
                _sent[id] = batch[id];
            }

            try
            {
                await Post(engine, batch.Values);
                foreach ((string id, string line) in batch)
                {
                    _acknowledged[id] = line;
                }
            }
            catch (HttpRequestException)
            {
                // The kill.
                return;
            }
        }
    }

    private static async Task PutCourses(EngineProcess engine)
    {
        string lines = string.Join('\n', Enumerable.Range(0, Courses).Select(c => $$$"""{"id":"c{{{c}}}","title":"Course {{{c}}}","listPrice":{"currency":"CNY","minorUnits":9900} }"""));
        using HttpResponseMessage put = await engine.Http.PostAsync("/v1/courses", Lines(lines), TestContext.Current.CancellationToken);
        put.EnsureSuccessStatusCode();
    }

    private static async Task<(long Accepted, long Duplicates)> Post(EngineProcess engine, IEnumerable<string> lines)
    {
        using HttpResponseMessage answer = await engine.Http.PostAsync("/v1/events", Lines(string.Join('\n', lines)), TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
        using JsonDocument receipt = JsonDocument.Parse(await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        return (receipt.RootElement.GetProperty("accepted").GetInt64(), receipt.RootElement.GetProperty("duplicates").GetInt64());
    }

    /// <summary>Views of all courses, once the projections have caught up.</summary>
    private static async Task<long> Views(EngineProcess engine)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        while ((await Json(engine, "/health/ready")).GetProperty("projectionLag").GetInt64() > 0)
        {
            await Task.Delay(20, cancellation);
        }

        // The aggregates' grains are told at the next refresh.
        long views = -1, last;
        do
        {
            last = views;
            await Task.Delay(500, cancellation);
            views = 0;
            for (int c = 0; c < Courses; c++)
            {
                views += (await Json(engine, $"/v1/courses/c{c}/figures")).GetProperty("views").GetInt64();
            }
        }
        while (views != last);
        return views;
    }

    private static async Task<JsonElement> Json(EngineProcess engine, string path)
    {
        using JsonDocument document = JsonDocument.Parse(await engine.Http.GetStringAsync(path, TestContext.Current.CancellationToken));
        return document.RootElement.Clone();
    }

    private static StringContent Lines(string lines) => new(lines, Encoding.UTF8, new MediaTypeHeaderValue("application/x-ndjson"));
}

using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace KnowledgePay.Server.Tests;

/// <summary>Bodies at and over their limits, and rates.</summary>
public sealed class LimitsTests(RunningServer server)
{
    private const string Lines = "application/x-ndjson";

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/big-gzip", true)]
    [InlineData("/big", false)]
    public async Task A_hundred_thousand_lines_of_which_one_in_a_hundred_is_bad_are_taken_but_for_those(string source, bool gzip)
    {
        const int count = 100_000;
        var body = new StringBuilder(count * 200);
        for (int i = 0; i < count; i++)
        {
            string course = i % 100 == 37 ? "nowhere" : "c" + (i % 12).ToString(CultureInfo.InvariantCulture);
            body.Append(CultureInfo.InvariantCulture, $$$$"""{"specversion":"1.0","type":"knowledgepay.course.viewed","source":"{{{{source}}}}","id":"{{{{i}}}}","subject":"big{{{{i % 500}}}}","data":{"courseId":"{{{{course}}}}"}}""").Append('\n');
        }

        byte[] bytes = Encoding.UTF8.GetBytes(body.ToString());
        using var packed = new MemoryStream();
        using (var packing = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            packing.Write(bytes);
        }

        using var content = new ByteArrayContent(gzip ? packed.ToArray() : bytes);
        content.Headers.ContentType = new(Lines);
        if (gzip)
        {
            content.Headers.ContentEncoding.Add("gzip");
        }

        Reply answer = await Reply.Of(server.Operator.PostAsync("/v1/events", content, Ending));
        Assert.Equal((200, count - (count / 100)), (answer.Status, answer["accepted"].GetInt32()));
        Assert.Equal(
            Enumerable.Range(0, count / 100).Select(i => (i * 100) + 37),
            answer["rejected"].EnumerateArray().Select(r => r.GetProperty("index").GetInt32()));
        Assert.All(answer["rejected"].EnumerateArray(), r => Assert.True(r.GetProperty("errors").TryGetProperty("/data/courseId", out _)));
    }

    [Fact]
    public async Task More_events_than_a_request_may_have_are_refused_whole()
    {
        string body = string.Concat(Enumerable.Repeat("{}\n", 100_001));
        Reply answer = await Reply.Of(server.Operator.PostAsync("/v1/events", RunningServer.Json(body, Lines), Ending));
        Assert.Equal(413, answer.Status);
    }

    [Theory]
    [InlineData("/v1/decisions/price")]
    [InlineData("/v1/decisions/credit")]
    [InlineData("/v1/checkout")]
    public async Task Ten_megabytes_of_json_are_too_large_for_a_decision(string path)
    {
        string body = "{\"userId\":\"" + new string('a', 10_000_000) + "\"}";
        (await Reply.Of(server.As("platform").PostAsync(path, RunningServer.Json(body), Ending))).IsProblem(413, "too-large");
    }

    [Theory]
    [InlineData("currency", "/listPrice/currency", """{"title":"T","listPrice":{"currency":"XXX","minorUnits":1}}""")]
    [InlineData("negative", "/listPrice/minorUnits", """{"title":"T","listPrice":{"currency":"CNY","minorUnits":-1}}""")]
    [InlineData("title", "/title", """{"listPrice":{"currency":"CNY","minorUnits":1}}""")]
    [InlineData("id", "/id", """{"id":"other","title":"T","listPrice":{"currency":"CNY","minorUnits":1}}""")]
    public async Task A_course_that_is_wrong_is_refused_by_its_field(string id, string pointer, string body) =>
        (await Reply.Of(server.Operator.PutAsync("/v1/courses/wrong-" + id, RunningServer.Json(body), Ending))).IsProblem(422, "invalid-request", pointer);

    [Fact]
    public async Task Ids_and_texts_that_are_too_long_are_refused()
    {
        string longId = new('a', 129);
        (await Reply.Of(server.As("platform").GetAsync($"/v1/users/{longId}/recommendations", Ending))).IsProblem(422, "invalid-request");
        (await Reply.Of(server.As("platform").PostAsync("/v1/decisions/price", RunningServer.Json($$"""{"userId":"{{longId}}","courseId":"c1"}"""), Ending)))
            .IsProblem(422, "invalid-request", "/userId");
        string comment = Event("comment", "course.commented", $$"""{"courseId":"c1","text":"{{new string('x', 100_000)}}"}""");
        (await Reply.Of(server.Operator.PostAsync("/v1/events", RunningServer.Json(comment, "application/cloudevents+json"), Ending))).IsProblem(422, "invalid-request", "/data/text");
    }

    [Theory]
    [InlineData("offer.shown", """{"decisionId":"dec_a","productId":"nothing"}""", "/data/productId")]
    [InlineData("payment.attempted", """{"paymentId":"p","amount":{"currency":"ZZZ","minorUnits":1},"method":"card","outcome":"succeeded"}""", "/data/amount/currency")]
    [InlineData("payment.attempted", """{"paymentId":"p","amount":{"currency":"CNY","minorUnits":1},"method":"card","outcome":"maybe"}""", "/data/outcome")]
    [InlineData("course.rated", """{"courseId":"c1","stars":6}""", "/data/stars")]
    [InlineData("course.progressed", """{"courseId":"c1","fraction":1.5}""", "/data/fraction")]
    public async Task Data_that_does_not_fit_its_type_is_refused_by_its_field(string type, string data, string pointer) =>
        (await Reply.Of(server.Operator.PostAsync("/v1/events", RunningServer.Json(Event("bad-" + pointer.Replace('/', '-'), type, data), "application/cloudevents+json"), Ending)))
            .IsProblem(422, "invalid-request", pointer);

    [Theory]
    [InlineData("\"datacontenttype\":\"text/plain\",\"data\":{\"courseId\":\"c1\"}", "/datacontenttype")]
    [InlineData("\"data_base64\":\"!!!\"", "/data_base64")]
    public async Task Data_in_another_form_is_refused(string members, string pointer)
    {
        string body = """{"specversion":"1.0","type":"knowledgepay.course.viewed","source":"/s","id":"form","subject":"u",""" + members + "}";
        (await Reply.Of(server.Operator.PostAsync("/v1/events", RunningServer.Json(body, "application/cloudevents+json"), Ending))).IsProblem(422, "invalid-request", pointer);
    }

    [Fact]
    public async Task Data_in_base64_is_read()
    {
        string data = Convert.ToBase64String("""{"courseId":"c1","seconds":7}"""u8);
        string body = """{"specversion":"1.0","type":"knowledgepay.course.viewed","source":"/s","id":"b64","subject":"base64-reader","data_base64":""" + $"\"{data}\"}}";
        Reply answer = await Reply.Of(server.Operator.PostAsync("/v1/events", RunningServer.Json(body, "application/cloudevents+json"), Ending));
        Assert.True(answer.Status == 200 && answer["accepted"].GetInt32() == 1, answer.Body.ToString());
    }

    [Fact]
    public async Task Invalid_utf8_nan_and_deep_json_are_bad_requests()
    {
        byte[][] bodies = [[.. "{\"userId\":\""u8, 0xC3, 0x28, .. "\",\"courseId\":\"c1\"}"u8], [.. "{\"userId\":NaN,\"courseId\":\"c1\"}"u8], Encoding.UTF8.GetBytes(new string('[', 5_000))];
        foreach (byte[] body in bodies)
        {
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new("application/json");
            (await Reply.Of(server.As("platform").PostAsync("/v1/decisions/price", content, Ending))).IsProblem(400, "invalid-json");
        }
    }

    [Fact]
    public async Task A_key_over_its_rate_waits_and_hears_how_long()
    {
        await using var own = new RunningServer { Settings = ["--KnowledgePay:Http:RequestsPerWindow=40", "--KnowledgePay:Http:RateWindowSeconds=600"] };
        await own.InitializeAsync();
        Reply answer = await Reply.Of(own.As("platform").GetAsync("/v1/ping", Ending));
        for (int i = 0; i < 60 && answer.Status != 429; i++)
        {
            answer = await Reply.Of(own.As("platform").GetAsync("/v1/ping", Ending));
        }

        answer.IsProblem(429, "rate-limited");
        Assert.Equal("40", answer.Message.Headers.GetValues("X-RateLimit-Limit").Single());
        Assert.Equal("0", answer.Message.Headers.GetValues("X-RateLimit-Remaining").Single());
        Assert.InRange(answer.Message.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 600);
        // Another key has a rate of its own.
        Assert.Equal(200, (int)(await own.As("auditor").GetAsync("/v1/models", Ending)).StatusCode);
    }

    [Fact]
    public async Task A_request_beyond_what_is_served_and_queued_is_told_to_come_back()
    {
        await using var own = new RunningServer { Settings = ["--KnowledgePay:Http:ConcurrentRequests=1", "--KnowledgePay:Http:QueuedRequests=0"] };
        await own.InitializeAsync();
        (SlowBody slow, Task<HttpResponseMessage> held, Reply answer) = await HoldThePlace(own);
        answer.IsProblem(503, "overloaded");
        Assert.InRange(answer.Message.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        Assert.Equal("0", answer.Message.Headers.GetValues("X-RateLimit-Remaining").Single());
        Assert.NotEmpty(answer.Message.Headers.GetValues("X-RateLimit-Limit"));
        Assert.NotEmpty(answer.Message.Headers.GetValues("X-RateLimit-Reset"));
        // Health has no place to wait for.
        Assert.Equal(200, (await Reply.Of(own.Nobody.GetAsync("/health/ready", Ending))).Status);
        slow.Ended.SetResult();
        Assert.Equal(422, (int)(await held).StatusCode);
        while (answer.Status == 503)
        {
            answer = await Reply.Of(own.As("auditor").GetAsync("/v1/models", Ending));
        }

        Assert.Equal(200, answer.Status);
    }

    /// <summary>Sends a body that does not end, until it holds the one place and another request is refused: the first to ask may itself be refused, for a question that is still served.</summary>
    private static async Task<(SlowBody Slow, Task<HttpResponseMessage> Held, Reply Refused)> HoldThePlace(RunningServer own)
    {
        while (true)
        {
            var slow = new SlowBody();
            Task<HttpResponseMessage> held = own.As("platform").SendAsync(new HttpRequestMessage(HttpMethod.Post, "/v1/decisions/price") { Content = slow }, Ending);
            await slow.Begun.Task.WaitAsync(Ending);
            for (int tries = 0; tries < 20; tries++)
            {
                Reply answer = await Reply.Of(own.As("auditor").GetAsync("/v1/models", Ending));
                if (answer.Status == 503)
                {
                    return (slow, held, answer);
                }

                await Task.Delay(10, Ending);
            }

            slow.Ended.SetResult();
            (await held).Dispose();
        }
    }

    private static string Event(string id, string type, string data) =>
        $$"""{"specversion":"1.0","type":"knowledgepay.{{type}}","source":"/limits","id":"{{id}}","subject":"limits","data":{{data}}}""";

    /// <summary>A body whose end waits to be told.</summary>
    private sealed class SlowBody : HttpContent
    {
        public SlowBody() => Headers.ContentType = new("application/json");

        public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context)
        {
            await stream.WriteAsync("{"u8.ToArray());
            await stream.FlushAsync();
            Begun.SetResult();
            await Ended.Task;
            await stream.WriteAsync("}"u8.ToArray());
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}

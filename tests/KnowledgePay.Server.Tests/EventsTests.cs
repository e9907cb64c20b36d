using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using CsCheck;

namespace KnowledgePay.Server.Tests;

public sealed class EventsTests(RunningServer server)
{
    private const string Structured = "application/cloudevents+json";
    private const string Batched = "application/cloudevents-batch+json";
    private const string Lines = "application/x-ndjson";

    private static int _ids;

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Structured, false)]
    [InlineData(Structured, true)]
    [InlineData(Batched, false)]
    [InlineData(Batched, true)]
    [InlineData(Lines, false)]
    [InlineData(Lines, true)]
    public async Task Every_mode_is_taken_gzip_or_not_and_a_second_time_is_a_duplicate(string type, bool gzip)
    {
        string one = Viewed(NewId());
        string body = type == Batched ? $"[{one}]" : one;
        Reply first = await Post(Encoding.UTF8.GetBytes(body), type, gzip);
        Assert.True(first.Status == 200, first.Body.ToString());
        Assert.Equal((1, 0, 0), Counts(first));
        Assert.Equal((0, 1, 0), Counts(await Post(Encoding.UTF8.GetBytes(body), type, gzip)));
    }

    [Fact]
    public async Task A_binary_event_has_its_attributes_in_headers()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/events") { Content = RunningServer.Json("""{"courseId":"c1"}""") };
        foreach ((string name, string value) in ((string, string)[])[
            ("ce-specversion", "1.0"), ("ce-id", NewId()), ("ce-source", "/t"), ("ce-type", "knowledgepay.course.viewed"), ("ce-subject", "binary"), ("ce-extension", "x")])
        {
            request.Headers.Add(name, value);
        }

        Assert.Equal((1, 0, 0), Counts(await Reply.Of(server.As("platform").SendAsync(request, Ending))));
    }

    [Fact]
    public async Task The_good_lines_of_a_large_batch_are_kept()
    {
        var body = new StringBuilder();
        for (int i = 0; i < 20_000; i++)
        {
            body.Append(i % 100 == 7 ? "{\"broken\":" : Viewed(NewId(), $"bulk{i % 200}")).Append('\n');
        }

        Reply answer = await Post(Encoding.UTF8.GetBytes(body.ToString()), Lines, true);
        Assert.Equal((19_800, 0, 200), Counts(answer));
        Assert.Equal(7, answer["rejected"][0].GetProperty("index").GetInt32());
    }

    [Theory]
    [InlineData("\"courseId\":\"nowhere\"", "/data/courseId")]
    [InlineData("\"courseId\":5", "/data/courseId")]
    [InlineData("\"seconds\":4", "/data/courseId")]
    [InlineData("\"courseId\":\"c1\",\"seconds\":-1", "/data/seconds")]
    [InlineData("\"courseId\":\"c1\",\"seconds\":\"4\"", "/data/seconds")]
    public async Task A_single_invalid_event_is_refused_by_its_field(string data, string pointer) =>
        (await Post($$$"""{"specversion":"1.0","type":"knowledgepay.course.viewed","source":"/t","id":"{{{NewId()}}}","subject":"u","data":{ {{{data}}} } }"""))
            .IsProblem(422, "invalid-request", pointer);

    [Theory]
    [InlineData("time", "\"2999-01-01T00:00:00Z\"", "/time")]
    [InlineData("time", "\"1600-01-01T00:00:00Z\"", "/time")]
    [InlineData("type", "\"knowledgepay.unknown\"", "/type")]
    [InlineData("specversion", "\"0.3\"", "/specversion")]
    [InlineData("subject", "\"a b\"", "/subject")]
    [InlineData("source", "\"\"", "/source")]
    public async Task An_attribute_out_of_its_range_is_refused(string name, string value, string pointer)
    {
        string other = string.Join(',', new Dictionary<string, string>
        {
            ["specversion"] = "\"1.0\"",
            ["type"] = "\"knowledgepay.course.viewed\"",
            ["source"] = "\"/t\"",
            ["id"] = $"\"{NewId()}\"",
            ["subject"] = "\"u\"",
            [name] = value,
        }.Select(p => $"\"{p.Key}\":{p.Value}"));
        (await Post($$$"""{ {{{other}}},"data":{"courseId":"c1"}}""")).IsProblem(422, "invalid-request", pointer);
    }

    [Theory]
    [InlineData("-1", "/data/amount/minorUnits")]
    [InlineData("1.5", "/data/amount/minorUnits")]
    [InlineData("1e40", "/data/amount/minorUnits")]
    [InlineData("99999999999999999999", "/data/amount/minorUnits")]
    public async Task An_amount_that_is_not_money_is_refused(string minorUnits, string pointer) =>
        (await Post($$$"""{"specversion":"1.0","type":"knowledgepay.payment.refunded","source":"/t","id":"{{{NewId()}}}","subject":"u","data":{"paymentId":"p","amount":{"currency":"CNY","minorUnits":{{{minorUnits}}} } } }"""))
            .IsProblem(422, "invalid-request", pointer);

    [Fact]
    public async Task What_is_not_json_is_a_bad_request()
    {
        (await Post("{\"id\":NaN}")).IsProblem(400, "invalid-json");
        (await Post("{")).IsProblem(400, "invalid-json");
        (await Post(new string('[', 5_000))).IsProblem(400, "invalid-json");
        (await Post([(byte)'{', 0xC3, 0x28, (byte)'}'], Structured, false)).IsProblem(400, "invalid-json");
        (await Post("{}", "text/plain")).IsProblem(415, "unsupported-media-type");
    }

    [Fact]
    public async Task A_body_over_the_limit_is_too_large_gzip_or_not()
    {
        byte[] body = new byte[33 * 1024 * 1024];
        body.AsSpan().Fill((byte)' ');
        (await Post(body, Structured, true)).IsProblem(413, "too-large");
    }

    [Fact]
    public async Task A_market_price_is_about_the_course_that_is_its_subject() =>
        Assert.Equal((1, 0, 0), Counts(await Post(
            $$$"""{"specversion":"1.0","type":"knowledgepay.market.priceObserved","source":"/t","id":"{{{NewId()}}}","subject":"c1","data":{"competitor":"x","price":{"currency":"CNY","minorUnits":9900 } } }""")));

    [Fact]
    public void Whatever_happens_to_a_document_the_answer_is_a_receipt_or_a_problem()
    {
        Gen<(int At, byte With, int Drop)> mutation = Gen.Select(Gen.Int[0, 120], Gen.Byte, Gen.Int[0, 3]);
        mutation.Array[1, 4].Sample(
            mutations =>
            {
                var bytes = new List<byte>(Encoding.UTF8.GetBytes(Viewed(NewId())));
                foreach ((int at, byte with, int drop) in mutations)
                {
                    int place = Math.Min(at, bytes.Count);
                    bytes.RemoveRange(place, Math.Min(drop, bytes.Count - place));
                    bytes.Insert(place, with);
                }

                Reply answer = Post([.. bytes], Structured, false).GetAwaiter().GetResult();
                Assert.True(answer.Status is 200 or (>= 400 and < 500 and not 404), $"{answer.Status} {Encoding.UTF8.GetString([.. bytes])}");
                Assert.Equal(answer.Status == 200 ? "application/json" : "application/problem+json", answer.MediaType);
            },
            iter: 300,
            threads: 1);
    }

    private static string NewId() => $"e{Interlocked.Increment(ref _ids)}";

    private static string Viewed(string id, string subject = "viewer") =>
        $$$"""{"specversion":"1.0","type":"knowledgepay.course.viewed","source":"/t","id":"{{{id}}}","subject":"{{{subject}}}","data":{"courseId":"c1","seconds":4}}""";

    private static (int Accepted, int Duplicates, int Rejected) Counts(Reply reply)
    {
        Assert.True(reply.Status == 200, $"{reply.Status}: {reply.Body}");
        return (reply["accepted"].GetInt32(), reply["duplicates"].GetInt32(), reply["rejected"].GetArrayLength());
    }

    private Task<Reply> Post(string body, string type = Structured) => Post(Encoding.UTF8.GetBytes(body), type, false);

    private async Task<Reply> Post(byte[] body, string type, bool gzip)
    {
        if (gzip)
        {
            using var packed = new MemoryStream();
            using (var stream = new GZipStream(packed, CompressionLevel.Fastest))
            {
                stream.Write(body);
            }

            body = packed.ToArray();
        }

        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        if (gzip)
        {
            content.Headers.ContentEncoding.Add("gzip");
        }

        return await Reply.Of(server.As("platform").PostAsync("/v1/events", content, Ending));
    }
}

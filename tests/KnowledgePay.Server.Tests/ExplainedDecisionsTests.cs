using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;

namespace KnowledgePay.Server.Tests;

/// <summary>What was decided can be asked for again, by those who may.</summary>
public sealed class ExplainedDecisionsTests(RunningServer server)
{
    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_decision_is_explained_from_its_record_and_hidden_from_partners()
    {
        await server.Operator.PutAsync("/v1/users/explained/consent", RunningServer.Json("""{"personalPricing":true,"creditChecks":true,"partnerSharing":true}"""), Ending);
        await Send("explained", ["c1", "c2"]);
        HttpClient platform = server.As("platform");
        Reply[] decisions =
        [
            await Reply.Of(platform.GetAsync("/v1/users/explained/recommendations?count=3&courseId=c3&surface=page", Ending)),
            await Reply.Of(platform.PostAsync("/v1/decisions/price", RunningServer.Json("""{"userId":"explained","courseId":"c5"}"""), Ending)),
            await Reply.Of(platform.PostAsync("/v1/decisions/offers", RunningServer.Json("""{"userId":"explained","surface":"page"}"""), Ending)),
            await Reply.Of(platform.PostAsync("/v1/decisions/credit", RunningServer.Json("""{"userId":"explained","amount":{"currency":"CNY","minorUnits":10000},"termMonths":3}"""), Ending)),
        ];
        foreach (Reply decision in decisions)
        {
            Assert.True(decision.Status == 200, decision.Body.ToString());
            string path = "/v1/decisions/" + decision["decisionId"].GetString();
            Reply record = await Reply.Of(server.As("auditor").GetAsync(path, Ending));
            Assert.True(record.Status == 200, record.Body.ToString());
            Assert.Equal(decision["modelVersions"].GetRawText(), record["modelVersions"].GetRawText());
            Assert.NotEmpty(record["inputs"].EnumerateArray());
            (await Reply.Of(server.As("partner").GetAsync(path, Ending))).IsProblem(403, "forbidden");
            (await Reply.Of(server.As("other-partner").GetAsync(path, Ending))).IsProblem(403, "forbidden");
            (await Reply.Of(server.Nobody.GetAsync(path, Ending))).IsProblem(401, "unauthenticated");
        }

        Reply list = await Reply.Of(server.As("auditor").GetAsync("/v1/decisions/" + decisions[0]["decisionId"].GetString(), Ending));
        foreach (JsonElement item in decisions[0]["items"].EnumerateArray())
        {
            JsonElement candidate = list["candidates"].EnumerateArray().Single(c => c.GetProperty("candidate").GetString() == item.GetProperty("courseId").GetString());
            double sum = candidate.GetProperty("contributions").EnumerateArray().Sum(c => c.GetProperty("value").GetDouble());
            Assert.Equal(item.GetProperty("score").GetDouble(), sum, 4);
        }
    }

    [Fact]
    public async Task What_made_an_offer_s_score_adds_up_to_it_and_every_stage_says_what_was_left()
    {
        await server.Operator.PutAsync("/v1/users/offered-1/consent", RunningServer.Json("""{"partnerSharing":true,"marketing":{"email":true}}"""), Ending);
        await server.Operator.PutAsync(
            "/v1/partners/p-a/products/pass",
            RunningServer.Json("""{"kind":"membership","name":"Pass","terms":{"value":{"currency":"CNY","minorUnits":3000}},"eligibility":{},"channels":["explained-page"]}"""),
            Ending);
        await Send("offered-1", ["c1", "c2", "c3"]);
        Reply answer = await Reply.Of(server.As("platform").PostAsync("/v1/decisions/offers", RunningServer.Json("""{"userId":"offered-1","surface":"explained-page","count":10}"""), Ending));
        Assert.True(answer.Status == 200 && answer["offers"].GetArrayLength() > 0, answer.Body.ToString());
        Reply record = await Reply.Of(server.As("auditor").GetAsync("/v1/decisions/" + answer["decisionId"].GetString(), Ending));
        JsonElement[] candidates = [.. record["candidates"].EnumerateArray()];
        foreach (JsonElement offer in answer["offers"].EnumerateArray())
        {
            string name = offer.GetProperty("partnerId").GetString() + "/" + offer.GetProperty("productId").GetString();
            Assert.Equal(offer.GetProperty("score").GetDouble(), candidates.Single(c => c.GetProperty("candidate").GetString() == name).GetProperty("score").GetDouble(), 9);
        }

        foreach (JsonElement candidate in candidates)
        {
            JsonElement[] parts = [.. candidate.GetProperty("contributions").EnumerateArray()];
            double score = candidate.GetProperty("score").GetDouble();
            Assert.Equal(score, parts.Sum(p => p.GetProperty("value").GetDouble()), 9);
            Assert.Equal(score, Input(parts, "value") * Input(parts, "propensity") * Input(parts, "lever"), 9);
        }

        int[] left = [.. record["stages"].EnumerateArray().Select(s => s.GetProperty("left").GetInt32())];
        Assert.True(left.Length > 2);
        Assert.Equal(left.OrderDescending(), left);

        static double Input(JsonElement[] parts, string name) => parts.Single(p => p.GetProperty("name").GetString() == name).GetProperty("input").GetDouble();
    }

    [Fact]
    public async Task An_address_of_another_shape_or_of_no_decision_is_not_found()
    {
        (await Reply.Of(server.As("auditor").GetAsync("/v1/decisions/dec_AAAAAAAAAAAAAAAAAAA", Ending))).IsProblem(404, "not-found");
        (await Reply.Of(server.As("auditor").GetAsync("/v1/decisions/what", Ending))).IsProblem(404, "not-found");
    }

    [Theory]
    [InlineData("en", "fresh-en")]
    [InlineData("zh", "fresh-zh")]
    public async Task A_newcomer_is_told_so_in_their_language(string language, string user)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/users/{user}/recommendations");
        request.Headers.AcceptLanguage.Add(new(language));
        Reply answer = await Reply.Of(server.As("platform").SendAsync(request, Ending));
        JsonElement reason = answer["reasons"][0];
        Assert.Equal("newcomer", reason.GetProperty("code").GetString());
        string text = reason.GetProperty("text").GetString()!;
        Assert.Equal(language == "zh" ? "我们对您还不了解，先为您展示大家喜欢的课程。" : "We do not know you yet, so this is what many people like.", text);
    }

    [Fact]
    public async Task A_figure_about_fewer_than_ten_people_is_not_told()
    {
        var lines = new StringBuilder();
        foreach ((string product, int people) in ((string, int)[])[("few", 9), ("many", 12)])
        {
            await server.Operator.PutAsync($"/v1/partners/p-a/products/{product}", RunningServer.Json("""{"kind":"membership","name":"N","terms":{},"eligibility":{},"channels":[]}"""), Ending);
            for (int i = 0; i < people; i++)
            {
                lines.Append(CultureInfo.InvariantCulture, $$$$"""{"specversion":"1.0","type":"knowledgepay.offer.shown","source":"/k","id":"{{{{product}}}}{{{{i}}}}","subject":"{{{{product}}}}{{{{i}}}}","data":{"decisionId":"dec_AAAAAAAAAAAAAAAAAAA","productId":"{{{{product}}}}"}}""").Append('\n');
            }
        }

        Reply sent = await Reply.Of(server.Operator.PostAsync("/v1/events", RunningServer.Json(lines.ToString(), "application/x-ndjson"), Ending));
        Assert.True(sent["accepted"].GetInt32() == 21, sent.Body.ToString());
        JsonElement few = default, many = default;
        // The projections follow within moments, each product in its own: of many there are twelve then, and of few no longer none.
        while (!(IsShown(many, 12) && !IsShown(few, 0)))
        {
            JsonElement[] products = [.. (await Reply.Of(server.As("partner").GetAsync("/v1/partners/p-a/dashboard", Ending)))["products"].EnumerateArray()];
            few = products.Single(p => p.GetProperty("productId").GetString() == "few");
            many = products.Single(p => p.GetProperty("productId").GetString() == "many");
            await Task.Delay(20, Ending);
        }

        AssertHidden(few);
        using HttpResponseMessage stream = await server.As("partner").GetAsync("/v1/partners/p-a/dashboard/stream", HttpCompletionOption.ResponseHeadersRead, Ending);
        using var events = new StreamReader(await stream.Content.ReadAsStreamAsync(Ending));
        string line = "";
        while (!line.StartsWith("data: ", StringComparison.Ordinal))
        {
            line = (await events.ReadLineAsync(Ending))!;
        }

        using JsonDocument streamed = JsonDocument.Parse(line["data: ".Length..]);
        AssertHidden(streamed.RootElement.GetProperty("products").EnumerateArray().Single(p => p.GetProperty("productId").GetString() == "few"));
        Assert.Equal(10, streamed.RootElement.GetProperty("minimumGroup").GetInt32());
    }

    private static bool IsShown(JsonElement product, long times) =>
        product.ValueKind == JsonValueKind.Object && product.GetProperty("shown") is { ValueKind: JsonValueKind.Number } shown && shown.GetInt64() == times;

    /// <summary>Nothing about the nine: no count of them, no share, and no cell of a mix, of which a zero would say where they are not.</summary>
    private static void AssertHidden(JsonElement product)
    {
        foreach (string mix in (string[])["riskMix", "segmentMix"])
        {
            Assert.All(product.GetProperty(mix).EnumerateObject(), cell => Assert.True(cell.Value.ValueKind == JsonValueKind.Null, product.ToString()));
        }

        Assert.All((string[])["shown", "conversion"], figure => Assert.True(product.GetProperty(figure).ValueKind == JsonValueKind.Null, product.ToString()));
    }

    [Fact]
    public async Task Metrics_are_for_whoever_may_see_them_and_name_nobody()
    {
        await server.As("platform").GetAsync("/v1/users/of-the-metrics/recommendations", Ending);
        Assert.DoesNotContain("of-the-metrics", await server.As("auditor").GetStringAsync("/metrics", Ending), StringComparison.Ordinal);
        (await Reply.Of(server.As("partner").GetAsync("/metrics", Ending))).IsProblem(403, "forbidden");
        (await Reply.Of(server.Nobody.GetAsync("/metrics", Ending))).IsProblem(401, "unauthenticated");
    }

    [Fact]
    public async Task A_problem_quotes_the_caller_s_trace()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/trending?count=0");
        request.Headers.Add("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        Reply answer = await Reply.Of(server.As("platform").SendAsync(request, Ending));
        Assert.Equal("4bf92f3577b34da6a3ce929d0e0e4736", answer["traceId"].GetString());
    }

    [Fact]
    public void Whatever_happens_to_a_body_the_answer_is_no_failure_of_the_server()
    {
        (string Method, string Path, string Body)[] requests =
        [
            ("PUT", "/v1/courses/mutant", """{"title":"Rust","category":"programming","tags":["a"],"listPrice":{"currency":"CNY","minorUnits":19900},"publishedAt":"2026-01-01T00:00:00Z","embeddings":{"image":[0.5,1]}}"""),
            ("PUT", "/v1/partners/p-m/products/x", """{"kind":"loan","name":"N","terms":{"months":12},"eligibility":{"all":[{"feature":"age","atLeast":18}]},"channels":["page"]}"""),
            ("PUT", "/v1/users/mutant/consent", """{"personalisation":true,"personalPricing":true,"creditChecks":true,"marketing":{"email":true}}"""),
            ("POST", "/v1/decisions/price", """{"userId":"mutant","courseId":"c1"}"""),
            ("POST", "/v1/decisions/credit", """{"userId":"mutant","amount":{"currency":"CNY","minorUnits":60000},"termMonths":6,"productId":"card"}"""),
            ("POST", "/v1/decisions/offers", """{"userId":"mutant","surface":"page","courseId":"c1"}"""),
            ("POST", "/v1/checkout", """{"quoteToken":"abc","paymentId":"p","method":"card","acceptedOffers":["x"]}"""),
            ("POST", "/v1/models/recommender/versions/1/promotion", "{}"),
            ("POST", "/v1/reviews", """{"decisionId":"dec_a","statement":"s"}"""),
        ];
        Gen.Select(Gen.Int[0, requests.Length - 1], Gen.Select(Gen.Double[0, 1], Gen.Int[0, 6], Gen.OneOf(Gen.Byte, Gen.Int[32, 126].Select(c => (byte)c))).Array[1, 4]).Sample((which, edits) =>
        {
            (string method, string path, string body) = requests[which];
            List<byte> bytes = [.. Encoding.UTF8.GetBytes(body)];
            foreach ((double place, int edit, byte value) in edits)
            {
                int at = (int)(place * Math.Max(0, bytes.Count - 1));
                switch (edit)
                {
                    case 0 when bytes.Count > 0: bytes.RemoveAt(at); break;
                    case 1: bytes.Insert(at, value); break;
                    case 2 when bytes.Count > 0: bytes.RemoveRange(at, bytes.Count - at); break;
                    case 3: bytes.InsertRange(at, "null"u8); break;
                    case 4: bytes.InsertRange(at, "-1e999"u8); break;
                    default:
                        if (bytes.Count > 0)
                        {
                            bytes[at] = value;
                        }

                        break;
                }
            }

            using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = new ByteArrayContent([.. bytes]) };
            request.Content.Headers.ContentType = new("application/json");
            Reply answer = Reply.Of(server.Operator.SendAsync(request, Ending)).GetAwaiter().GetResult();
            Assert.True(answer.Status < 500, $"{method} {path} {Encoding.UTF8.GetString([.. bytes])}: {answer.Status} {answer.Body}");
            if (answer.Status >= 400)
            {
                Assert.Equal("application/problem+json", answer.MediaType);
            }
        }, iter: 400, threads: 1);
    }

    private async Task Send(string user, string[] courses)
    {
        string lines = string.Concat(courses.Select(c => $$$"""{"specversion":"1.0","type":"knowledgepay.course.enrolled","source":"/x","id":"{{{user}}}-{{{c}}}","subject":"{{{user}}}","data":{"courseId":"{{{c}}}"}}""" + "\n"));
        Reply sent = await Reply.Of(server.Operator.PostAsync("/v1/events", RunningServer.Json(lines, "application/x-ndjson"), Ending));
        Assert.Equal(courses.Length, sent["accepted"].GetInt32());
    }
}

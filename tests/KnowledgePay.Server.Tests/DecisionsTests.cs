using System.Text.Json;

namespace KnowledgePay.Server.Tests;

public sealed class DecisionsTests(RunningServer server)
{
    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("zh-CN,zh;q=0.9,en;q=0.5", "zh")]
    [InlineData("zh;q=0.2, en;q=0.8", "en")]
    [InlineData("fr", "en")]
    public async Task Reasons_are_in_the_language_that_weighs_most(string accept, string language)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/users/reader/recommendations?count=3");
        request.Headers.TryAddWithoutValidation("Accept-Language", accept);
        Reply answer = await Reply.Of(server.As("platform").SendAsync(request, Ending));
        Assert.Equal(200, answer.Status);
        Assert.Equal(language, answer.Message.Content.Headers.ContentLanguage.Single());
        Assert.NotEmpty(answer["decisionId"].GetString()!);
        Assert.Equal(JsonValueKind.Object, answer["modelVersions"].ValueKind);
        JsonElement item = answer["items"][0];
        Assert.StartsWith("c", item.GetProperty("courseId").GetString());
        Assert.Equal(JsonValueKind.Number, item.GetProperty("score").ValueKind);
        Assert.All(item.GetProperty("reasons").EnumerateArray(), r => Assert.Equal(["code", "text"], r.EnumerateObject().Select(p => p.Name)));
    }

    [Theory]
    [InlineData("/v1/trending?count=3")]
    [InlineData("/v1/courses/c1/related?count=3")]
    public async Task Lists_for_everybody_have_items(string path)
    {
        Reply answer = await Get(path);
        Assert.Equal(200, answer.Status);
        Assert.True(answer["items"].GetArrayLength() <= 3);
    }

    [Fact]
    public async Task The_way_to_a_course_names_what_to_take_first_and_shrinks_as_it_is_taken()
    {
        foreach ((string id, string more) in ((string, string)[])[("path-a", ""), ("path-b", ""","prerequisites":["path-a","思想"]"""), ("path-c", ""","concepts":["思想"]"""), ("path-d", ""","prerequisites":["path-b"]""")])
        {
            Reply put = await Reply.Of(server.Operator.PutAsync($"/v1/courses/{id}", RunningServer.Json($$$"""{"title":"Title of {{{id}}}","listPrice":{"currency":"CNY","minorUnits":100}{{{more}}}}"""), Ending));
            Assert.True(put.Status is 200 or 201, put.Body.ToString());
        }

        async Task<Reply> Path(string course, string language = "en")
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/users/walker/paths?courseId={course}");
            request.Headers.AcceptLanguage.Add(new(language));
            return await Reply.Of(server.As("platform").SendAsync(request, Ending));
        }

        Reply whole = await Path("path-d");
        Assert.Equal(["path-a", "path-c", "path-b", "path-d"], whole["steps"].EnumerateArray().Select(step => step.GetProperty("courseId").GetString()));
        Assert.Equal("Needed for “Title of path-b”.", whole["steps"][0].GetProperty("reasons")[0].GetProperty("text").GetString());
        Assert.Contains("目标课程", (await Path("path-d", "zh"))["steps"][3].GetProperty("reasons")[0].GetProperty("text").GetString(), StringComparison.Ordinal);
        Reply sent = await Reply.Of(server.Operator.PostAsync(
            "/v1/events", RunningServer.Json("""{"specversion":"1.0","type":"knowledgepay.course.enrolled","source":"/paths","id":"walked","subject":"walker","data":{"courseId":"path-a"}}""", "application/cloudevents+json"), Ending));
        Assert.Equal(1, sent["accepted"].GetInt32());
        Assert.Equal(["path-c", "path-b", "path-d"], (await Path("path-d"))["steps"].EnumerateArray().Select(step => step.GetProperty("courseId").GetString()));
        (await Path("path-nowhere")).IsProblem(404, "not-found");
        (await Reply.Of(server.As("platform").GetAsync("/v1/users/walker/paths", Ending))).IsProblem(422, "invalid-request", "/courseId");
    }

    [Fact]
    public async Task A_count_out_of_range_is_refused() =>
        (await Get("/v1/trending?count=0")).IsProblem(422, "invalid-request", "?count");

    [Fact]
    public async Task Without_consent_the_price_is_the_standard_one_and_a_quote_is_redeemed_once()
    {
        Reply quote = await Post("/v1/decisions/price", """{"userId":"buyer","courseId":"c2"}""");
        Assert.True(quote.Status == 200, quote.Body.ToString());
        Assert.Equal("""{"currency":"CNY","minorUnits":19900}""", quote["listPrice"].GetRawText());
        Assert.Equal(19900, quote["price"].GetProperty("minorUnits").GetInt64());
        Assert.EndsWith("Z", quote["expiresAt"].GetString());
        string token = quote["quoteToken"].GetString()!;
        string altered = (token[0] == 'A' ? 'B' : 'A') + token[1..];
        (await Post("/v1/checkout", Checkout(altered, "p0"))).IsProblem(422, "quote-not-valid", "/quoteToken");
        (await Post("/v1/checkout", $$"""{"quoteToken":"{{token}}","paymentId":"p0","method":"card","userId":"someone"}""")).IsProblem(403, "quote-of-another-user");

        Reply order = await Post("/v1/checkout", Checkout(token, "p1"), "order-1");
        Assert.True(order.Status == 200, order.Body.ToString());
        Assert.Equal(19900, order["charged"].GetProperty("minorUnits").GetInt64());
        Reply again = await Post("/v1/checkout", Checkout(token, "p1"), "order-1");
        Assert.Equal((200, order.Body.GetRawText()), (again.Status, again.Body.GetRawText()));
        (await Post("/v1/checkout", Checkout(token, "p2"), "order-1")).IsProblem(422, "idempotency-key-reused");
        Reply replayed = await Post("/v1/checkout", Checkout(token, "p3"));
        Assert.True(replayed.Status is 409 or 410 && replayed.MediaType == "application/problem+json", replayed.Body.ToString());

        Assert.Equal(200, (await Get($"/v1/decisions/{quote["decisionId"].GetString()}")).Status);
    }

    [Fact]
    public async Task Credit_needs_consent_and_a_decline_has_at_most_four_reasons()
    {
        const string request = """{"userId":"borrower","amount":{"currency":"CNY","minorUnits":60000},"termMonths":6}""";
        (await Post("/v1/decisions/credit", request)).IsProblem(403, "consent-required");
        Reply consent = await Reply.Of(server.Operator.PutAsync("/v1/users/borrower/consent", RunningServer.Json("""{"creditChecks":true}"""), Ending));
        Assert.Equal(200, consent.Status);
        Assert.True(consent["personalisation"].GetBoolean());
        Reply answer = await Post("/v1/decisions/credit", request);
        Assert.True(answer.Status == 200, answer.Body.ToString());
        Assert.Contains(answer["outcome"].GetString(), (string[])["approved", "review", "declined"]);
        Assert.InRange(answer["reasons"].GetArrayLength(), 0, 4);
        Assert.Equal("credit", (await Get($"/v1/decisions/{answer["decisionId"].GetString()}"))["kind"].GetString());
    }

    [Fact]
    public async Task Offers_come_with_their_fields()
    {
        Reply answer = await Post("/v1/decisions/offers", """{"userId":"offered","surface":"course-page"}""");
        Assert.True(answer.Status == 200, answer.Body.ToString());
        Assert.Equal(JsonValueKind.Array, answer["offers"].ValueKind);
    }

    [Fact]
    public async Task An_erased_person_is_not_found()
    {
        await Reply.Of(server.Operator.PutAsync("/v1/users/leaver/consent", RunningServer.Json("""{"personalisation":true}"""), Ending));
        Assert.Equal(200, (await Get("/v1/users/leaver")).Status);
        Reply export = await Get("/v1/users/leaver/export");
        Assert.Equal((200, "leaver"), (export.Status, export["userId"].GetString()));
        Assert.Equal("knowledgepay.consent.changed", export["events"][0].GetProperty("type").GetString());
        Assert.Equal(204, (await Reply.Of(server.Operator.DeleteAsync("/v1/users/leaver", Ending))).Status);
        Assert.Equal(404, (await Get("/v1/users/leaver")).Status);
        Assert.Equal(404, (await Get("/v1/users/leaver/export")).Status);
    }

    [Fact]
    public async Task A_course_put_again_is_replaced_and_a_bad_one_is_refused_by_its_fields()
    {
        const string course = """{"title":"T","listPrice":{"currency":"CNY","minorUnits":100}}""";
        Assert.Equal(201, (await Put("/v1/courses/again", course)).Status);
        Assert.Equal(200, (await Put("/v1/courses/again", course)).Status);
        (await Put("/v1/courses/again", """{"id":"other","title":"T","listPrice":{"currency":"XXQ","minorUnits":1}}""")).IsProblem(422, "invalid-request", "/id");
        (await Put("/v1/courses/again", "{")).IsProblem(400, "invalid-json");
        (await Get("/v1/courses/none")).IsProblem(404, "not-found");
    }

    private static string Checkout(string token, string payment) => $$"""{"quoteToken":"{{token}}","paymentId":"{{payment}}","method":"card"}""";

    private Task<Reply> Get(string path) => Reply.Of(server.Operator.GetAsync(path, Ending));

    private Task<Reply> Put(string path, string body) => Reply.Of(server.Operator.PutAsync(path, RunningServer.Json(body), Ending));

    private async Task<Reply> Post(string path, string body, string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = RunningServer.Json(body) };
        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        return await Reply.Of(server.As("platform").SendAsync(request, Ending));
    }
}

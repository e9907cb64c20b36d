using System.Text.Json;

namespace KnowledgePay.Server.Tests;

/// <summary>What an <c>Idempotency-Key</c> promises.</summary>
public sealed class IdempotencyTests(RunningServer server)
{
    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Checkouts_at_once_under_one_key_place_one_order()
    {
        string body = await Checkout("idem-crowd", "idem-crowd-pay");
        Reply[] answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Post("/v1/checkout", body, "crowd-1")));
        Reply[] done = [.. answers.Where(a => a.Status == 200)];
        Assert.NotEmpty(done);
        Assert.Single(done.Select(a => a.Body.GetRawText()).Distinct());
        foreach (Reply other in answers.Where(a => a.Status != 200))
        {
            other.IsProblem(409, "idempotency-in-progress");
            Assert.Equal("1", other.Message.Headers.GetValues("Retry-After").Single());
        }

        Reply later = await Post("/v1/checkout", body, "crowd-1");
        Assert.Equal((200, done[0].Body.GetRawText()), (later.Status, later.Body.GetRawText()));
        Assert.Equal("true", later.Message.Headers.GetValues("Idempotency-Replayed").Single());
        Assert.Equal(1, await Orders("idem-crowd"));
    }

    [Fact]
    public async Task Credit_at_once_under_one_key_is_decided_once()
    {
        await Consent("idem-credit", """{"creditChecks":true}""");
        const string body = """{"userId":"idem-credit","amount":{"currency":"CNY","minorUnits":20000},"termMonths":6}""";
        Reply[] answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Post("/v1/decisions/credit", body, "credit-crowd")));
        Assert.All(answers, a => Assert.True(a.Status is 200 or 409, a.Body.ToString()));
        Reply last = await Post("/v1/decisions/credit", body, "credit-crowd");
        Assert.Equal(200, last.Status);
        Assert.Equal([last["decisionId"].GetString()], answers.Where(a => a.Status == 200).Select(a => a["decisionId"].GetString()).Distinct());
        JsonElement decisions = (await Reply.Of(server.Operator.GetAsync("/v1/users/idem-credit/export", Ending)))["decisions"];
        Assert.Single(decisions.EnumerateArray(), d => d.GetProperty("kind").GetString() == "credit");
    }

    [Fact]
    public async Task Another_body_is_refused_and_another_key_or_caller_or_path_is_its_own()
    {
        await Consent("idem-body", """{"creditChecks":true}""");
        const string body = """{"userId":"idem-body","amount":{"currency":"CNY","minorUnits":20000},"termMonths":6}""";
        Reply first = await Post("/v1/decisions/credit", body, "body-1");
        Assert.Equal(200, first.Status);
        (await Post("/v1/decisions/credit", body.Replace("20000", "30000", StringComparison.Ordinal), "body-1")).IsProblem(422, "idempotency-key-reused");
        string[] others =
        [
            (await Post("/v1/decisions/credit", body, "body-2"))["decisionId"].GetString()!,
            (await Post("/v1/decisions/credit", body, "body-1", "operator"))["decisionId"].GetString()!,
        ];
        Assert.DoesNotContain(first["decisionId"].GetString(), others);
    }

    [Theory]
    [InlineData(256, 'k')]
    [InlineData(10, '\u00e9')]
    [InlineData(10, '\t')]
    public async Task A_key_that_is_too_long_or_not_printable_is_a_bad_request(int length, char c)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/decisions/credit")
        {
            Content = RunningServer.Json("""{"userId":"idem-key","amount":{"currency":"CNY","minorUnits":20000},"termMonths":6}"""),
        };
        request.Headers.TryAddWithoutValidation("Idempotency-Key", "a" + new string(c, length - 2) + "b");
        using var http = new HttpClient(new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => System.Text.Encoding.Latin1 }) { BaseAddress = server.As("platform").BaseAddress };
        http.DefaultRequestHeaders.Authorization = server.As("platform").DefaultRequestHeaders.Authorization;
        Reply answer = await Reply.Of(http.SendAsync(request, Ending));
        Assert.True(answer.Status == 400, $"{answer.Status} {answer.Body}");
    }

    [Fact]
    public async Task A_request_that_was_not_valid_leaves_its_key_unused()
    {
        await Consent("idem-invalid", """{"creditChecks":true}""");
        (await Post("/v1/decisions/credit", """{"userId":"idem-invalid","amount":{"currency":"CNY","minorUnits":-1},"termMonths":6}""", "invalid-1")).IsProblem(422, "invalid-request");
        (await Post("/v1/decisions/credit", "{", "invalid-1")).IsProblem(400, "invalid-json");
        Reply mended = await Post("/v1/decisions/credit", """{"userId":"idem-invalid","amount":{"currency":"CNY","minorUnits":20000},"termMonths":6}""", "invalid-1");
        Assert.True(mended.Status == 200, mended.Body.ToString());
    }

    [Fact]
    public async Task A_refusal_is_the_answer_of_its_key_and_a_new_key_asks_anew()
    {
        await Consent("idem-refused", """{"personalisation":true}""");
        const string body = """{"userId":"idem-refused","amount":{"currency":"CNY","minorUnits":20000},"termMonths":6}""";
        Reply refused = await Post("/v1/decisions/credit", body, "refused-1");
        refused.IsProblem(403, "consent-required");
        await Consent("idem-refused", """{"creditChecks":true}""");
        Reply again = await Post("/v1/decisions/credit", body, "refused-1");
        again.IsProblem(403, "consent-required");
        Assert.Equal("true", again.Message.Headers.GetValues("Idempotency-Replayed").Single());
        Assert.Equal(200, (await Post("/v1/decisions/credit", body, "refused-2")).Status);
    }

    [Fact]
    public async Task A_checkout_that_was_refused_is_refused_again_and_places_nothing()
    {
        string body = await Checkout("idem-decline", "idem-decline-pay");
        string unknown = body.Replace("\"card\"", "\"loan\",\"creditDecisionId\":\"dec_unknown\"", StringComparison.Ordinal);
        (await Post("/v1/checkout", unknown, "decline-1")).IsProblem(422, "credit-unknown");
        (await Post("/v1/checkout", unknown, "decline-1")).IsProblem(422, "credit-unknown");
        (await Post("/v1/checkout", body, "decline-1")).IsProblem(422, "idempotency-key-reused");
        Assert.Equal(0, await Orders("idem-decline"));
        Assert.Equal(200, (await Post("/v1/checkout", body, "decline-2")).Status);
        Assert.Equal(1, await Orders("idem-decline"));
    }

    private async Task<string> Checkout(string user, string payment)
    {
        await Consent(user, """{"personalisation":true}""");
        Reply quote = await Post("/v1/decisions/price", $$"""{"userId":"{{user}}","courseId":"c6"}""", null);
        return $$"""{"quoteToken":"{{quote["quoteToken"].GetString()}}","paymentId":"{{payment}}","method":"card"}""";
    }

    private async Task<int> Orders(string user) =>
        (await Reply.Of(server.Operator.GetAsync($"/v1/users/{user}/export", Ending)))["events"].EnumerateArray().Count(e => e.GetProperty("type").GetString() == "knowledgepay.order.placed");

    private async Task Consent(string user, string consent) =>
        Assert.Equal(200, (await Reply.Of(server.Operator.PutAsync($"/v1/users/{user}/consent", RunningServer.Json(consent), Ending))).Status);

    private async Task<Reply> Post(string path, string body, string? key, string role = "platform")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = RunningServer.Json(body) };
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        return await Reply.Of(server.As(role).SendAsync(request, Ending));
    }
}

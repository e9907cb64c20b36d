using System.Globalization;
using System.Text;
using System.Text.Json;

namespace KnowledgePay.Server.Tests;

/// <summary>A way to a person for whoever is declined.</summary>
public sealed class ReviewsTests(RunningServer server)
{
    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_decline_is_put_before_a_person_where_its_appeal_says_and_an_approval_can_be_drawn_on()
    {
        Reply declined = await Declined("appeals-1");
        Assert.Equal("declined", declined["outcome"].GetString());
        Assert.InRange(declined["reasons"].GetArrayLength(), 1, 4);
        string decision = declined["decisionId"].GetString()!;
        string appeal = declined["appeal"].GetString()!;
        Reply none = await Reply.Of(server.As("platform").GetAsync(appeal, Ending));
        Assert.Equal((200, 0), (none.Status, none["reviews"].GetArrayLength()));

        Reply opened = await Ask(appeal, """{"statement":"The missed instalments were the bank's error."}""");
        Assert.True(opened.Status == 201, opened.Body.ToString());
        Assert.Equal(("open", decision, "The missed instalments were the bank's error."), (opened["status"].GetString(), opened["decisionId"].GetString(), opened["statement"].GetString()));
        string review = opened.Message.Headers.Location!.ToString();
        Reply again = await Ask("/v1/reviews", $$"""{"decisionId":"{{decision}}"}""");
        Assert.Equal((200, opened["reviewId"].GetString()), (again.Status, again["reviewId"].GetString()));
        Reply one = await Reply.Of(server.As("platform").GetAsync(appeal, Ending));
        Assert.Equal(opened["reviewId"].GetString(), one["reviews"][0].GetProperty("reviewId").GetString());
        Assert.Equal(200, (await Reply.Of(server.As("auditor").GetAsync("/v1/reviews?status=open&limit=1000", Ending))).Status);

        Reply answered = await Reply.Of(server.Operator.PostAsync(review + "/answer", RunningServer.Json("""{"outcome":"approved","note":"Bank statement seen."}"""), Ending));
        Assert.Equal((200, "approved"), (answered.Status, answered["status"].GetString()));
        Reply record = await Reply.Of(server.As("auditor").GetAsync("/v1/decisions/" + decision, Ending));
        Assert.Equal("Bank statement seen.", record["overrides"][0].GetProperty("note").GetString());

        Reply quote = await Reply.Of(server.As("platform").PostAsync("/v1/decisions/price", RunningServer.Json("""{"userId":"appeals-1","courseId":"c4"}"""), Ending));
        Reply order = await Reply.Of(server.As("platform").PostAsync(
            "/v1/checkout",
            RunningServer.Json($$"""{"quoteToken":"{{quote["quoteToken"].GetString()}}","paymentId":"appeals-pay","method":"loan","creditDecisionId":"{{decision}}"}"""),
            Ending));
        Assert.True(order.Status == 200, order.Body.ToString());
    }

    [Fact]
    public async Task Only_a_declined_credit_is_put_before_a_person()
    {
        Reply list = await Reply.Of(server.As("platform").GetAsync("/v1/users/appeals-2/recommendations", Ending));
        (await Ask("/v1/reviews?decisionId=" + list["decisionId"].GetString(), null)).IsProblem(404, "not-found");
        await server.Operator.PutAsync("/v1/users/appeals-2/consent", RunningServer.Json("""{"creditChecks":true}"""), Ending);
        list = await Reply.Of(server.As("platform").GetAsync("/v1/users/appeals-2/recommendations", Ending));
        (await Ask("/v1/reviews?decisionId=" + list["decisionId"].GetString(), null)).IsProblem(409, "nothing-to-review");
        (await Ask("/v1/reviews", null)).IsProblem(422, "invalid-request", "/decisionId");
        (await Ask("/v1/reviews?decisionId=dec_nothing", null)).IsProblem(404, "not-found");
        (await Ask("/v1/reviews?decisionId=dec_a", """{"decisionId":"dec_b"}""")).IsProblem(422, "invalid-request", "/decisionId");
        (await Ask("/v1/reviews", """{"statement":5}""")).IsProblem(422, "invalid-request", "/statement");
    }

    [Fact]
    public async Task The_platform_sees_the_case_of_a_decision_and_not_the_queue()
    {
        (await Reply.Of(server.As("platform").GetAsync("/v1/reviews", Ending))).IsProblem(403, "forbidden");
        (await Reply.Of(server.As("partner").GetAsync("/v1/reviews?decisionId=dec_a", Ending))).IsProblem(403, "forbidden");
        (await Reply.Of(server.As("auditor").PostAsync("/v1/reviews?decisionId=dec_a", null, Ending))).IsProblem(403, "forbidden");
    }

    [Fact]
    public async Task A_person_approves_a_part_at_a_rate_and_the_checkout_draws_on_that()
    {
        Reply declined = await Declined("appeals-3");
        string decision = declined["decisionId"].GetString()!;
        string review = "/v1/reviews/" + (await Ask(declined["appeal"].GetString()!, null))["reviewId"].GetString();
        (await Answer(review, """{"outcome":"approved","note":"n","limit":{"currency":"CNY","minorUnits":30001}}""")).IsProblem(422, "invalid-request", "/limit/minorUnits");
        (await Answer(review, """{"outcome":"approved","note":"n","limit":{"currency":"USD","minorUnits":100}}""")).IsProblem(422, "invalid-request", "/limit/currency");
        (await Answer(review, """{"outcome":"approved","note":"n","apr":0.2401}""")).IsProblem(422, "invalid-request", "/apr");
        (await Answer(review, """{"outcome":"approved","note":"n","apr":0.12345}""")).IsProblem(422, "invalid-request", "/apr");
        (await Answer(review, """{"outcome":"declined","note":"n","apr":0.1}""")).IsProblem(422, "invalid-request", "/apr");
        const string part = """{"outcome":"approved","note":"Half of it.","limit":{"currency":"CNY","minorUnits":15000},"apr":0.12}""";
        Reply approved = await Answer(review, part);
        Assert.True(approved.Status == 200, approved.Body.ToString());
        Assert.Equal((15000, 0.12m), (approved["limit"].GetProperty("minorUnits").GetInt64(), approved["apr"].GetDecimal()));
        Assert.Equal(approved.Body.GetRawText(), (await Answer(review, part)).Body.GetRawText());
        (await Answer(review, part.Replace("15000", "16000", StringComparison.Ordinal))).IsProblem(409, "review-answered");
        (await Answer(review, """{"outcome":"declined","note":"no"}""")).IsProblem(409, "review-answered");

        foreach (string course in (string[])["appeal-cheap", "appeal-other"])
        {
            await server.Operator.PutAsync("/v1/courses/" + course, RunningServer.Json("""{"title":"Cheap","listPrice":{"currency":"CNY","minorUnits":12000}}"""), Ending);
        }

        (await CheckOut("appeals-3", "c4", decision)).IsProblem(409, "credit-too-small");
        Reply order = await CheckOut("appeals-3", "appeal-cheap", decision);
        Assert.True(order.Status == 200, order.Body.ToString());
        JsonElement[] plan = [.. order["installments"].EnumerateArray()];
        Assert.Equal(6, plan.Length);
        Assert.Equal(12000, plan.Sum(i => i.GetProperty("principal").GetProperty("minorUnits").GetInt64()));
        // One month of 12 % a year on 120 yuan.
        Assert.Equal(120, plan[0].GetProperty("interest").GetProperty("minorUnits").GetInt64());
        (await CheckOut("appeals-3", "appeal-other", decision)).IsProblem(409, "credit-used");
    }

    [Fact]
    public async Task A_decline_that_a_person_upholds_stays_one_and_is_recorded_once()
    {
        Reply declined = await Declined("appeals-4");
        string decision = declined["decisionId"].GetString()!;
        Reply opened = await Ask("/v1/reviews", $$"""{"decisionId":"{{decision}}","statement":"Please look again."}""");
        const string no = """{"outcome":"declined","note":"The defaults are real."}""";
        string review = opened.Message.Headers.Location!.ToString();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Answer(review, no)));
        Assert.Equal("declined", (await Answer(review, no))["status"].GetString());
        Assert.Equal("declined", (await Reply.Of(server.As("platform").GetAsync(review, Ending)))["status"].GetString());
        (await CheckOut("appeals-4", "c4", decision)).IsProblem(409, "credit-not-approved");
        Reply record = await Reply.Of(server.As("auditor").GetAsync("/v1/decisions/" + decision, Ending));
        Assert.Equal("declined", record["overrides"][0].GetProperty("outcome").GetString());
        Reply export = await Reply.Of(server.Operator.GetAsync("/v1/users/appeals-4/export", Ending));
        JsonElement made = Assert.Single(export["decisions"].EnumerateArray(), d => d.GetProperty("kind").GetString() == "review");
        Assert.Contains(made.GetProperty("inputs").EnumerateArray(), i => i.GetProperty("name").GetString() == "statement");
        Assert.Equal("Please look again.", Assert.Single(export["reviews"].EnumerateArray()).GetProperty("statement").GetString());
    }

    [Fact]
    public async Task Asked_again_under_its_key_the_answer_says_again_where_the_case_is()
    {
        string decision = (await Declined("appeals-5"))["decisionId"].GetString()!;
        Reply[] answers = [await Keyed(), await Keyed()];
        Assert.All(answers, a => Assert.Equal((201, $"/v1/reviews/rev_{decision}"), (a.Status, a.Message.Headers.Location?.ToString())));
        Assert.Equal(answers[0].Body.GetRawText(), answers[1].Body.GetRawText());
        Assert.True(answers[1].Message.Headers.Contains("Idempotency-Replayed"));
        // Many at once, without a key: one case.
        Reply[] many = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Ask("/v1/reviews?decisionId=" + decision, null)));
        Assert.Equal(["rev_" + decision], many.Select(m => m["reviewId"].GetString()).Distinct());

        async Task<Reply> Keyed()
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/reviews") { Content = RunningServer.Json($$"""{"decisionId":"{{decision}}"}""") };
            request.Headers.Add("Idempotency-Key", "ask-1");
            return await Reply.Of(server.As("platform").SendAsync(request, Ending));
        }
    }

    [Fact]
    public async Task Erasing_the_person_empties_the_case()
    {
        string decision = (await Declined("appeals-6"))["decisionId"].GetString()!;
        Reply opened = await Ask("/v1/reviews", $$"""{"decisionId":"{{decision}}","statement":"Mine."}""");
        Assert.Equal(204, (await Reply.Of(server.Operator.DeleteAsync("/v1/users/appeals-6", Ending))).Status);
        (await Reply.Of(server.Operator.GetAsync(opened.Message.Headers.Location, Ending))).IsProblem(404, "not-found");
        (await Ask("/v1/reviews?decisionId=" + decision, null)).IsProblem(404, "not-found");
        Reply queue = await Reply.Of(server.Operator.GetAsync("/v1/reviews?limit=1000", Ending));
        Assert.DoesNotContain(queue["reviews"].EnumerateArray(), r => r.GetProperty("decisionId").GetString() == decision);
    }

    private Task<Reply> Answer(string review, string body) => Reply.Of(server.Operator.PostAsync(review + "/answer", RunningServer.Json(body), Ending));

    private async Task<Reply> CheckOut(string user, string course, string decision)
    {
        Reply quote = await Reply.Of(server.As("platform").PostAsync("/v1/decisions/price", RunningServer.Json($$"""{"userId":"{{user}}","courseId":"{{course}}"}"""), Ending));
        Assert.True(quote.Status == 200, quote.Body.ToString());
        return await Reply.Of(server.As("platform").PostAsync(
            "/v1/checkout",
            RunningServer.Json($$"""{"quoteToken":"{{quote["quoteToken"].GetString()}}","paymentId":"{{user}}-{{course}}","method":"loan","creditDecisionId":"{{decision}}"}"""),
            Ending));
    }

    /// <summary>Somebody who lets credit be checked and has defaulted twice.</summary>
    private async Task<Reply> Declined(string user)
    {
        Assert.True((await server.Operator.PutAsync($"/v1/users/{user}/consent", RunningServer.Json("""{"creditChecks":true}"""), Ending)).IsSuccessStatusCode);
        var lines = new StringBuilder();
        for (int i = 0; i < 2; i++)
        {
            lines.Append(CultureInfo.InvariantCulture, $$$$"""{"specversion":"1.0","type":"knowledgepay.loan.defaulted","source":"/bank","id":"{{{{user}}}}-{{{{i}}}}","subject":"{{{{user}}}}","time":"2026-10-0{{{{i + 1}}}}T00:00:00Z","data":{"loanId":"l{{{{i}}}}","amount":{"currency":"CNY","minorUnits":50000}}}""").Append('\n');
        }

        Reply sent = await Reply.Of(server.Operator.PostAsync("/v1/events", RunningServer.Json(lines.ToString(), "application/x-ndjson"), Ending));
        Assert.Equal(2, sent["accepted"].GetInt32());
        return await Reply.Of(server.As("platform").PostAsync(
            "/v1/decisions/credit", RunningServer.Json($$"""{"userId":"{{user}}","amount":{"currency":"CNY","minorUnits":30000},"termMonths":6}"""), Ending));
    }

    private Task<Reply> Ask(string path, string? body) => Reply.Of(server.As("platform").PostAsync(path, body is null ? null : RunningServer.Json(body), Ending));
}

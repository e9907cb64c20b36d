using System.Globalization;
using System.Text;

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

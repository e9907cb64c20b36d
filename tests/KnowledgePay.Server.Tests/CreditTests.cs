using System.Globalization;
using System.Text;
using System.Text.Json;

namespace KnowledgePay.Server.Tests;

/// <summary>Credit whose outcome is certain: a rule sends it to a person, or declines it.</summary>
public sealed class CreditTests(RunningServer server)
{
    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_age_that_is_not_certain_goes_to_a_person_whose_approval_pays_for_an_order()
    {
        int eighteen = DateTime.UtcNow.Year - 18;
        await Consent("credit-young");
        await Send("credit-young", ("user.profiled", $$"""{"birthYear":{{eighteen.ToString(CultureInfo.InvariantCulture)}}}"""));
        Reply asked = await Credit("credit-young", 20000);
        Assert.True(asked["outcome"].GetString() == "review", asked.Body.ToString());
        Assert.Contains("credit-age-unconfirmed", Codes(asked));
        Assert.False(asked.Body.TryGetProperty("installments", out _));
        string decision = asked["decisionId"].GetString()!, review = asked["reviewId"].GetString()!;
        Reply open = await Reply.Of(server.As("auditor").GetAsync("/v1/reviews?status=open&limit=1000", Ending));
        JsonElement waiting = open["reviews"].EnumerateArray().Single(r => r.GetProperty("reviewId").GetString() == review);
        Assert.Equal((decision, 20000), (waiting.GetProperty("decisionId").GetString(), waiting.GetProperty("amount").GetProperty("minorUnits").GetInt64()));
        (await CheckOut("credit-young", decision)).IsProblem(409, "credit-not-approved");

        Reply answered = await Reply.Of(server.Operator.PostAsync($"/v1/reviews/{review}/answer", RunningServer.Json("""{"outcome":"approved","note":"Identity card seen."}"""), Ending));
        Assert.Equal((200, "approved", 20000), (answered.Status, answered["status"].GetString(), answered["limit"].GetProperty("minorUnits").GetInt64()));
        Reply order = await CheckOut("credit-young", decision);
        Assert.True(order.Status == 200, order.Body.ToString());
        JsonElement[] plan = [.. order["installments"].EnumerateArray()];
        Assert.Equal(6, plan.Length);
        Assert.Equal(order["charged"].GetProperty("minorUnits").GetInt64(), plan.Sum(i => Minor(i, "principal")));
        Assert.All(plan, i => Assert.Equal(Minor(i, "amount"), Minor(i, "principal") + Minor(i, "interest")));
        Reply record = await Reply.Of(server.As("auditor").GetAsync("/v1/decisions/" + decision, Ending));
        Assert.Equal(("approved", "Identity card seen."), (record["overrides"][0].GetProperty("outcome").GetString(), record["overrides"][0].GetProperty("note").GetString()));
    }

    [Theory]
    [InlineData("credit-minor", "credit-under-age", "user.profiled", """{"birthYear":2020}""", 1)]
    [InlineData("credit-defaulted", "credit-loan-defaulted", "loan.defaulted", """{"loanId":"l","amount":{"currency":"CNY","minorUnits":100}}""", 1)]
    [InlineData("credit-back", "credit-chargebacks", "payment.chargedBack", """{"paymentId":"p#","amount":{"currency":"CNY","minorUnits":100}}""", 2)]
    [InlineData("credit-missed", "credit-missed-payments", "loan.installmentMissed", """{"loanId":"l","amount":{"currency":"CNY","minorUnits":100},"daysLate":9}""", 3)]
    public async Task A_knock_out_declines_with_its_reason_first_in_both_languages_and_its_rule_in_the_record(string user, string code, string type, string data, int times)
    {
        await Consent(user);
        await Send(user, [.. Enumerable.Range(0, times).Select(i => (type, data.Replace("#", i.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)))]);
        Reply english = await Credit(user, 20000, "en"), chinese = await Credit(user, 20000, "zh");
        foreach (Reply declined in (Reply[])[english, chinese])
        {
            Assert.Equal("declined", declined["outcome"].GetString());
            Assert.InRange(declined["reasons"].GetArrayLength(), 1, 4);
            Assert.Equal(code, Codes(declined)[0]);
            Assert.False(declined.Body.TryGetProperty("apr", out _));
            Assert.False(declined.Body.TryGetProperty("installments", out _));
            Assert.StartsWith("/v1/reviews?decisionId=" + declined["decisionId"].GetString(), declined["appeal"].GetString());
        }

        Assert.DoesNotContain(Text(english), c => c is >= '\u4E00' and <= '\u9FFF');
        Assert.Contains(Text(chinese), c => c is >= '\u4E00' and <= '\u9FFF');
        Reply record = await Reply.Of(server.As("auditor").GetAsync("/v1/decisions/" + english["decisionId"].GetString(), Ending));
        Assert.Contains(record["rules"].EnumerateArray(), r => r.GetProperty("rule").GetString() == code && r.GetProperty("passed").GetBoolean());
        JsonElement credit = record["candidates"][0];
        Assert.Equal(
            english["score"].GetInt32(),
            credit.GetProperty("contributions").EnumerateArray().Sum(c => c.GetProperty("value").GetDouble()), 6);
    }

    private static string[] Codes(Reply answer) => [.. answer["reasons"].EnumerateArray().Select(r => r.GetProperty("code").GetString()!)];

    private static string Text(Reply answer) => string.Concat(answer["reasons"].EnumerateArray().Select(r => r.GetProperty("text").GetString()));

    private static long Minor(JsonElement item, string name) => item.GetProperty(name).GetProperty("minorUnits").GetInt64();

    private async Task Consent(string user) =>
        Assert.Equal(200, (await Reply.Of(server.Operator.PutAsync($"/v1/users/{user}/consent", RunningServer.Json("""{"creditChecks":true}"""), Ending))).Status);

    private async Task Send(string user, params (string Type, string Data)[] events)
    {
        var lines = new StringBuilder();
        foreach ((int at, (string type, string data)) in events.Index())
        {
            lines.Append(CultureInfo.InvariantCulture, $$$"""{"specversion":"1.0","type":"knowledgepay.{{{type}}}","source":"/credit","id":"{{{user}}}-{{{at}}}","subject":"{{{user}}}","data":{{{data}}}}""").Append('\n');
        }

        Reply sent = await Reply.Of(server.Operator.PostAsync("/v1/events", RunningServer.Json(lines.ToString(), "application/x-ndjson"), Ending));
        Assert.True(sent.Status == 200 && sent["accepted"].GetInt32() == events.Length, sent.Body.ToString());
    }

    private async Task<Reply> Credit(string user, long minorUnits, string language = "en")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/decisions/credit")
        {
            Content = RunningServer.Json($$$"""{"userId":"{{{user}}}","amount":{"currency":"CNY","minorUnits":{{{minorUnits.ToString(CultureInfo.InvariantCulture)}}}},"termMonths":6}"""),
        };
        request.Headers.AcceptLanguage.Add(new(language));
        Reply answer = await Reply.Of(server.As("platform").SendAsync(request, Ending));
        Assert.True(answer.Status == 200, answer.Body.ToString());
        return answer;
    }

    private async Task<Reply> CheckOut(string user, string decision)
    {
        Reply quote = await Reply.Of(server.As("platform").PostAsync("/v1/decisions/price", RunningServer.Json($$"""{"userId":"{{user}}","courseId":"c4"}"""), Ending));
        return await Reply.Of(server.As("platform").PostAsync(
            "/v1/checkout",
            RunningServer.Json($$"""{"quoteToken":"{{quote["quoteToken"].GetString()}}","paymentId":"{{user}}-{{decision}}","method":"loan","creditDecisionId":"{{decision}}"}"""),
            Ending));
    }
}

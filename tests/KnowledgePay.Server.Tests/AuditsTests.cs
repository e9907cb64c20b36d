using System.Globalization;
using System.Text;
using System.Text.Json;

namespace KnowledgePay.Server.Tests;

public sealed class AuditsTests
{
    private const int People = 80;

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Decisions_are_compared_between_groups_and_the_report_is_kept_and_shown_to_alarms()
    {
        await using var own = new RunningServer { Settings = ["--KnowledgePay:Audits:Every=365.00:00:00"] };
        await own.InitializeAsync();
        // Most men have failed a loan; ten people have not said what they are.
        var lines = new StringBuilder();
        for (int person = 0; person < People; person++)
        {
            string gender = person < 10 ? "" : person % 2 == 0 ? ""","gender":"female" """ : ""","gender":"male" """;
            if (person % 2 == 1 && person % 8 != 1)
            {
                lines.Append(CultureInfo.InvariantCulture, $$$$"""{"specversion":"1.0","type":"knowledgepay.loan.defaulted","source":"/audits","id":"d{{{{person}}}}","subject":"a{{{{person}}}}","data":{"loanId":"l{{{{person}}}}","amount":{"currency":"CNY","minorUnits":100}}}""").Append('\n');
            }

            lines.Append(CultureInfo.InvariantCulture, $$$"""{"specversion":"1.0","type":"knowledgepay.user.profiled","source":"/audits","id":"p{{{person}}}","subject":"a{{{person}}}","data":{"birthYear":1990{{{gender}}}}}""").Append('\n');
        }

        Reply sent = await Reply.Of(own.Operator.PostAsync("/v1/events", new StringContent(lines.ToString(), Encoding.UTF8, "application/x-ndjson"), Ending));
        Assert.True(sent["rejected"].GetArrayLength() == 0, sent.Body.ToString());
        for (int person = 0; person < People; person++)
        {
            Assert.Equal(200, (int)(await own.Operator.PutAsync($"/v1/users/a{person}/consent", RunningServer.Json("""{"creditChecks":true,"personalPricing":true,"personalisation":true}"""), Ending)).StatusCode);
            Reply credit = await Reply.Of(own.As("platform").PostAsync(
                "/v1/decisions/credit", RunningServer.Json($$$"""{"userId":"a{{{person}}}","amount":{"currency":"CNY","minorUnits":20000},"termMonths":6}"""), Ending));
            Assert.True(credit.Status == 200, credit.Body.ToString());
        }

        Reply report = await Reply.Of(own.Operator.PostAsync("/v1/audits/fairness", null, Ending));
        Assert.True(report.Status == 200, report.Body.ToString());
        Assert.Equal(People, report["decisions"].GetInt32());
        JsonElement byGender = report["compared"].EnumerateArray().Single(one => one.GetProperty("decision").GetString() == "credit" && one.GetProperty("attribute").GetString() == "gender");
        JsonElement[] groups = [.. byGender.GetProperty("groups").EnumerateArray()];
        Assert.Equal(["female", "male"], groups.Select(group => group.GetProperty("group").GetString()));
        Assert.Equal([35, 35], groups.Select(group => group.GetProperty("decisions").GetInt32()));
        double impact = byGender.GetProperty("disparateImpact").GetProperty("value").GetDouble();
        double women = groups[0].GetProperty("favourableRate").GetDouble(), men = groups[1].GetProperty("favourableRate").GetDouble();
        Assert.True(women > men, byGender.ToString());
        Assert.Equal(men / women, impact, 5);
        Assert.False(byGender.GetProperty("passesFourFifths").GetBoolean());
        Assert.InRange(impact, byGender.GetProperty("disparateImpact").GetProperty("low").GetDouble(), byGender.GetProperty("disparateImpact").GetProperty("high").GetDouble());
        Assert.Contains("10 of 80", byGender.GetProperty("warnings")[0].GetString(), StringComparison.Ordinal);
        // Everybody is of one age: nothing to compare.
        JsonElement byAge = report["compared"].EnumerateArray().Single(one => one.GetProperty("decision").GetString() == "credit" && one.GetProperty("attribute").GetString() == "age");
        Assert.True(!byAge.TryGetProperty("passesFourFifths", out JsonElement none) || none.ValueKind == JsonValueKind.Null);

        Reply kept = await Reply.Of(own.As("auditor").GetAsync("/v1/audits/fairness", Ending));
        Assert.Equal(report["at"].GetString(), kept["at"].GetString());
        Assert.Equal(report["compared"].ToString(), kept["compared"].ToString());
        // The silo looks at the last report when it starts, and shows its figures.
        await own.Restart();
        Assert.NotNull(await own.MetricLine("kpay_fairness_disparate_impact{", "decision=\"credit\""));
    }

    [Fact]
    public async Task The_schedule_audits_by_itself()
    {
        await using var own = new RunningServer { Settings = ["--KnowledgePay:Audits:Every=00:00:01"] };
        await own.InitializeAsync();
        Reply report = await Reply.Of(own.As("auditor").GetAsync("/v1/audits/fairness", Ending));
        for (int tries = 0; tries < 500 && report.Status == 404; tries++)
        {
            await Task.Delay(20, Ending);
            report = await Reply.Of(own.As("auditor").GetAsync("/v1/audits/fairness", Ending));
        }

        Assert.Equal((200, 0), (report.Status, report["decisions"].GetInt32()));
    }
}

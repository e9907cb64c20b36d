using System.Text.Json;
using KnowledgePay.Decisions.Trials;
using static KnowledgePay.Server.Tests.LearningServer;

namespace KnowledgePay.Server.Tests;

/// <summary>Models of risk on trial: watched on what comes of loans and payments, and a scorecard deciding for its share.</summary>
public sealed class RiskTrialsTests
{
    private const string Trial = "/v1/models/risk/versions/1/trial";

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_scorecard_is_watched_then_decides_for_its_share_and_what_came_of_the_loans_is_compared()
    {
        var clock = new MovedClock();
        await using var server = new RunningServer { Clock = clock, Settings = ["--KnowledgePay:Watch:Every=365.00:00:00"] };
        await server.InitializeAsync();
        DateTimeOffset now = DateTimeOffset.UtcNow;
        await server.Send(await server.Borrowers(new Random(11), "l", 160, now.AddDays(-400), finishersBad: 0.02, othersBad: 0.8));
        Assert.Equal("succeeded", (await server.Trained("risk", """{"seed":5}"""))["status"].GetString());
        Reply watched = await Reply.Of(server.Operator.PutAsync(Trial, RunningServer.Json("{}"), Ending));
        Assert.True(watched.Status == 200, watched.Body.ToString());
        Assert.False(Has(await Report(server), "watched"));

        // The same sort of people later. Those whose window is not over count for nothing yet.
        clock.Moved = TimeSpan.FromDays(120);
        await server.Send(await server.Borrowers(new Random(12), "m", 80, now.AddDays(10), finishersBad: 0.02, othersBad: 0.8));
        Assert.False(Has(await Report(server), "watched"));
        clock.Moved = TimeSpan.FromDays(160);
        Reply seen = await Report(server);
        JsonElement better = seen["watched"];
        Assert.Equal((80, 80, "challenger"), (better.GetProperty("people").GetInt32(), better.GetProperty("taken").GetInt32(), better.GetProperty("better").GetString()));
        Assert.True(better.GetProperty("low").GetDouble() > 0 && better.GetProperty("challenger").GetDouble() is > 0.8 and < 1, seen.Body.ToString());
        Assert.False(Has(seen, "served") || Has(seen, "champion"));

        // People who are as the learned from were when they borrowed.
        await server.Send([.. (await server.Borrowers(new Random(13), "o", 60, now.AddDays(150), 0, 0)).Where(line => !line.Contains("knowledgepay.loan.", StringComparison.Ordinal))]);

        // Half of the people are decided about by the challenger, and their decisions say so.
        Reply half = await Reply.Of(server.Operator.PutAsync(Trial, RunningServer.Json("""{"share":0.5}"""), Ending));
        string name = half["trial"].GetProperty("name").GetString()!;
        int challengers = 0, opened = 0;
        for (int person = 0; person < 60; person++)
        {
            string id = $"o{person}";
            Reply credit = await Reply.Of(server.As("platform").PostAsync(
                "/v1/decisions/credit", RunningServer.Json($$"""{"userId":"{{id}}","amount":{"currency":"CNY","minorUnits":19900},"termMonths":6}"""), Ending));
            bool isChallengers = TrialArms.IsChallengers(id, name, 0.5);
            Assert.Equal(isChallengers ? "scorecard/1" : "expert-1", credit["modelVersions"].GetProperty("risk").GetString());
            challengers += isChallengers ? 1 : 0;
            if (credit["outcome"].GetString() == "approved")
            {
                Reply quote = await Reply.Of(server.As("platform").PostAsync("/v1/decisions/price", RunningServer.Json($$"""{"userId":"{{id}}","courseId":"c9"}"""), Ending));
                Reply order = await Reply.Of(server.As("platform").PostAsync(
                    "/v1/checkout",
                    RunningServer.Json($$"""{"quoteToken":"{{quote["quoteToken"].GetString()}}","paymentId":"{{id}}-drawn","method":"loan","creditDecisionId":"{{credit["decisionId"].GetString()}}"}"""), Ending));
                opened += order.Status == 200 ? 1 : 0;
            }
        }

        Assert.InRange(challengers, 15, 45);
        Reply early = await Report(server);
        Assert.Equal(60, early["approved"].GetProperty("taken").GetInt32());
        Assert.False(Has(early, "served"));
        clock.Moved = TimeSpan.FromDays(260);
        Reply late = await Report(server);
        Assert.True(opened > 10 && late["served"].GetProperty("taken").GetInt32() == opened, late.Body.ToString());
        Assert.Equal((1.0, 1.0, "undecided"), (late["served"].GetProperty("champion").GetDouble(), late["served"].GetProperty("challenger").GetDouble(), late["served"].GetProperty("better").GetString()));

        await Reply.Of(server.Operator.DeleteAsync(Trial, Ending));
        Reply after = await Reply.Of(server.As("platform").PostAsync(
            "/v1/decisions/credit", RunningServer.Json("""{"userId":"m1","amount":{"currency":"CNY","minorUnits":19900},"termMonths":6}"""), Ending));
        Assert.Equal("expert-1", after["modelVersions"].GetProperty("risk").GetString());
    }

    [Fact]
    public async Task A_fraud_model_is_only_watched()
    {
        const string trial = "/v1/models/fraud/versions/1/trial";
        var clock = new MovedClock();
        await using var server = new RunningServer { Clock = clock, Settings = ["--KnowledgePay:Watch:Every=365.00:00:00"] };
        await server.InitializeAsync();
        DateTimeOffset now = DateTimeOffset.UtcNow;
        await server.Send(Payments(new Random(5), "f", 150, now.AddDays(-300)));
        Assert.Equal("succeeded", (await server.Trained("fraud", """{"seed":5}"""))["status"].GetString());
        (await Reply.Of(server.Operator.PutAsync(trial, RunningServer.Json("""{"share":0.1}"""), Ending))).IsProblem(422, "invalid-request", "/share");
        Assert.Equal(200, (await Reply.Of(server.Operator.PutAsync(trial, RunningServer.Json("{}"), Ending))).Status);

        // While none is promoted it is compared with what share was charged back before.
        clock.Moved = TimeSpan.FromDays(150);
        await server.Send(Payments(new Random(6), "g", 80, now.AddDays(10)));
        Reply report = await Reply.Of(server.As("auditor").GetAsync(trial, Ending));
        JsonElement watched = report["watched"];
        Assert.Equal("challenger", watched.GetProperty("better").GetString());
        Assert.Equal(80, watched.GetProperty("people").GetInt32());
        Assert.True(watched.GetProperty("challenger").GetDouble() > watched.GetProperty("champion").GetDouble() + 0.02, report.Body.ToString());
        Assert.False(Has(report, "served") || Has(report, "approved"));

        // Promoted, it has none to be compared with but itself.
        await server.Promoted("fraud");
        (await Reply.Of(server.As("auditor").GetAsync(trial, Ending))).IsProblem(409, "not-on-trial");
        Assert.Equal("succeeded", (await server.Trained("fraud", """{"seed":7}"""))["status"].GetString());
        string second = trial.Replace("/1/", "/2/", StringComparison.Ordinal);
        Assert.Equal(200, (await Reply.Of(server.Operator.PutAsync(second, RunningServer.Json("{}"), Ending))).Status);
        clock.Moved = TimeSpan.FromDays(300);
        await server.Send(Payments(new Random(7), "h", 40, now.AddDays(160)));
        Reply both = await Reply.Of(server.As("auditor").GetAsync(second, Ending));
        Assert.Equal((2, 1, "undecided"), (both["version"].GetInt32(), both["champion"].GetInt32(), both["watched"].GetProperty("better").GetString()));
        Assert.Equal(both["watched"].GetProperty("champion").GetDouble(), both["watched"].GetProperty("challenger").GetDouble(), 0.05);
    }

    /// <summary>Large payments from a device that never paid before come back, four of five times.</summary>
    private static string[] Payments(Random random, string prefix, int people, DateTimeOffset start)
    {
        var lines = new List<string>();
        for (int person = 0; person < people; person++)
        {
            string id = prefix + person;
            for (int i = 0; i < 6; i++)
            {
                bool isStrange = i >= 3 && random.Next(4) == 0;
                int amount = isStrange ? 90_000 : 5_000;
                lines.Add(Event(id, "payment.attempted", start.AddDays(i), $$"""{"paymentId":"{{id}}-{{i}}","amount":{{Cny(amount)}},"method":"card","deviceId":"{{(isStrange ? "stranger" : "home")}}-{{id}}","outcome":"succeeded"}"""));
                if (isStrange && random.Next(10) < 8)
                {
                    lines.Add(Event(id, "payment.chargedBack", start.AddDays(i + 30), $$"""{"paymentId":"{{id}}-{{i}}","amount":{{Cny(amount)}}}"""));
                }
            }
        }

        return [.. lines];
    }

    private static bool Has(Reply report, string name) => report.Body.TryGetProperty(name, out JsonElement found) && found.ValueKind != JsonValueKind.Null;

    private static async Task<Reply> Report(RunningServer server)
    {
        Reply report = await Reply.Of(server.As("auditor").GetAsync(Trial, Ending));
        Assert.True(report.Status == 200, report.Body.ToString());
        return report;
    }
}

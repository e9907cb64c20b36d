using System.Text.Json;
using KnowledgePay.Decisions.Credit;
using KnowledgePay.Server.Models;
using Microsoft.Extensions.DependencyInjection;
using static KnowledgePay.Server.Tests.LearningServer;

namespace KnowledgePay.Server.Tests;

public sealed class CreditLearningTests
{
    private const string Fee = """{"currency":"CNY","minorUnits":5000}""";

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_learned_from_is_what_the_decision_saw_and_how_it_went_once_its_window_is_over()
    {
        var clock = new MovedClock();
        await using var server = new RunningServer { Clock = clock };
        await server.InitializeAsync();
        await server.CreditChecks("kept", true);
        DateTimeOffset start = DateTimeOffset.UtcNow;
        await server.Send([
            .. Enumerable.Range(0, 6).Select(i => Event("kept", "payment.attempted", start.AddDays(-200 + i), $$"""{"paymentId":"p{{i}}","amount":{{Fee}},"method":"card","outcome":"{{(i == 2 ? "failed" : "succeeded")}}"}""")),
            .. Enumerable.Range(0, 6).Select(i => Event("kept", "course.enrolled", start.AddDays(-200 + i), $$"""{"courseId":"c{{i}}","price":{{Fee}}}""")),
            Event("kept", "course.completed", start.AddDays(-150), """{"courseId":"c1"}"""),
            Event("kept", "user.profiled", start.AddDays(-150), """{"birthYear":1990,"gender":"female","incomeBand":"10000-20000"}"""),
        ]);
        Reply credit = await Reply.Of(server.As("platform").PostAsync(
            "/v1/decisions/credit", RunningServer.Json("""{"userId":"kept","amount":{"currency":"CNY","minorUnits":19900},"termMonths":6}"""), Ending));
        Assert.True(credit["outcome"].GetString() == "approved", credit.Body.ToString());
        string decision = credit["decisionId"].GetString()!;
        Reply quote = await Reply.Of(server.As("platform").PostAsync("/v1/decisions/price", RunningServer.Json("""{"userId":"kept","courseId":"c9"}"""), Ending));
        Reply order = await Reply.Of(server.As("platform").PostAsync(
            "/v1/checkout",
            RunningServer.Json($$"""{"quoteToken":"{{quote["quoteToken"].GetString()}}","paymentId":"drawn","method":"loan","creditDecisionId":"{{decision}}"}"""), Ending));
        Assert.True(order.Status == 200, order.Body.ToString());
        using JsonDocument person = JsonDocument.Parse(await server.Operator.GetStringAsync("/v1/users/kept/export", Ending));
        string loan = Find(person.RootElement, "loanId")!;

        var loans = server.Services.GetRequiredService<JournalLoans>();
        LoanOutcomes early = await loans.Read(_ => { }, Ending);
        Assert.Equal((0, 1), (early.Cases.Count, early.Young));

        // What comes after the decision changes the person, and not what the decision saw.
        clock.Moved = TimeSpan.FromDays(70);
        await server.Send([
            Event("kept", "payment.chargedBack", start.AddDays(20), $$"""{"paymentId":"p1","amount":{{Fee}}}"""),
            Event("kept", "loan.installmentMissed", start.AddDays(65), $$"""{"loanId":"{{loan}}","amount":{{Fee}},"daysLate":35}"""),
        ]);
        clock.Moved = TimeSpan.FromDays(100);
        LoanOutcomes late = await loans.Read(_ => { }, Ending);
        Assert.True(late.Cases.Count == 1, $"{late.Cases.Count} loans, {late.Young} too young");
        Assert.True(late.Cases[0].IsBad);
        Assert.Equal([("gender", "female"), ("age", "30 to 49")], late.Cases[0].Groups);
        Reply record = await Reply.Of(server.As("auditor").GetAsync("/v1/decisions/" + decision, Ending));
        Dictionary<string, double?> seen = record["candidates"][0].GetProperty("contributions").EnumerateArray().ToDictionary(
            one => one.GetProperty("name").GetString()!, one => one.TryGetProperty("input", out JsonElement input) && input.ValueKind == JsonValueKind.Number ? input.GetDouble() : (double?)null);
        foreach (ScoreAttribute attribute in CreditScorecard.V1.Attributes)
        {
            Assert.Equal(seen[attribute.Name] ?? double.NaN, late.Cases[0].Values[(int)attribute.Attribute], 1e-4);
        }

        // Who takes the consent back is not learned from.
        await server.CreditChecks("kept", false);
        Assert.Empty((await loans.Read(_ => { }, Ending)).Cases);
    }

    [Fact]
    public async Task A_scorecard_is_learned_passes_its_gate_decides_and_is_there_after_a_restart()
    {
        await using var server = new RunningServer();
        await server.InitializeAsync();
        Reply early = await server.Trained("risk", "{}");
        Assert.Contains("too little", early["reason"].GetString(), StringComparison.Ordinal);

        // Here who finishes courses pays back, and failed payments say nothing, whatever the expert thought.
        string[] lines = await server.Borrowers(new Random(11), "l", 160, DateTimeOffset.UtcNow.AddDays(-300), finishersBad: 0.05, othersBad: 0.7);
        await server.Send(lines);
        Reply run = await server.Trained("risk", """{"seed":5}""");
        Assert.True(run["status"].GetString() == "succeeded", run.Body.ToString());
        Reply card = await Reply.Of(server.As("auditor").GetAsync("/v1/models/risk/versions/1", Ending));
        Assert.Equal(160, card["trainedOn"].GetProperty("loans").GetInt32());
        Assert.True(card["metrics"].GetProperty("areaUnderCurve").GetDouble() > 0.75, card.Body.ToString());
        Assert.True(card["metrics"].GetProperty("areaUnderCurve").GetDouble() > card["baseline"].GetProperty("areaUnderCurve").GetDouble());
        Assert.Equal(["female", "male"], card["report"].GetProperty("groups").EnumerateArray().Where(g => g.GetProperty("kind").GetString() == "gender").Select(g => g.GetProperty("name").GetString()));
        Assert.InRange(card["metrics"].GetProperty("leastPassRatio").GetDouble(), 0.8, 1);
        (_, string by) = await Score(server, "l0");
        Assert.Equal(CreditScorecard.V1.Version, by);

        await server.Promoted("risk");
        (int finisher, by) = await Score(server, "l0");
        (int other, _) = await Score(server, "l1");
        Assert.Equal("scorecard/1", by);
        Assert.True(finisher > other + 40, $"{finisher} and {other}");
        await server.Restart();
        for (int tries = 0; tries < 500 && by != "later"; tries++)
        {
            (int again, string now) = await Score(server, "l0");
            by = now == "scorecard/1" && again == finisher ? "later" : now;
            await Task.Delay(20, Ending);
        }

        Assert.Equal("later", by);
    }

    private static async Task<(int Score, string Version)> Score(RunningServer server, string user)
    {
        Reply answer = await Reply.Of(server.As("platform").PostAsync(
            "/v1/decisions/credit", RunningServer.Json($$$"""{"userId":"{{{user}}}","amount":{"currency":"CNY","minorUnits":10000},"termMonths":6}"""), Ending));
        Assert.True(answer.Status == 200, answer.Body.ToString());
        return (answer["score"].GetInt32(), answer["modelVersions"].GetProperty("risk").GetString()!);
    }

    private static string? Find(JsonElement element, string name) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().Select(property => property.Name == name && property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString() : Find(property.Value, name)).FirstOrDefault(found => found is not null),
        JsonValueKind.Array => element.EnumerateArray().Select(one => Find(one, name)).FirstOrDefault(found => found is not null),
        _ => null,
    };
}

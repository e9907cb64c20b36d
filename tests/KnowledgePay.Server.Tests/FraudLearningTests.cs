using System.Text.Json;
using KnowledgePay.Decisions.Fraud;
using KnowledgePay.Grains.Models;
using KnowledgePay.Learning.Risk;
using KnowledgePay.Server.Models;
using Microsoft.Extensions.DependencyInjection;
using static KnowledgePay.Server.Tests.LearningServer;

namespace KnowledgePay.Server.Tests;

public sealed class FraudLearningTests
{
    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_fraud_model_is_learned_scores_payments_as_the_journal_will_say_and_is_there_after_a_restart()
    {
        var clock = new MovedClock();
        await using var server = new RunningServer { Clock = clock };
        await server.InitializeAsync();
        Reply early = await server.Trained("fraud", "{}");
        Assert.Contains("too little", early["reason"].GetString(), StringComparison.Ordinal);

        // Here large payments from a device that never paid before come back, and failed attempts say nothing, whatever the expert thought.
        var random = new Random(5);
        DateTimeOffset start = DateTimeOffset.UtcNow.AddDays(-300);
        var lines = new List<string>();
        for (int person = 0; person < 150; person++)
        {
            string id = $"f{person}";
            lines.Add(Event(id, "user.profiled", start, $$"""{"gender":"{{(person % 4 < 2 ? "female" : "male")}}","birthYear":1985}"""));
            for (int i = 0; i < 6; i++)
            {
                bool isStrange = i >= 3 && random.Next(4) == 0;
                lines.Add(Paid(id, $"p{i}", start.AddDays(i), isStrange ? 90_000 : 5_000, isStrange ? "stranger" : "home", random.Next(4) == 0 ? "failed" : "succeeded"));
                if (isStrange && random.Next(10) < 8)
                {
                    lines.Add(Event(id, "payment.chargedBack", start.AddDays(i + 30), $$"""{"paymentId":"{{id}}-p{{i}}","amount":{{Cny(90_000)}}}"""));
                }
            }
        }

        await server.Send([.. lines]);
        Reply run = await server.Trained("fraud", """{"seed":5}""");
        Assert.True(run["status"].GetString() == "succeeded", run.Body.ToString());
        Reply card = await Reply.Of(server.As("auditor").GetAsync("/v1/models/fraud/versions/1", Ending));
        Assert.InRange(card["trainedOn"].GetProperty("payments").GetInt32(), 500, 900);
        Assert.True(card["metrics"].GetProperty("areaUnderCurve").GetDouble() > card["baseline"].GetProperty("areaUnderCurve").GetDouble(), card.Body.ToString());

        // Until it is promoted the expert's signs move the risk.
        await server.Send([Paid("before", "p0", DateTimeOffset.UtcNow, 5_000, "home", "failed")]);
        Assert.Equal(0.08, await Risk(server, "before"), 1e-2);
        await server.Promoted("fraud");

        // One batch: each payment is scored as of those before it.
        DateTimeOffset now = DateTimeOffset.UtcNow;
        await server.Send([Paid("one", "p0", now.AddDays(-3), 5_000, "home", "succeeded"), Paid("one", "p1", now.AddDays(-2), 5_000, "home", "succeeded"), Paid("one", "p2", now.AddHours(-1), 90_000, "stranger", "succeeded")]);
        await server.Send([Paid("other", "p0", now.AddDays(-3), 5_000, "home", "succeeded")]);
        await server.Send([Paid("other", "p1", now.AddHours(-1), 5_000, "home", "failed")]);
        Assert.InRange(await Risk(server, "one"), 0.5, 1);
        Assert.InRange(await Risk(server, "other"), 0, 0.2);
        using JsonDocument exported = JsonDocument.Parse(await server.Operator.GetStringAsync("/v1/users/one/export", Ending));
        JsonElement[] payments = [.. exported.RootElement.GetProperty("events").EnumerateArray().Where(e => e.GetProperty("type").GetString()!.EndsWith("payment.attempted", StringComparison.Ordinal))];
        Assert.Equal(["scorecard/1", "scorecard/1", "scorecard/1"], payments.Select(e => e.GetProperty("paymentRiskBy").GetString()));

        // What was scored as it came in is what a later training run reads off the journal.
        clock.Moved = TimeSpan.FromDays(100);
        FraudModel served = server.Services.GetRequiredService<ServedModels>().Fraud!;
        PaymentOutcomes read = await server.Services.GetRequiredService<JournalPayments>().Read(_ => { }, Ending);
        PaymentCase[] last = [.. read.Cases.Where(one => one.Values[(int)PaymentAttribute.DaysSinceFirstSeen] < 4).TakeLast(4)];
        Assert.Equal(
            payments.Select(e => e.GetProperty("paymentRisk").GetSingle()),
            last[..3].Select(one => served.Score(one.Values)));
        clock.Moved = TimeSpan.Zero;

        double risk = await Risk(server, "one");
        await server.Restart();
        Assert.Equal(risk, await Risk(server, "one"), 1e-3);
        for (int tries = 0; tries < 500 && server.Services.GetRequiredService<ServedModels>().Fraud is null; tries++)
        {
            await Task.Delay(20, Ending);
        }

        Assert.Equal("scorecard/1", server.Services.GetRequiredService<ServedModels>().Fraud?.Version);
    }

    private static async Task<double> Risk(RunningServer server, string user) =>
        (await Reply.Of(server.Operator.GetAsync("/v1/users/" + user, Ending)))["riskScore"].GetDouble();

    private static string Paid(string user, string payment, DateTimeOffset at, int minorUnits, string device, string outcome) => Event(
        user, "payment.attempted", at, $$"""{"paymentId":"{{user}}-{{payment}}","amount":{{Cny(minorUnits)}},"method":"card","deviceId":"{{device}}-{{user}}","outcome":"{{outcome}}"}""", payment);
}

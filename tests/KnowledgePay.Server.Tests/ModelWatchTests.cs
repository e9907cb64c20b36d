using System.Text.Json;
using static KnowledgePay.Server.Tests.LearningServer;

namespace KnowledgePay.Server.Tests;

public sealed class ModelWatchTests
{
    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_scorecard_that_holds_is_left_in_peace_and_one_whose_world_changed_is_reported()
    {
        await using var server = new RunningServer { Settings = ["--KnowledgePay:Watch:Every=365.00:00:00"] };
        await server.InitializeAsync();
        DateTimeOffset now = DateTimeOffset.UtcNow;
        await server.Send(await server.Borrowers(new Random(11), "l", 160, now.AddDays(-400), finishersBad: 0.05, othersBad: 0.7));
        Reply run = await server.Trained("risk", """{"seed":5}""");
        Assert.True(run["status"].GetString() == "succeeded", run.Body.ToString());
        await server.Promoted("risk");
        JsonElement idle = Model(await Watch(server), "risk");
        Assert.Equal(("scorecard/1", 1, 160), (idle.GetProperty("model").GetString(), idle.GetProperty("version").GetInt32(), idle.GetProperty("cases").GetInt32()));
        Assert.Empty(Alarms(idle));

        // The same sort of people later: as many go wrong as the card says.
        await server.Send(await server.Borrowers(new Random(12), "m", 120, now.AddDays(-300), finishersBad: 0.05, othersBad: 0.7));
        JsonElement kept = Model(await Watch(server), "risk");
        JsonElement calibration = kept.GetProperty("calibration");
        Assert.Equal((120, 120), (calibration.GetProperty("cases").GetInt32(), calibration.GetProperty("ripe").GetInt32()));
        Assert.InRange(calibration.GetProperty("deviation").GetDouble(), -3, 3);
        Assert.DoesNotContain("miscalibrated", Alarms(kept));
        Assert.DoesNotContain("weaker", Alarms(kept));
        Assert.Equal(50, kept.GetProperty("outcomes").GetProperty("medianDays").GetDouble(), 0.01);

        // Then everybody does, whatever they finished.
        await server.Send(await server.Borrowers(new Random(13), "n", 120, now.AddDays(-200), finishersBad: 0.8, othersBad: 0.8));
        Reply report = await Watch(server);
        JsonElement broken = Model(report, "risk");
        Assert.Contains("miscalibrated", Alarms(broken));
        Assert.Contains("weaker", Alarms(broken));
        Assert.True(broken.GetProperty("calibration").GetProperty("deviation").GetDouble() > 3, broken.ToString());

        // No chargebacks were ever reported, and no model of them is there: nothing to say.
        JsonElement fraud = Model(report, "fraud");
        Assert.Equal("expert", fraud.GetProperty("model").GetString());
        Assert.Empty(Alarms(fraud));

        Reply last = await Reply.Of(server.As("auditor").GetAsync("/v1/audits/models", Ending));
        Assert.Equal(report.Body.ToString(), last.Body.ToString());
        await server.Restart();
        Assert.NotNull(await server.MetricLine("kpay_model_alarm{", "kind=\"risk\"", "alarm=\"miscalibrated\"", "} 1"));
    }

    private static async Task<Reply> Watch(RunningServer server)
    {
        Reply report = await Reply.Of(server.Operator.PostAsync("/v1/audits/models", null, Ending));
        Assert.True(report.Status == 200, report.Body.ToString());
        return report;
    }

    private static JsonElement Model(Reply report, string kind) => report["models"].EnumerateArray().Single(model => model.GetProperty("kind").GetString() == kind);

    private static IEnumerable<string?> Alarms(JsonElement model) => model.GetProperty("alarms").EnumerateArray().Select(alarm => alarm.GetProperty("code").GetString());
}

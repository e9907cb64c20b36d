using System.Text.Json;
using KnowledgePay.Grains.Models;
using Microsoft.Extensions.DependencyInjection;
using static KnowledgePay.Server.Tests.LearningServer;

namespace KnowledgePay.Server.Tests;

public sealed class UpliftLearningTests
{
    private const int People = 500;

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_offers_bring_about_is_learned_from_those_held_out_and_moves_their_rank()
    {
        var clock = new MovedClock();
        await using var server = new RunningServer { Clock = clock, Settings = ["--KnowledgePay:Decisions:Offers:HoldOutShare=0.5"] };
        await server.InitializeAsync();
        Assert.Contains("none of 0 offers was held out", (await server.Trained("uplift", "{}"))["reason"].GetString(), StringComparison.Ordinal);
        Reply made = await Reply.Of(server.Operator.PutAsync("/v1/partners/p-a/products/pass", RunningServer.Json(
            """{"kind":"membership","name":"Pass","terms":{},"eligibility":{},"channels":["pass-page"]}"""), Ending));
        Assert.Equal(201, made.Status);
        foreach (string partner in (string[])["p-a", "p-b"])
        {
            await Reply.Of(server.Operator.PutAsync($"/v1/partners/{partner}/products/card", RunningServer.Json(
                """{"kind":"membership","name":"Card","terms":{},"eligibility":{},"channels":["elsewhere"]}"""), Ending));
        }

        // Whoever has viewed much buys when they see the pass; the others do as they please.
        var random = new Random(4);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        var views = new List<string>();
        var purchases = new List<string>();
        for (int person = 0; person < People; person++)
        {
            views.AddRange(Viewed($"o{person}", person % 2 == 0 ? 12 : 1, now));
        }

        await server.Send([.. views]);
        int shownTo = 0;
        for (int person = 0; person < People; person++)
        {
            string id = $"o{person}";
            await Consent(server, id);
            bool isShown = (await Pass(server, id)) is not null;
            shownTo += isShown ? 1 : 0;
            if (random.NextDouble() < (isShown && person % 2 == 0 ? 0.9 : 0.2))
            {
                purchases.Add(Event(id, "payment.attempted", now.AddDays(3), $$"""{"paymentId":"{{id}}","amount":{{Cny(6_000)}},"method":"card","outcome":"succeeded"}"""));
            }
        }

        Assert.InRange(shownTo, People * 2 / 5, People * 3 / 5);
        Assert.Contains("are too young", (await server.Trained("uplift", "{}"))["reason"].GetString(), StringComparison.Ordinal);
        clock.Moved = TimeSpan.FromDays(15);
        await server.Send([.. purchases]);
        Reply run = await server.Trained("uplift", """{"seed":3}""");
        // A silo that started in the future would take itself for one of long ago.
        clock.Moved = TimeSpan.Zero;
        Assert.True(run["status"].GetString() == "succeeded", run.Body.ToString());
        Reply card = await Reply.Of(server.As("auditor").GetAsync("/v1/models/uplift/versions/1", Ending));
        Assert.Equal(People, card["trainedOn"].GetProperty("offers").GetInt32());
        Assert.True(card["metrics"].GetProperty("qiniLow").GetDouble() > 0, card.Body.ToString());
        await server.Promoted("uplift");
        Reply watch = await Reply.Of(server.Operator.PostAsync("/v1/audits/models", null, Ending));
        JsonElement watched = watch["models"].EnumerateArray().Single(model => model.GetProperty("kind").GetString() == "uplift");
        // By today's clock none of the offers has had its time.
        Assert.Equal((1, 0, 0), (watched.GetProperty("version").GetInt32(), watched.GetProperty("cases").GetInt32(), watched.GetProperty("alarms").GetArrayLength()));

        (double busy, double quiet) = (await Uplift(server, "busy", 12), await Uplift(server, "quiet", 1));
        Assert.True(busy > quiet + 0.2, $"{busy} {quiet}");
        await server.Restart();
        for (int tries = 0; tries < 500 && server.Services.GetRequiredService<ServedModels>().Uplift is null; tries++)
        {
            await Task.Delay(20, Ending);
        }

        Assert.Equal("auto/1", server.Services.GetRequiredService<ServedModels>().Uplift?.Version);
    }

    private static async Task Consent(RunningServer server, string user) => Assert.Equal(200, (await Reply.Of(server.Operator.PutAsync(
        $"/v1/users/{user}/consent", RunningServer.Json("""{"personalisation":true,"partnerSharing":true}"""), Ending))).Status);

    /// <summary>The decision by which the pass was offered; null where it was not.</summary>
    private static async Task<string?> Pass(RunningServer server, string user)
    {
        Reply offers = await Reply.Of(server.As("platform").PostAsync("/v1/decisions/offers", RunningServer.Json($$"""{"userId":"{{user}}","surface":"pass-page","count":10}"""), Ending));
        Assert.True(offers.Status == 200, offers.Body.ToString());
        return offers["offers"].EnumerateArray().Any(offer => offer.GetProperty("productId").GetString() == "pass") ? offers["decisionId"].GetString() : null;
    }

    /// <summary>As the record says it, of the first of such people to whom the pass is shown.</summary>
    private static async Task<double> Uplift(RunningServer server, string name, int views)
    {
        for (int person = 0; ; person++)
        {
            string id = $"{name}{person}";
            await server.Send(Viewed(id, views, DateTimeOffset.UtcNow));
            await Consent(server, id);
            if (await Pass(server, id) is { } decision)
            {
                Reply record = await Reply.Of(server.As("auditor").GetAsync("/v1/decisions/" + decision, Ending));
                Assert.Equal("auto/1", record["modelVersions"].GetProperty("uplift").GetString());
                JsonElement pass = record["candidates"].EnumerateArray().Single(one => one.GetProperty("candidate").GetString() == "p-a/pass");
                return pass.GetProperty("contributions").EnumerateArray().Single(one => one.GetProperty("name").GetString() == "uplift").GetProperty("input").GetDouble();
            }
        }
    }

    private static string[] Viewed(string user, int times, DateTimeOffset now) =>
        [.. Enumerable.Range(0, times).Select(i => Event(user, "course.viewed", now.AddMinutes(i - 60), $$"""{"courseId":"c{{i}}","seconds":30}"""))];
}

using KnowledgePay.Decisions.Projections;
using KnowledgePay.Grains.Catalogue;
using Microsoft.Extensions.DependencyInjection;
using static KnowledgePay.Server.Tests.LearningServer;

namespace KnowledgePay.Server.Tests;

public sealed class DemandLearningTests
{
    private const string Learned = "empirical-bayes/1";

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Demand_is_learned_from_how_quotes_were_answered_and_prices_say_by_which_model()
    {
        await using var server = new RunningServer();
        await server.InitializeAsync();
        Assert.Contains("too little", (await server.Trained("demand", "{}"))["reason"].GetString(), StringComparison.Ordinal);
        foreach (int course in Enumerable.Range(0, 24))
        {
            Reply made = await Reply.Of(server.Operator.PutAsync($"/v1/courses/d{course}", RunningServer.Json(
                $$"""{"title":"Course {{course}}","category":"{{(course < 12 ? "wanted" : "unwanted")}}","listPrice":{{Cny(20_000)}}}"""), Ending));
            Assert.True(made.Status == 201, made.Body.ToString());
        }

        // Whoever is quoted something wanted buys it two times of three; of the unwanted nearly nobody buys.
        var random = new Random(2);
        for (int person = 0; person < 12; person++)
        {
            for (int course = 0; course < 24; course++)
            {
                string token = (await Quote(server, $"d-{person}", $"d{course}"))["quoteToken"].GetString()!;
                if (random.Next(12) < (course < 12 ? 8 : 1))
                {
                    Reply order = await Reply.Of(server.As("platform").PostAsync("/v1/checkout", RunningServer.Json($$"""{"quoteToken":"{{token}}","paymentId":"{{person}}-{{course}}","method":"card"}"""), Ending));
                    Assert.True(order.Status == 200, order.Body.ToString());
                }
            }
        }

        // A quote is journalled behind its answer.
        ICatalogue catalogue = server.Services.GetRequiredService<ICatalogue>();
        LiveSignals signals = server.Services.GetRequiredService<LiveSignals>();
        for (int tries = 0; tries < 500 && Enumerable.Range(0, 24).Sum(course => signals.Course(catalogue.Current.FindCourse($"d{course}")!.Ordinal)?.QuotesShown?.Sum() ?? 0) < 288; tries++)
        {
            await Task.Delay(20, Ending);
        }

        Reply run = await server.Trained("demand", "{}");
        Assert.True(run["status"].GetString() == "succeeded", run.Body.ToString());
        Reply card = await Reply.Of(server.As("auditor").GetAsync("/v1/models/demand/versions/1", Ending));
        Assert.Equal(288, card["trainedOn"].GetProperty("quotes").GetInt64());
        Dictionary<string, double> intercepts = card["report"].GetProperty("categories").EnumerateArray().ToDictionary(
            one => one.GetProperty("name").GetString()!, one => one.GetProperty("prior").GetProperty("intercept").GetDouble());
        Assert.True(intercepts["wanted"] > intercepts["unwanted"] + 1, card.Body.ToString());
        Assert.True(card["metrics"].GetProperty("logLoss").GetDouble() < card["baseline"].GetProperty("logLoss").GetDouble(), card.Body.ToString());
        Assert.NotEqual(Learned, (await Quote(server, "later", "d1"))["modelVersions"].GetProperty("demand").GetString());
        await server.Promoted("demand");

        // A new course of the category starts from what its like showed.
        Reply fresh = await Reply.Of(server.Operator.PutAsync("/v1/courses/new", RunningServer.Json($$"""{"title":"New","category":"wanted","listPrice":{{Cny(20_000)}}}"""), Ending));
        Assert.Equal(201, fresh.Status);
        await Reply.Of(server.Operator.PutAsync("/v1/users/asks/consent", RunningServer.Json("""{"personalPricing":true}"""), Ending));
        Reply quote = await Quote(server, "asks", "new");
        Assert.Equal(Learned, quote["modelVersions"].GetProperty("demand").GetString());
        Assert.True(quote["price"].GetProperty("minorUnits").GetInt64() <= 20_000);
        Reply record = await Reply.Of(server.As("auditor").GetAsync("/v1/decisions/" + quote["decisionId"].GetString(), Ending));
        Assert.Equal(
            intercepts["wanted"],
            record["candidates"][0].GetProperty("contributions").EnumerateArray().Single(one => one.GetProperty("name").GetString() == "demand").GetProperty("value").GetDouble(), 0.01);

        await server.Restart();
        string? by = null;
        for (int tries = 0; tries < 500 && by != Learned; tries++)
        {
            by = (await Quote(server, "asks", "d3"))["modelVersions"].GetProperty("demand").GetString();
            await Task.Delay(20, Ending);
        }

        Assert.Equal(Learned, by);
    }

    private static async Task<Reply> Quote(RunningServer server, string user, string course)
    {
        Reply quote = await Reply.Of(server.As("platform").PostAsync("/v1/decisions/price", RunningServer.Json($$"""{"userId":"{{user}}","courseId":"{{course}}"}"""), Ending));
        Assert.True(quote.Status == 200, quote.Body.ToString());
        return quote;
    }
}

using System.Text.Json;
using KnowledgePay.Decisions.Premiums;
using KnowledgePay.Grains.Models;
using KnowledgePay.Server.Models;
using Microsoft.Extensions.DependencyInjection;
using static KnowledgePay.Server.Tests.LearningServer;

namespace KnowledgePay.Server.Tests;

public sealed class PremiumLearningTests
{
    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Premiums_are_learned_from_claims_and_offered_to_who_consents_never_above_the_list_price()
    {
        await using var server = new RunningServer();
        await server.InitializeAsync();
        Assert.Contains("too little", (await server.Trained("premium", "{}"))["reason"].GetString(), StringComparison.Ordinal);
        Reply wrong = await Product(server, """{"riskBased":true}""");
        Assert.Equal(422, wrong.Status);
        Assert.True(wrong["errors"].TryGetProperty("/terms/riskBased", out _), wrong.Body.ToString());
        Assert.Equal(201, (await Product(server, $$"""{"riskBased":true,"price":{{Cny(9_000)}},"minPremium":{{Cny(500)}},"coverMonths":6}""")).Status);

        // Who has payments refunded claims, mostly; the others hardly do.
        var random = new Random(3);
        DateTimeOffset start = DateTimeOffset.UtcNow.AddDays(-300);
        var lines = new List<string>();
        for (int person = 0; person < 400; person++)
        {
            string id = $"i{person}";
            bool refunded = person % 2 == 0;
            lines.Add(Event(id, "user.profiled", start, $$"""{"gender":"{{(person % 4 < 2 ? "female" : "male")}}","birthYear":1985}"""));
            lines.AddRange(Bought(id, refunded, start));
            lines.Add(Event(id, "offer.accepted", start.AddDays(20), $$"""{"decisionId":"dec-{{id}}","productId":"cover","partnerId":"p-ins"}"""));
            if (random.Next(10) < (refunded ? 6 : 1))
            {
                lines.Add(Event(id, "policy.claimed", start.AddDays(40), $$"""{"policyId":"policy-dec-{{id}}","amount":{{Cny(refunded ? 8_000 : 4_000)}}}"""));
            }
        }

        // Nobody knows of this policy.
        lines.Add(Event("stranger", "policy.claimed", start.AddDays(50), $$"""{"policyId":"elsewhere","amount":{{Cny(1_000)}}}"""));
        await server.Send([.. lines]);
        Reply run = await server.Trained("premium", """{"seed":2}""");
        Assert.True(run["status"].GetString() == "succeeded", run.Body.ToString());
        Reply card = await Reply.Of(server.As("auditor").GetAsync("/v1/models/premium/versions/1", Ending));
        Assert.Equal(400, card["trainedOn"].GetProperty("policies").GetInt32());
        Assert.Equal(1, card["report"].GetProperty("claimsOfUnknownPolicies").GetInt32());
        Assert.True(card["metrics"].GetProperty("devianceRatio").GetDouble() < 1, card.Body.ToString());

        // The cover ran for six months: what was claimed is by that much of a year.
        PolicyOutcomes read = await server.Services.GetRequiredService<JournalPolicies>().Read(_ => { }, Ending);
        Assert.All(read.Policies, policy => Assert.InRange(policy.Years, 0.49, 0.51));

        foreach (string person in (string[])["careless", "careful", "private"])
        {
            await server.Send(Bought(person, person == "careless", DateTimeOffset.UtcNow.AddDays(-30)));
            await Reply.Of(server.Operator.PutAsync($"/v1/users/{person}/consent", RunningServer.Json(
                $$"""{"personalisation":true,"partnerSharing":true,"personalPricing":{{(person == "private" ? "false" : "true")}}}"""), Ending));
        }

        Assert.False(Offer(await Cover(server, "careful")).TryGetProperty("premium", out _));
        await server.Promoted("premium");

        // It is watched from then on: cover since then has brought nothing yet.
        Reply watch = await Reply.Of(server.Operator.PostAsync("/v1/audits/models", null, Ending));
        JsonElement watched = watch["models"].EnumerateArray().Single(model => model.GetProperty("kind").GetString() == "premium");
        Assert.Equal((400, 1, 0), (watched.GetProperty("cases").GetInt32(), watched.GetProperty("version").GetInt32(), watched.GetProperty("alarms").GetArrayLength()));
        Reply offered = await Cover(server, "careful");
        long careful = Price(offered), careless = Price(await Cover(server, "careless"));
        Assert.True(careful < careless && careless <= 9_000, $"{careful} {careless}");
        Assert.InRange(careful, 500, 3_000);
        Assert.True(Offer(offered).GetProperty("premium").GetProperty("isPersonal").GetBoolean());
        Assert.Contains(Offer(offered).GetProperty("reasons").EnumerateArray(), reason => reason.GetProperty("code").GetString() == "offer-personal-premium");
        Assert.False(Offer(await Cover(server, "private")).TryGetProperty("premium", out _));

        // The record says by what.
        Reply record = await Reply.Of(server.As("auditor").GetAsync("/v1/decisions/" + offered["decisionId"].GetString(), Ending));
        Assert.Equal("auto/1", record["modelVersions"].GetProperty("premium").GetString());
        Assert.Equal(
            careful,
            record["candidates"].EnumerateArray().Single(one => one.GetProperty("candidate").GetString() == "p-ins/cover").GetProperty("contributions").EnumerateArray().Single(one => one.GetProperty("name").GetString() == "premiumMinorUnits").GetProperty("input").GetDouble());

        await server.Restart();
        for (int tries = 0; tries < 500 && server.Services.GetRequiredService<ServedModels>().Premiums is null; tries++)
        {
            await Task.Delay(20, Ending);
        }

        IPremiumModel? again = server.Services.GetRequiredService<ServedModels>().Premiums;
        Assert.Equal("auto/1", again?.Version);
        Assert.Equal(careful, Price(await Cover(server, "careful")));
    }

    private static JsonElement Offer(Reply offers) => offers["offers"].EnumerateArray().Single(offer => offer.GetProperty("productId").GetString() == "cover");

    private static long Price(Reply offers) => Offer(offers).GetProperty("premium").GetProperty("price").GetProperty("minorUnits").GetInt64();

    private static Task<Reply> Cover(RunningServer server, string person) =>
        Reply.Of(server.As("platform").PostAsync("/v1/decisions/offers", RunningServer.Json($$"""{"userId":"{{person}}","surface":"cover-page"}"""), Ending));

    private static async Task<Reply> Product(RunningServer server, string terms)
    {
        await Reply.Of(server.Operator.PutAsync("/v1/partners/p-ins", RunningServer.Json("""{"name":"Insurer"}"""), Ending));
        return await Reply.Of(server.Operator.PutAsync("/v1/partners/p-ins/products/cover", RunningServer.Json(
            $$"""{"kind":"insurance","name":"Cover","terms":{{terms}},"eligibility":{},"channels":["cover-page"]}"""), Ending));
    }

    private static string[] Bought(string id, bool refunded, DateTimeOffset start)
    {
        string paid = $$"""{"paymentId":"{{id}}-1","amount":{{Cny(6_000)}},"method":"card","outcome":"succeeded"}""";
        return refunded
            ? [Event(id, "payment.attempted", start.AddDays(1), paid), Event(id, "payment.refunded", start.AddDays(3), $$"""{"paymentId":"{{id}}-1","amount":{{Cny(6_000)}}}""")]
            : [Event(id, "payment.attempted", start.AddDays(1), paid)];
    }
}

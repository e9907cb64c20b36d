using System.Text.Json;
using static KnowledgePay.Server.Tests.LearningServer;

namespace KnowledgePay.Server.Tests;

public sealed class SegmentLearningTests
{
    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Segments_are_learned_follow_a_persons_events_and_open_offers()
    {
        await using var server = new RunningServer();
        await server.InitializeAsync();
        Reply early = await server.Trained("segmenter", "{}");
        Assert.Contains("too little", early["reason"].GetString(), StringComparison.Ordinal);

        // Browsers of this week, and buyers of long ago.
        DateTimeOffset now = DateTimeOffset.UtcNow;
        var random = new Random(3);
        var lines = new List<string>();
        for (int person = 0; person < 140; person++)
        {
            bool browses = person % 2 == 0;
            string id = $"s{person}";
            int events = 8 + random.Next(12);
            for (int i = 0; i < events; i++)
            {
                DateTimeOffset at = browses ? now.AddHours(-1 - (i * (1 + random.NextDouble()))) : now.AddDays(-200 - (i * (1 + random.NextDouble())));
                lines.Add(browses
                    ? Event(id, "course.viewed", at, $$"""{"courseId":"c{{i % 9}}","seconds":40}""")
                    : Event(id, "payment.attempted", at, $$"""{"paymentId":"{{id}}-{{i}}","amount":{{Cny(2000 + random.Next(8000))}},"method":"card","outcome":"succeeded"}"""));
            }
        }

        await server.Send([.. lines]);
        Reply refusing = await Reply.Of(server.Operator.PutAsync("/v1/users/s0/consent", RunningServer.Json("""{"personalisation":false,"partnerSharing":true}"""), Ending));
        Assert.Equal(200, refusing.Status);
        Reply run = await server.Trained("segmenter", """{"seed":2}""");
        Assert.True(run["status"].GetString() == "succeeded", run.Body.ToString());
        Reply card = await Reply.Of(server.As("auditor").GetAsync("/v1/models/segmenter/versions/1", Ending));
        Assert.Equal(139, card["trainedOn"].GetProperty("people").GetInt32());
        JsonElement[] segments = [.. card["report"].GetProperty("segments").EnumerateArray()];
        Assert.Equal([69, 70], segments.Select(segment => segment.GetProperty("rows").GetInt32()).Order());
        Assert.Null(await Segment(server, "s1"));
        await server.Promoted("segmenter");

        string browsing = (await Segment(server, "s2"))!, buying = (await Segment(server, "s1"))!;
        Assert.NotEqual(browsing, buying);
        Assert.Equal(segments.Select(segment => segment.GetProperty("name").GetString()!).Order(), new[] { browsing, buying }.Order());
        Assert.Null(await Segment(server, "s0"));

        // Somebody new is in a segment with the first events, and moves with the next ones.
        await server.Send([.. Enumerable.Range(0, 6).Select(i => Event("moves", "payment.attempted", now.AddDays(-200 - i), $$"""{"paymentId":"m{{i}}","amount":{{Cny(5000)}},"method":"card","outcome":"succeeded"}"""))]);
        Assert.Equal(buying, await Segment(server, "moves"));
        await server.Send([.. Enumerable.Range(0, 8).Select(i => Event("moves", "course.viewed", now.AddMinutes(-i), $$"""{"courseId":"c{{i}}","seconds":40}"""))]);
        Assert.Equal(browsing, await Segment(server, "moves"));

        // A partner's product may ask for it; the record says what was seen and by which model.
        Reply product = await Reply.Of(server.Operator.PutAsync("/v1/partners/p-a/products/for-browsers", RunningServer.Json(
            $$"""{"kind":"membership","name":"For browsers","terms":{"price":{{Cny(1000)}},"value":{{Cny(500)}}},"eligibility":{"learnedSegments":["{{browsing}}"]},"channels":[]}"""), Ending));
        Assert.True(product.Status == 201, product.Body.ToString());
        Assert.Contains("for-browsers", await Offered(server, "s2", browsing), StringComparison.Ordinal);
        Assert.DoesNotContain("for-browsers", await Offered(server, "s1", buying), StringComparison.Ordinal);
        Assert.DoesNotContain("for-browsers", await Offered(server, "s0", null), StringComparison.Ordinal);

        await server.Restart();
        string? again = null;
        for (int tries = 0; tries < 500 && again is null; tries++)
        {
            again = await Segment(server, "s2");
            await Task.Delay(20, Ending);
        }

        Assert.Equal(browsing, again);
    }

    private static async Task<string?> Segment(RunningServer server, string user)
    {
        Reply view = await Reply.Of(server.Operator.GetAsync("/v1/users/" + user, Ending));
        if (!view.Body.TryGetProperty("learnedSegment", out JsonElement segment))
        {
            return null;
        }

        Assert.Equal("kmeans/1", segment.GetProperty("model").GetString());
        return segment.GetProperty("name").GetString();
    }

    /// <summary>The ids of the products that are offered.</summary>
    private static async Task<string> Offered(RunningServer server, string user, string? segment)
    {
        await Reply.Of(server.Operator.PutAsync($"/v1/users/{user}/consent", RunningServer.Json($$"""{"personalisation":{{(segment is null ? "false" : "true")}},"partnerSharing":true}"""), Ending));
        Reply offers = await Reply.Of(server.As("platform").PostAsync("/v1/decisions/offers", RunningServer.Json($$"""{"userId":"{{user}}","surface":"home"}"""), Ending));
        Assert.True(offers.Status == 200, offers.Body.ToString());
        Reply record = await Reply.Of(server.As("auditor").GetAsync("/v1/decisions/" + offers["decisionId"].GetString(), Ending));
        JsonElement input = record["inputs"].EnumerateArray().Single(one => one.GetProperty("name").GetString() == "learnedSegment");
        Assert.Equal(segment, input.TryGetProperty("text", out JsonElement text) ? text.GetString() : null);
        Assert.Equal(segment is not null, record["modelVersions"].TryGetProperty("segmenter", out _));
        return string.Join(' ', offers["offers"].EnumerateArray().Select(offer => offer.GetProperty("productId").GetString()));
    }
}

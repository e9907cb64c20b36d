using System.Globalization;
using System.Text;
using System.Text.Json;
using KnowledgePay.Learning.Onnx;
using KnowledgePay.Learning.Tests.Onnx;

namespace KnowledgePay.Server.Tests;

public sealed class ModelsTests(RunningServer server)
{
    private const int People = 60;

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_kind_is_listed_with_what_decides_while_nothing_was_promoted()
    {
        Reply list = await Reply.Of(server.As("auditor").GetAsync("/v1/models", Ending));
        Assert.Equal(200, list.Status);
        Assert.Equal(
            ["recommender", "segmenter", "risk", "fraud", "demand", "sentiment", "uplift", "premium"],
            list["models"].EnumerateArray().Select(m => m.GetProperty("kind").GetString()));
        Assert.All(list["models"].EnumerateArray(), m => Assert.NotEmpty(m.GetProperty("builtIn").GetString()!));
        Assert.All(list["models"].EnumerateArray(), m => Assert.True(m.GetProperty("trainedHere").GetBoolean()));
    }

    [Theory]
    [InlineData("/v1/models/astrology/training-runs", "{}", 404, "not-found", null)]
    [InlineData("/v1/models/recommender/training-runs", """{"algorithm":"magic"}""", 422, "invalid-request", "/algorithm")]
    [InlineData("/v1/models/recommender/training-runs", """{"seed":-1}""", 422, "invalid-request", "/seed")]
    [InlineData("/v1/models/recommender/training-runs", """{"promote":"yes"}""", 422, "invalid-request", "/promote")]
    [InlineData("/v1/models/recommender/training-runs", "{", 400, "invalid-json", null)]
    [InlineData("/v1/models/recommender/versions/7/promotion", "", 404, "not-found", null)]
    [InlineData("/v1/models/recommender/versions/first/promotion", "", 404, "not-found", null)]
    [InlineData("/v1/models/astrology/versions/1/promotion", "", 404, "not-found", null)]
    public async Task What_cannot_be_trained_or_promoted_is_refused(string path, string body, int status, string type, string? pointer)
    {
        Reply answer = await Reply.Of(server.Operator.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"), Ending));
        if (pointer is null)
        {
            answer.IsProblem(status, type);
        }
        else
        {
            answer.IsProblem(status, type, pointer);
        }
    }

    [Fact]
    public async Task Unknown_runs_and_versions_are_not_found()
    {
        (await Reply.Of(server.Operator.GetAsync("/v1/training-runs/run_0", Ending))).IsProblem(404, "not-found");
        (await Reply.Of(server.Operator.GetAsync("/v1/models/recommender/versions/9", Ending))).IsProblem(404, "not-found");
        (await Reply.Of(server.As("platform").PostAsync("/v1/models/recommender/training-runs", null, Ending))).IsProblem(403, "forbidden");
    }

    [Fact]
    public async Task A_recommender_is_learned_from_the_journal_promoted_and_served_and_is_there_after_a_restart()
    {
        await using var own = new RunningServer();
        await own.InitializeAsync();
        Reply early = await Trained(own, "{}");
        Assert.Equal("failed", early["status"].GetString());
        Assert.Contains("too little", early["reason"].GetString(), StringComparison.Ordinal);

        await Enrol(own);
        Assert.Equal(200, (int)(await own.Operator.PutAsync("/v1/users/m0/consent", Json("""{"personalisation":false}"""), Ending)).StatusCode);
        Reply run = await Trained(own, """{"algorithm":"ease","seed":3}""");
        Assert.True(run["status"].GetString() == "succeeded", run.Body.ToString());
        Assert.Equal((1, 1), (run["version"].GetInt32(), run["progress"].GetInt32()));
        Assert.Equal("ease", run["report"].GetProperty("algorithm").GetString());

        Reply card = await Reply.Of(own.As("auditor").GetAsync("/v1/models/recommender/versions/1", Ending));
        Assert.Equal("candidate", card["status"].GetString());
        // The one who refused is not learned from.
        Assert.Equal(People - 1, card["trainedOn"].GetProperty("people").GetInt32());
        Assert.True(card["metrics"].GetProperty("ndcg").GetDouble() >= card["baseline"].GetProperty("ndcg").GetDouble());
        Assert.DoesNotContain("ease", await Served(own), StringComparison.Ordinal);

        Reply promoted = await Reply.Of(own.Operator.PostAsync("/v1/models/recommender/versions/1/promotion", null, Ending));
        Assert.Equal((200, "champion"), (promoted.Status, promoted["status"].GetString()));
        Assert.Contains("ease/1", await Served(own), StringComparison.Ordinal);

        Reply second = await Trained(own, """{"algorithm":"item-cf","promote":true}""");
        Assert.Equal((2, "succeeded"), (second["version"].GetInt32(), second["status"].GetString()));
        Assert.Contains("item-cf/2", await Served(own), StringComparison.Ordinal);
        Reply list = await Reply.Of(own.Operator.GetAsync("/v1/models", Ending));
        Assert.Equal(2, list["models"][0].GetProperty("serving").GetInt32());
        Assert.Equal(["champion", "retired"], list["models"][0].GetProperty("versions").EnumerateArray().Select(v => v.GetProperty("status").GetString()));

        // Back to the first: what was promoted once may be promoted again.
        await own.Operator.PostAsync("/v1/models/recommender/versions/1/promotion", null, Ending);
        await own.Restart();
        Assert.Contains("ease/1", await Served(own, wait: true), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_goes_on_from_the_one_that_serves()
    {
        await using var own = new RunningServer();
        await own.InitializeAsync();
        await Enrol(own);
        await Refused("""{"warmStart":true}""");
        Assert.Equal("succeeded", (await Trained(own, """{"algorithm":"ials","promote":true}"""))["status"].GetString());
        await Refused("""{"warmStart":true,"algorithm":"ease"}""");
        (await Reply.Of(own.Operator.PostAsync("/v1/models/sentiment/training-runs", Json("""{"warmStart":true}"""), Ending))).IsProblem(422, "invalid-request", "/warmStart");
        Reply idle = await Trained(own, """{"warmStart":true}""");
        Assert.Equal(("failed", 1), (idle["status"].GetString(), idle["from"].GetInt32()));
        Assert.Contains("nothing new", idle["reason"].GetString(), StringComparison.Ordinal);

        // Each takes what the crowd has, so also the one course of it that was left: that is new.
        string lines = string.Concat(Enumerable.Range(0, People * 5).Select(k => Event($"m{k / 5}", $"later-{k}", "course.enrolled", $$"""{"courseId":"c{{(k / 5 % 2 == 0 ? 1 : 6) + (k % 5)}}"}""")));
        Reply sent = await Reply.Of(own.Operator.PostAsync("/v1/events", new StringContent(lines, Encoding.UTF8, "application/x-ndjson"), Ending));
        Assert.Equal(People * 5, sent["accepted"].GetInt32());
        Reply run = await Trained(own, """{"warmStart":true,"promote":true}""");
        Assert.True(run["status"].GetString() == "succeeded", run.Body.ToString());
        Reply card = await Reply.Of(own.As("auditor").GetAsync($"/v1/models/recommender/versions/{run["version"].GetInt32()}", Ending));
        JsonElement refit = card["refit"];
        Assert.Equal(("ials", 1, 1), (card["algorithm"].GetString(), refit.GetProperty("from").GetInt32(), refit.GetProperty("count").GetInt32()));
        Assert.Equal(People, card["report"].GetProperty("refit").GetProperty("newInteractions").GetInt32());
        Assert.True(refit.GetProperty("earlier").GetProperty("ndcg").GetDouble() <= card["metrics"].GetProperty("ndcg").GetDouble(), card.Body.ToString());
        Assert.Contains("ials/2", await Served(own), StringComparison.Ordinal);

        async Task Refused(string body) => (await Reply.Of(own.Operator.PostAsync("/v1/models/recommender/training-runs", Json(body), Ending))).IsProblem(409, "nothing-to-go-on-from");
    }

    [Fact]
    public async Task What_was_taken_from_lower_places_counts_more_once_chance_has_shown_that_they_are_looked_at_less()
    {
        await using var own = new RunningServer { Settings = ["--KnowledgePay:Decisions:Recommending:ExplorationRate=1", "--KnowledgePay:Decisions:Recommending:ExplorationFreeSlots=0"] };
        await own.InitializeAsync();
        await Enrol(own);
        var lines = new StringBuilder();
        int explored = 0, lower = 0;
        for (int person = 0; person < People; person++)
        {
            Reply list = await Reply.Of(own.As("platform").GetAsync($"/v1/users/m{person}/recommendations?count=5", Ending));
            string decision = list["decisionId"].GetString()!;
            JsonElement[] shown = [.. (await Reply.Of(own.Operator.GetAsync($"/v1/decisions/{decision}", Ending)))["candidates"].EnumerateArray().Take(list["items"].GetArrayLength())];
            int place = 1 + Array.FindIndex(shown, one => one.GetProperty("contributions").EnumerateArray().Any(part => part.GetProperty("name").GetString() == "explore"));
            // Nobody looks below the second place.
            if (place is 1 or 2)
            {
                explored++;
                lower += place == 2 ? 1 : 0;
                lines.Append(Event($"m{person}", $"place-{person}", "course.enrolled", $$"""{"courseId":"{{shown[place - 1].GetProperty("candidate").GetString()}}","decisionId":"{{decision}}"}"""));
            }
        }

        Assert.True(explored > 5 && lower > 0, $"{explored} {lower}");
        await Reply.Of(own.Operator.PostAsync("/v1/events", new StringContent(lines.ToString(), Encoding.UTF8, "application/x-ndjson"), Ending));
        Reply run = await Trained(own, """{"algorithm":"ease"}""");
        Assert.True(run["status"].GetString() == "succeeded", run.Body.ToString());
        JsonElement trainedOn = (await Reply.Of(own.As("auditor").GetAsync("/v1/models/recommender/versions/1", Ending)))["trainedOn"], places = trainedOn.GetProperty("places");
        Assert.Equal((explored, lower), (places.GetProperty("observations").GetInt32(), trainedOn.GetProperty("weighted").GetInt32()));
        Assert.InRange(places.GetProperty("exponent").GetDouble(), 0.2, 3);
    }

    [Fact]
    public async Task The_sentiment_is_learned_from_comments_with_stars_and_scores_what_comes_after()
    {
        await using var own = new RunningServer();
        await own.InitializeAsync();
        Reply early = await Trained(own, "{}", "sentiment");
        Assert.Contains("too little", early["reason"].GetString(), StringComparison.Ordinal);
        (await Reply.Of(own.Operator.PostAsync("/v1/models/sentiment/training-runs", Json("""{"algorithm":"ease"}"""), Ending))).IsProblem(422, "invalid-request", "/algorithm");

        // Words that no lexicon has: what they mean is in the stars alone.
        await Comment(own, "before", "zworgly blent");
        var lines = new StringBuilder();
        for (int i = 0; i < 60; i++)
        {
            bool good = i % 2 == 0;
            lines.Append(Event($"s{i}", $"s{i}-c", "course.commented", $$"""{"courseId":"c1","text":"{{(good ? "zworgly blent" : "krunt moddle")}} {{i % 7}}"}"""));
            lines.Append(Event($"s{i}", $"s{i}-r", "course.rated", $$"""{"courseId":"c1","stars":{{(good ? 5 : 1)}}}"""));
        }

        // Neither good nor bad, and one who lets nothing be learned from them.
        lines.Append(Event("s-middle", "s-m-c", "course.commented", """{"courseId":"c1","text":"krunt"}""")).Append(Event("s-middle", "s-m-r", "course.rated", """{"courseId":"c1","stars":3}"""));
        lines.Append(Event("s-refuses", "s-n-c", "course.commented", """{"courseId":"c1","text":"krunt"}""")).Append(Event("s-refuses", "s-n-r", "course.rated", """{"courseId":"c1","stars":5}"""));
        Assert.Equal(124, (await Reply.Of(own.Operator.PostAsync("/v1/events", new StringContent(lines.ToString(), Encoding.UTF8, "application/x-ndjson"), Ending)))["accepted"].GetInt32());
        Assert.Equal(200, (int)(await own.Operator.PutAsync("/v1/users/s-refuses/consent", Json("""{"personalisation":false}"""), Ending)).StatusCode);

        Reply run = await Trained(own, """{"promote":true}""", "sentiment");
        Assert.True(run["status"].GetString() == "succeeded", run.Body.ToString());
        Reply card = await Reply.Of(own.As("auditor").GetAsync("/v1/models/sentiment/versions/1", Ending));
        Assert.Equal(("champion", 60), (card["status"].GetString(), card["trainedOn"].GetProperty("comments").GetInt32()));
        Assert.True(card["metrics"].GetProperty("accuracy").GetDouble() > card["baseline"].GetProperty("accuracy").GetDouble());

        await Comment(own, "good-after", "zworgly blent");
        await Comment(own, "bad-after", "krunt moddle");
        await own.Restart();
        for (int tries = 0; tries < 500 && (await Reply.Of(own.Operator.GetAsync("/v1/models", Ending)))["models"][5].GetProperty("serving").ValueKind == JsonValueKind.Null; tries++)
        {
            await Task.Delay(20, Ending);
        }

        Assert.Equal(0, await Sentiment(own, "before"));
        Assert.True(await Sentiment(own, "good-after") > 0.3);
        Assert.True(await Sentiment(own, "bad-after") < -0.3);
    }

    [Fact]
    public async Task A_model_that_was_learned_elsewhere_is_taken_in_measured_promoted_and_there_after_a_restart()
    {
        await using var own = new RunningServer { Settings = ["--KnowledgePay:Models:UploadBytes=100000"] };
        await own.InitializeAsync();
        await Enrol(own);

        // Two tastes, and a course that is of both: c0 to c10 as the crowds took them.
        float[] vectors = [.. Enumerable.Range(0, 11).SelectMany(c => (float[])(c == 0 ? [0.1f, 0.1f] : c < 6 ? [1, 0] : [0, 1]))];
        string directory = Directory.CreateTempSubdirectory("kpay-onnx-").FullName;
        File.WriteAllBytes(Path.Combine(directory, "m.onnx"), OnnxFile.MeanOfVectors(vectors, 11).ToBytes());
        File.WriteAllText(Path.Combine(directory, "items.csv"), "item\n" + string.Concat(Enumerable.Range(0, 11).Select(c => $"c{c}\n")));
        OnnxImport.Read(Path.Combine(directory, "m.onnx"), Path.Combine(directory, "items.csv")).Save(directory);
        byte[] model = File.ReadAllBytes(Path.Combine(directory, "model.kpm"));
        Directory.Delete(directory, true);

        async Task<Reply> Send(byte[] bytes, string kind = "recommender", string type = "application/octet-stream", string role = "operator") =>
            await Reply.Of(own.As(role).PostAsync($"/v1/models/{kind}/versions", new ByteArrayContent(bytes) { Headers = { ContentType = new(type) } }, Ending));
        (await Send(model, "astrology")).IsProblem(404, "not-found");
        (await Send(model, "risk")).IsProblem(422, "not-taken-here");
        (await Send(model, role: "auditor")).IsProblem(403, "forbidden");
        Assert.Equal(415, (await Send(model, type: "application/json")).Status);
        Assert.Equal(413, (await Send(new byte[100_001])).Status);
        (await Send([.. model[..^40], .. new byte[40]])).IsProblem(422, "invalid-model");
        (await Send("hello"u8.ToArray())).IsProblem(422, "invalid-model");

        Reply taken = await Send(model);
        Assert.True(taken.Status == 201, taken.Body.ToString());
        Assert.Equal("/v1/models/recommender/versions/1", taken.Message.Headers.Location!.ToString());
        Assert.Equal(("candidate", "onnx"), (taken["status"].GetString(), taken["algorithm"].GetString()));
        Assert.True(taken["metrics"].GetProperty("ndcg").GetDouble() > taken["baseline"].GetProperty("ndcg").GetDouble(), taken.Body.ToString());
        Reply promoted = await Reply.Of(own.Operator.PostAsync("/v1/models/recommender/versions/1/promotion", null, Ending));
        Assert.True(promoted.Status == 200, promoted.Body.ToString());
        Assert.Contains("onnx/1", await Served(own), StringComparison.Ordinal);

        // The one course of her taste that she has not taken yet comes first; none that she has.
        using JsonDocument person = JsonDocument.Parse(await own.Operator.GetStringAsync("/v1/users/m3/export", Ending));
        string[] has = [.. person.RootElement.GetProperty("events").EnumerateArray().Select(e => e.GetProperty("data").GetProperty("courseId").GetString()!)];
        string[] offered = [.. (await Reply.Of(own.As("platform").GetAsync("/v1/users/m3/recommendations?count=5", Ending)))["items"].EnumerateArray().Select(i => i.GetProperty("courseId").GetString()!)];
        Assert.Empty(offered.Intersect(has));
        Assert.Equal(Enumerable.Range(6, 5).Select(c => $"c{c}").Except(has).Single(), offered[0]);
        await own.Restart();
        Assert.Contains("onnx/1", await Served(own, wait: true), StringComparison.Ordinal);

        // One that ranks everything the wrong way round serves only when two operators want it to.
        float[] swapped = [.. Enumerable.Range(0, 11).SelectMany(c => (float[])(c == 0 ? [-1, -1] : c < 6 ? [0, 1] : [1, 0]))];
        byte[] wrong = new OnnxFile().Input("history", OnnxFile.Int64, "batch", "length").Constant("vectors", vectors, 11, 2).Constant("ranked", swapped, 11, 2)
            .Node("Gather", ["vectors", "history"], "taken", ("axis", [0])).Node("ReduceMean", ["taken"], "mean", ("axes", [1]), ("keepdims", [0]))
            .Node("Transpose", ["ranked"], "turned", ("perm", [1, 0])).Node("MatMul", ["mean", "turned"], "scores").Output("scores", OnnxFile.Float, "batch", 11).ToBytes();
        File.WriteAllBytes(Path.Combine(Directory.CreateDirectory(directory).FullName, "m.onnx"), wrong);
        File.WriteAllText(Path.Combine(directory, "items.csv"), "item\n" + string.Concat(Enumerable.Range(0, 11).Select(c => $"c{c}\n")));
        OnnxImport.Read(Path.Combine(directory, "m.onnx"), Path.Combine(directory, "items.csv")).Save(directory);
        Assert.Equal(201, (await Send(File.ReadAllBytes(Path.Combine(directory, "model.kpm")))).Status);
        Directory.Delete(directory, true);
        const string Promotion = "/v1/models/recommender/versions/2/promotion";
        (await Reply.Of(own.Operator.PostAsync(Promotion, null, Ending))).IsProblem(409, "gate-failed");
        (await Reply.Of(own.Operator.PostAsync(Promotion, Json("""{"overrideReason":" "}"""), Ending))).IsProblem(422, "invalid-request", "/overrideReason");
        Reply first = await Reply.Of(own.Operator.PostAsync(Promotion, Json("""{"overrideReason":"An experiment."}"""), Ending));
        Assert.Equal((202, "candidate"), (first.Status, first["status"].GetString()));
        (await Reply.Of(own.Operator.PostAsync(Promotion, Json("""{"overrideReason":"I insist."}"""), Ending))).IsProblem(409, "override-needs-another");
        Assert.Contains("onnx/1", await Served(own), StringComparison.Ordinal);
        Reply key = await Reply.Of(own.Operator.PostAsync("/v1/keys", Json("""{"role":"operator"}"""), Ending));
        using var another = new HttpRequestMessage(HttpMethod.Post, Promotion) { Content = Json("""{"overrideReason":"Agreed, for a day."}""") };
        another.Headers.Authorization = new("Bearer", key["key"].GetString());
        Reply second = await Reply.Of(own.Nobody.SendAsync(another, Ending));
        Assert.True(second.Status == 200, second.Body.ToString());
        Assert.Equal(["An experiment.", "Agreed, for a day."], second["overrides"].EnumerateArray().Select(one => one.GetProperty("reason").GetString()));
        Assert.Contains("onnx/2", await Served(own), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_schedule_learns_and_promotes_by_itself()
    {
        await using var own = new RunningServer { Settings = ["--KnowledgePay:Models:RefitEvery=00:00:01"] };
        await own.InitializeAsync();
        await Enrol(own);
        JsonElement champion = default;
        for (int tries = 0; tries < 2_000 && champion.ValueKind != JsonValueKind.Number; tries++)
        {
            await Task.Delay(20, Ending);
            (await Reply.Of(own.Operator.GetAsync("/v1/models", Ending)))["models"][0].TryGetProperty("serving", out champion);
        }

        Assert.Equal(JsonValueKind.Number, champion.ValueKind);
        Reply card = await Reply.Of(own.As("auditor").GetAsync($"/v1/models/recommender/versions/{champion.GetInt32()}", Ending));
        Assert.Equal(("schedule", "schedule"), (card["createdBy"].GetString(), card["promotedBy"].GetString()));
    }

    private static string Event(string person, string id, string type, string data) =>
        $$$"""{"specversion":"1.0","type":"knowledgepay.{{{type}}}","source":"/models","id":"{{{id}}}","subject":"{{{person}}}","data":{{{data}}}}""" + "\n";

    private static async Task Comment(RunningServer own, string person, string text)
    {
        string line = Event(person, person, "course.commented", $$"""{"courseId":"c1","text":"{{text}}"}""");
        Assert.Equal(1, (await Reply.Of(own.Operator.PostAsync("/v1/events", new StringContent(line, Encoding.UTF8, "application/x-ndjson"), Ending)))["accepted"].GetInt32());
    }

    /// <summary>What the person's one comment was scored, as the export tells it.</summary>
    private static async Task<double> Sentiment(RunningServer own, string person)
    {
        using JsonDocument export = JsonDocument.Parse(await own.Operator.GetStringAsync($"/v1/users/{person}/export", Ending));
        return export.RootElement.GetProperty("events").EnumerateArray().Single(e => e.GetProperty("id").GetString() == person).GetProperty("sentiment").GetDouble();
    }

    private static async Task Enrol(RunningServer own)
    {
        // Two crowds with courses of their own; one course that everybody has.
        var lines = new StringBuilder();
        var random = new Random(5);
        for (int person = 0; person < People; person++)
        {
            int first = person % 2 == 0 ? 1 : 6;
            int[] courses = [0, .. Enumerable.Range(first, 5).OrderBy(_ => random.Next()).Take(4)];
            for (int i = 0; i < courses.Length; i++)
            {
                string time = new DateTimeOffset(2026, 3, 1 + i, 12, 0, 0, TimeSpan.Zero).ToString("O", CultureInfo.InvariantCulture);
                lines.Append(CultureInfo.InvariantCulture, $$$"""{"specversion":"1.0","type":"knowledgepay.course.enrolled","source":"/shop","id":"m{{{person}}}-{{{i}}}","subject":"m{{{person}}}","time":"{{{time}}}","data":{"courseId":"c{{{courses[i]}}}"}}""").Append('\n');
            }
        }

        Reply sent = await Reply.Of(own.Operator.PostAsync("/v1/events", new StringContent(lines.ToString(), Encoding.UTF8, "application/x-ndjson"), Ending));
        Assert.Equal(People * 5, sent["accepted"].GetInt32());
    }

    private static async Task<Reply> Trained(RunningServer own, string body, string kind = "recommender")
    {
        Reply asked = await Reply.Of(own.Operator.PostAsync($"/v1/models/{kind}/training-runs", Json(body), Ending));
        Assert.Equal(202, asked.Status);
        string location = asked.Message.Headers.Location!.ToString();
        Assert.Equal("/v1/training-runs/" + asked["id"].GetString(), location);
        while (true)
        {
            Reply run = await Reply.Of(own.As("auditor").GetAsync(location, Ending));
            if (run["status"].GetString() is "succeeded" or "failed")
            {
                return run;
            }

            await Task.Delay(20, Ending);
        }
    }

    private static async Task<string> Served(RunningServer own, bool wait = false)
    {
        while (true)
        {
            Reply list = await Reply.Of(own.As("platform").GetAsync("/v1/users/m3/recommendations?count=5", Ending));
            Assert.Equal(200, list.Status);
            string version = list["modelVersions"].GetProperty("recommender").GetString()!;
            if (!wait || version.Contains('+', StringComparison.Ordinal))
            {
                return version;
            }

            // The champion is loaded beside the start.
            await Task.Delay(20, Ending);
        }
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");
}

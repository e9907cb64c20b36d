using System.Globalization;
using System.Text;
using System.Text.Json;
using KnowledgePay.Decisions.Trials;

namespace KnowledgePay.Server.Tests;

public sealed class TrialsTests
{
    private const int People = 80;
    private const string First = "/v1/models/recommender/versions/1";
    private const string Second = "/v1/models/recommender/versions/2";

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_challenger_is_watched_then_decides_for_its_share_and_what_people_take_says_which_is_better()
    {
        await using RunningServer own = await Start();
        (await Reply.Of(own.Operator.PutAsync(First + "/trial", Json("{}"), Ending))).IsProblem(404, "not-found");
        await Send(own, [.. Enumerable.Range(0, People).SelectMany(person => CoursesOf(person, 0).Select(course => (person, course)))]);
        await Learn(own, """{"algorithm":"popularity","promote":true}""");
        await Learn(own, """{"algorithm":"ease"}""");

        (await Reply.Of(own.Operator.PutAsync(First + "/trial", Json("{}"), Ending))).IsProblem(409, "is-champion");
        (await Reply.Of(own.Operator.PutAsync(Second + "/trial", Json("""{"share":0.6}"""), Ending))).IsProblem(422, "invalid-request", "/share");
        (await Reply.Of(own.As("auditor").PutAsync(Second + "/trial", Json("{}"), Ending))).IsProblem(403, "forbidden");
        (await Reply.Of(own.Operator.GetAsync(Second + "/trial", Ending))).IsProblem(409, "not-on-trial");
        (await Reply.Of(own.Operator.DeleteAsync(Second + "/trial", Ending))).IsProblem(409, "not-on-trial");

        // Watched: it decides about nobody, and what people took before is not counted.
        Reply watched = await Reply.Of(own.Operator.PutAsync(Second + "/trial", Json("{}"), Ending));
        Assert.Equal((200, "challenger", 0.0), (watched.Status, watched["status"].GetString(), watched["trial"].GetProperty("share").GetDouble()));
        Assert.All(await Versions(own), version => Assert.Contains("popularity/1", version.Value, StringComparison.Ordinal));
        Reply early = await Reply.Of(own.As("auditor").GetAsync(Second + "/trial", Ending));
        Assert.False(early.Body.TryGetProperty("watched", out JsonElement none) && none.ValueKind != JsonValueKind.Null, early.Body.ToString());

        // Half of the people: the same ones at every call and after a restart.
        Reply half = await Reply.Of(own.Operator.PutAsync(Second + "/trial", Json("""{"share":0.5}"""), Ending));
        string name = half["trial"].GetProperty("name").GetString()!;
        await own.Restart();
        IReadOnlyDictionary<string, string> versions = await Versions(own, wait: true);
        Assert.All(versions, one => Assert.Contains(TrialArms.IsChallengers(one.Key, name, 0.5) ? "ease/2" : "popularity/1", one.Value, StringComparison.Ordinal));
        Assert.InRange(versions.Values.Count(version => version.Contains("ease", StringComparison.Ordinal)), People / 4, People * 3 / 4);

        // Everybody goes on within their own crowd, which popularity knows nothing of.
        await Send(own, [.. Enumerable.Range(0, People).SelectMany(person => CoursesOf(person, 1).Select(course => (person, course)))]);
        Reply report = await Reply.Of(own.As("auditor").GetAsync(Second + "/trial", Ending));
        Assert.True(report.Status == 200, report.Body.ToString());
        Assert.Equal((2, 1), (report["version"].GetInt32(), report["champion"].GetInt32()));
        JsonElement better = report["watched"];
        Assert.Equal("challenger", better.GetProperty("better").GetString());
        Assert.True(better.GetProperty("low").GetDouble() > 0 && better.GetProperty("pValue").GetDouble() < 0.05, report.Body.ToString());
        Assert.Equal((People, People * 2), (better.GetProperty("people").GetInt32(), better.GetProperty("taken").GetInt32()));
        // Both halves took as much.
        JsonElement served = report["served"];
        Assert.Equal(("undecided", 2.0, 2.0), (served.GetProperty("better").GetString(), served.GetProperty("champion").GetDouble(), served.GetProperty("challenger").GetDouble()));
        Assert.True(served.GetProperty("low").GetDouble() < 0 && served.GetProperty("high").GetDouble() > 0, report.Body.ToString());

        Reply ended = await Reply.Of(own.Operator.DeleteAsync(Second + "/trial", Ending));
        Assert.Equal((200, "candidate"), (ended.Status, ended["status"].GetString()));
        Assert.All(await Versions(own), version => Assert.Contains("popularity/1", version.Value, StringComparison.Ordinal));

        // Promoted from its trial, it serves everybody and is on trial no more.
        await own.Operator.PutAsync(Second + "/trial", Json("""{"share":0.1}"""), Ending);
        Reply promoted = await Reply.Of(own.Operator.PostAsync(Second + "/promotion", null, Ending));
        Assert.Equal((200, "champion"), (promoted.Status, promoted["status"].GetString()));
        Assert.All(await Versions(own), version => Assert.Contains("ease/2", version.Value, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Other_kinds_are_not_tried_and_one_trial_ends_another()
    {
        await using RunningServer own = await Start();
        await Send(own, [.. Enumerable.Range(0, People).SelectMany(person => CoursesOf(person, 0).Select(course => (person, course)))]);
        await Learn(own, """{"algorithm":"ease"}""");
        await Learn(own, """{"algorithm":"item-cf"}""");
        Assert.Equal(200, (await Reply.Of(own.Operator.PutAsync(First + "/trial", Json("{}"), Ending))).Status);
        Assert.Equal(200, (await Reply.Of(own.Operator.PutAsync(Second + "/trial", Json("{}"), Ending))).Status);
        Reply list = await Reply.Of(own.Operator.GetAsync("/v1/models", Ending));
        Assert.Equal(["challenger", "candidate"], list["models"][0].GetProperty("versions").EnumerateArray().Select(v => v.GetProperty("status").GetString()));
        // While nothing was promoted it is compared with popularity.
        await Send(own, [.. Enumerable.Range(0, People).Select(person => (person, CoursesOf(person, 1)[0]))]);
        Reply report = await Reply.Of(own.Operator.GetAsync(Second + "/trial", Ending));
        Assert.False(report.Body.TryGetProperty("champion", out JsonElement champion) && champion.ValueKind != JsonValueKind.Null);
        Assert.True(report["watched"].GetProperty("challenger").GetDouble() > report["watched"].GetProperty("champion").GetDouble(), report.Body.ToString());
        Assert.False(report.Body.TryGetProperty("served", out JsonElement served) && served.ValueKind != JsonValueKind.Null);
    }

    /// <summary>Two crowds: each takes of its own ten courses, four at first and two more later.</summary>
    private static int[] CoursesOf(int person, int part)
    {
        var random = new Random(person);
        int[] all = [.. Enumerable.Range(person % 2 == 0 ? 0 : 10, 10).OrderBy(_ => random.Next())];
        return part == 0 ? all[..4] : all[4..6];
    }

    private static async Task<RunningServer> Start()
    {
        var own = new RunningServer();
        await own.InitializeAsync();
        string courses = string.Concat(Enumerable.Range(0, 20).Select(i => $$$"""{"id":"k{{{i}}}","title":"Course {{{i}}}","listPrice":{"currency":"CNY","minorUnits":9900}}""" + "\n"));
        Reply put = await Reply.Of(own.Operator.PostAsync("/v1/courses", new StringContent(courses, Encoding.UTF8, "application/x-ndjson"), Ending));
        Assert.True(put.Status is 200 or 202, put.Body.ToString());
        return own;
    }

    private static async Task Send(RunningServer own, (int Person, int Course)[] taken)
    {
        var lines = new StringBuilder();
        foreach ((int person, int course) in taken)
        {
            lines.Append(CultureInfo.InvariantCulture, $$$"""{"specversion":"1.0","type":"knowledgepay.course.enrolled","source":"/trials","id":"t{{{person}}}-{{{course}}}","subject":"t{{{person}}}","data":{"courseId":"k{{{course}}}"}}""").Append('\n');
        }

        Reply sent = await Reply.Of(own.Operator.PostAsync("/v1/events", new StringContent(lines.ToString(), Encoding.UTF8, "application/x-ndjson"), Ending));
        Assert.Equal(taken.Length, sent["accepted"].GetInt32());
    }

    private static async Task Learn(RunningServer own, string body)
    {
        Reply asked = await Reply.Of(own.Operator.PostAsync("/v1/models/recommender/training-runs", Json(body), Ending));
        Assert.Equal(202, asked.Status);
        while (true)
        {
            Reply run = await Reply.Of(own.Operator.GetAsync(asked.Message.Headers.Location!, Ending));
            if (run["status"].GetString() is "succeeded" or "failed")
            {
                Assert.True(run["status"].GetString() == "succeeded", run.Body.ToString());
                return;
            }

            await Task.Delay(20, Ending);
        }
    }

    /// <summary>What ranked for each person.</summary>
    private static async Task<IReadOnlyDictionary<string, string>> Versions(RunningServer own, bool wait = false)
    {
        var versions = new Dictionary<string, string>();
        for (int person = 0; person < People; person++)
        {
            Reply list = await Reply.Of(own.As("platform").GetAsync($"/v1/users/t{person}/recommendations?count=3", Ending));
            string version = list["modelVersions"].GetProperty("recommender").GetString()!;
            if (wait && !version.Contains('+', StringComparison.Ordinal))
            {
                // Models are loaded beside the start.
                await Task.Delay(20, Ending);
                person--;
                continue;
            }

            versions[$"t{person}"] = version;
        }

        return versions;
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");
}

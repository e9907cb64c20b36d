using System.Text.Json;

namespace KnowledgePay.Server.Tests;

/// <summary>What editors say about lists, through the API. Every rule holds on a surface of its own, so that no other test sees it.</summary>
public sealed class RankingRulesTests(RunningServer server)
{
    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_rule_is_put_held_to_recorded_and_taken_away()
    {
        await Courses(server, "ruled");
        const string rule = """{"name":"Shop window","effect":"pin","position":2,"label":"sponsored","courses":{"courseTags":["ruled-window"]},"when":{"surfaces":["ruled-home"]}}""";
        Reply put = await Put(server, "ruled-pin", rule);
        Assert.True(put.Status == 201, put.Body.ToString());
        Assert.Equal(1, put["courses"].GetInt32());
        Assert.Equal(200, (await Put(server, "ruled-pin", rule)).Status);
        Assert.Equal(201, (await Put(server, "ruled-hide", """{"name":"Not here","effect":"hide","courses":{"courses":["ruled-0"]},"when":{"surfaces":["ruled-home"]}}""")).Status);

        Reply got = await Reply.Of(server.As("auditor").GetAsync("/v1/ranking-rules/ruled-pin", Ending));
        Assert.Equal("ruled-pin", got["rule"].GetProperty("id").GetString());
        Assert.Equal("sponsored", got["rule"].GetProperty("label").GetString());
        Assert.Equal("ruled-home", got["rule"].GetProperty("when").GetProperty("surfaces")[0].GetString());
        Reply all = await Reply.Of(server.Operator.GetAsync("/v1/ranking-rules", Ending));
        Assert.Contains(all["rules"].EnumerateArray(), r => r.GetProperty("rule").GetProperty("id").GetString() == "ruled-hide");

        Reply list = await Reply.Of(server.As("platform").GetAsync("/v1/users/ruled-person/recommendations?count=20&surface=ruled-home", Ending));
        JsonElement second = list["items"][1];
        Assert.Equal("ruled-7", second.GetProperty("courseId").GetString());
        Assert.Equal("sponsored", second.GetProperty("reasons")[0].GetProperty("code").GetString());
        Assert.DoesNotContain(list["items"].EnumerateArray(), i => i.GetProperty("courseId").GetString() == "ruled-0");
        Reply record = await Reply.Of(server.As("auditor").GetAsync("/v1/decisions/" + list["decisionId"].GetString(), Ending));
        Assert.Equal(
            ["ranking/ruled-hide", "ranking/ruled-pin"],
            record["rules"].EnumerateArray().Select(r => r.GetProperty("rule").GetString()).Order(StringComparer.Ordinal));
        Assert.Contains(
            record["candidates"][1].GetProperty("contributions").EnumerateArray(),
            c => c.GetProperty("name").GetString() == "pinned" && c.GetProperty("input").GetDouble() == 2);

        foreach (string id in (string[])["ruled-pin", "ruled-hide"])
        {
            Assert.Equal(204, (await Reply.Of(server.Operator.DeleteAsync($"/v1/ranking-rules/{id}", Ending))).Status);
            (await Reply.Of(server.Operator.GetAsync($"/v1/ranking-rules/{id}", Ending))).IsProblem(404, "not-found");
            Assert.Equal(404, (await Reply.Of(server.Operator.DeleteAsync($"/v1/ranking-rules/{id}", Ending))).Status);
        }

        Reply after = await Reply.Of(server.As("platform").GetAsync("/v1/users/ruled-person/recommendations?count=20&surface=ruled-home", Ending));
        Assert.DoesNotContain(after["items"].EnumerateArray(), i => i.GetProperty("reasons")[0].GetProperty("code").GetString() == "sponsored");
    }

    [Theory]
    [InlineData("""{"effect":"hide","courses":{}}""", "/name")]
    [InlineData("""{"name":"n","courses":{}}""", "/effect")]
    [InlineData("""{"name":"n","effect":"lift","courses":{}}""", "/effect")]
    [InlineData("""{"name":"n","effect":"hide"}""", "/courses")]
    [InlineData("""{"name":"n","effect":"hide","courses":{"minAge":18}}""", "/courses/minAge")]
    [InlineData("""{"name":"n","effect":"hide","courses":{"courseTag":["x"]}}""", "/courses/courseTag")]
    [InlineData("""{"name":"n","effect":"hide","courses":{},"when":{"maxRiskBand":"low"}}""", "/when/maxRiskBand")]
    [InlineData("""{"name":"n","effect":"hide","courses":{},"when":{"all":[{"feature":"gender","op":"==","value":"f"}]}}""", "/when/all/0/feature")]
    [InlineData("""{"name":"n","effect":"boost","courses":{}}""", "/weight")]
    [InlineData("""{"name":"n","effect":"boost","courses":{},"weight":0}""", "/weight")]
    [InlineData("""{"name":"n","effect":"boost","courses":{},"weight":11}""", "/weight")]
    [InlineData("""{"name":"n","effect":"boost","courses":{},"weight":-1,"label":"sponsored"}""", "/label")]
    [InlineData("""{"name":"n","effect":"pin","courses":{}}""", "/position")]
    [InlineData("""{"name":"n","effect":"pin","courses":{},"position":101}""", "/position")]
    [InlineData("""{"name":"n","effect":"pin","courses":{},"position":1,"weight":1}""", "/weight")]
    [InlineData("""{"name":"n","effect":"pin","courses":{},"position":1,"label":"best"}""", "/label")]
    [InlineData("""{"name":"n","effect":"hide","courses":{},"validFrom":"2026-02-01T00:00:00Z","validTo":"2026-01-01T00:00:00Z"}""", "/validTo")]
    [InlineData("""{"id":"other","name":"n","effect":"hide","courses":{}}""", "/id")]
    public async Task A_rule_that_is_wrong_is_refused_with_the_place(string body, string pointer)
    {
        Reply refused = await Put(server, "ruled-wrong", body);
        refused.IsProblem(422, "invalid-request", pointer);
        Assert.Equal(404, (await Reply.Of(server.Operator.GetAsync("/v1/ranking-rules/ruled-wrong", Ending))).Status);
    }

    [Fact]
    public async Task Rules_are_there_after_a_restart_and_those_taken_away_are_not()
    {
        var own = new RunningServer();
        await using IAsyncLifetime ends = own;
        await own.InitializeAsync();
        await Courses(own, "kept");
        await Put(own, "kept-hide", """{"name":"n","effect":"hide","courses":{"courses":["kept-3"]}}""");
        await Put(own, "gone", """{"name":"n","effect":"hide","courses":{"courses":["kept-4"]}}""");
        await Reply.Of(own.Operator.DeleteAsync("/v1/ranking-rules/gone", Ending));
        await own.Restart();
        Reply all = await Reply.Of(own.Operator.GetAsync("/v1/ranking-rules", Ending));
        Assert.Equal("kept-hide", Assert.Single(all["rules"].EnumerateArray()).GetProperty("rule").GetProperty("id").GetString());
        Reply trending = await Reply.Of(own.Operator.GetAsync("/v1/trending?count=20", Ending));
        string[] ids = [.. trending["items"].EnumerateArray().Select(i => i.GetProperty("courseId").GetString()!)];
        Assert.DoesNotContain("kept-3", ids);
        Assert.Contains("kept-4", ids);
    }

    private static async Task Courses(RunningServer at, string prefix)
    {
        string[] courses =
        [
            .. Enumerable.Range(0, 8).Select(i => $$$"""{"id":"{{{prefix}}}-{{{i}}}","title":"Course {{{i}}}","tags":["{{{(i == 7 ? prefix + "-window" : "plain")}}}"],"listPrice":{"currency":"CNY","minorUnits":100}}"""),
        ];
        Assert.Equal(200, (await Reply.Of(at.Operator.PostAsync("/v1/courses", RunningServer.Json($"[{string.Join(',', courses)}]"), Ending))).Status);
    }

    private static Task<Reply> Put(RunningServer at, string id, string body) =>
        Reply.Of(at.Operator.PutAsync($"/v1/ranking-rules/{id}", RunningServer.Json(body), Ending));
}

using System.Text.Json;

namespace KnowledgePay.Server.Tests;

/// <summary>Courses in bulk: all of them or none, and each that is wrong by its place.</summary>
public sealed class CoursesTests(RunningServer server)
{
    private const string Lines = "application/x-ndjson";
    private const string Array = "application/json";

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Array)]
    [InlineData(Lines)]
    public async Task Many_courses_are_put_and_put_again(string type)
    {
        string[] courses = [.. Enumerable.Range(0, 3).Select(i => Course($"many-{type.Length}-{i}"))];
        Reply put = await Post(Join(courses, type), type);
        Assert.True(put.Status == 200, put.Body.ToString());
        Assert.Equal((3, 3, 0), (put["accepted"].GetInt32(), put["created"].GetInt32(), put["replaced"].GetInt32()));
        Reply again = await Post(Join(courses, type), type);
        Assert.Equal((3, 0, 3), (again["accepted"].GetInt32(), again["created"].GetInt32(), again["replaced"].GetInt32()));
    }

    [Theory]
    [InlineData(Array)]
    [InlineData(Lines)]
    public async Task With_some_that_are_bad_none_is_put_and_each_is_named_by_its_place(string type)
    {
        string prefix = $"half-{type.Length}-";
        string[] courses =
        [
            Course(prefix + "0"),
            """{"id":"half-x","listPrice":{"currency":"CNY","minorUnits":1}}""",
            Course(prefix + "2"),
            """{"id":"half-y","title":"T","listPrice":{"currency":"QQQ","minorUnits":-5}}""",
            Course(prefix + "2"),
            "[]",
        ];
        Reply refused = await Post(Join(courses, type), type);
        refused.IsProblem(422, "invalid-request", "/1/title");
        Assert.Equal(
            ["/1/title", "/3/listPrice/currency", "/3/listPrice/minorUnits", "/4/id", "/5"],
            refused["errors"].EnumerateObject().Select(e => e.Name).Order(StringComparer.Ordinal));
        Assert.Equal(404, (await Reply.Of(server.Operator.GetAsync($"/v1/courses/{prefix}0", Ending))).Status);
    }

    [Fact]
    public async Task A_line_that_is_not_json_or_not_utf8_is_named_and_blank_lines_count()
    {
        byte[] body = [.. "\n"u8, .. System.Text.Encoding.UTF8.GetBytes(Course("lines-1")), .. "\n{\"id\":\n"u8, .. "{\"id\":\"lines-3\",\"title\":\""u8, 0xC3, 0x28, .. "\"}\n"u8];
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new(Lines);
        Reply refused = await Reply.Of(server.As("platform").PostAsync("/v1/courses", content, Ending));
        Assert.Equal(422, refused.Status);
        Assert.Equal(["/2", "/3"], refused["errors"].EnumerateObject().Select(e => e.Name));
        Assert.Equal(404, (await Reply.Of(server.Operator.GetAsync("/v1/courses/lines-1", Ending))).Status);
    }

    [Fact]
    public async Task What_is_not_a_list_of_courses_is_refused()
    {
        (await Post("""{"id":"one"}""", Array)).IsProblem(422, "invalid-request");
        (await Post("[", Array)).IsProblem(400, "invalid-json");
        (await Post("[]", "text/csv")).IsProblem(415, "unsupported-media-type");
        string many = "[" + string.Join(',', Enumerable.Range(0, 20_001).Select(i => Course($"too-many-{i}"))) + "]";
        (await Post(many, Array)).IsProblem(413, "too-large");
        Assert.Equal(404, (await Reply.Of(server.Operator.GetAsync("/v1/courses/too-many-0", Ending))).Status);
    }

    [Fact]
    public async Task A_course_comes_back_as_it_was_put()
    {
        const string course = """
            {"title":"结构 & <b>","description":"d","category":"c","tags":["x","y"],"language":"zh","instructor":"i","level":"beginner","listPrice":{"currency":"CNY","minorUnits":19900},"floorPrice":{"currency":"CNY","minorUnits":9900},"partnerValue":{"currency":"CNY","minorUnits":900},"durationMinutes":60,"prerequisites":["c1"],"concepts":["k"],"publishedAt":"2026-01-01T08:00:00+08:00","embeddings":{"text":[0.5,-1]}}
            """;
        Assert.Equal(201, (await Reply.Of(server.Operator.PutAsync("/v1/courses/whole", RunningServer.Json(course), Ending))).Status);
        Reply got = await Reply.Of(server.Operator.GetAsync("/v1/courses/whole", Ending));
        using JsonDocument sent = JsonDocument.Parse(course);
        foreach (JsonProperty field in sent.RootElement.EnumerateObject().Where(f => f.Name != "publishedAt"))
        {
            Assert.True(JsonElement.DeepEquals(field.Value, got[field.Name]), $"{field.Name}: {got[field.Name]}");
        }

        Assert.Equal("2026-01-01T00:00:00Z", got["publishedAt"].GetString());
    }

    private static string Course(string id) => $$$"""{"id":"{{{id}}}","title":"T","listPrice":{"currency":"CNY","minorUnits":9900}}""";

    private static string Join(string[] courses, string type) => type == Lines ? string.Join('\n', courses) : "[" + string.Join(',', courses) + "]";

    private Task<Reply> Post(string body, string type) => Reply.Of(server.As("platform").PostAsync("/v1/courses", RunningServer.Json(body, type), Ending));
}

using System.Globalization;
using System.Text;
using KnowledgePay.Cli.Tests.Running;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Catalogue;

namespace KnowledgePay.Cli.Tests.Importing;

/// <summary>Imports into the product's server. Each test uses ids of its own, since the server is shared.</summary>
public sealed class ImportTests(RunningServer server)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("json", "[{0},\n{1}]")]
    [InlineData("jsonl", "{0}\n{1}\n")]
    [InlineData("ndjson", "\n{0}\n\n{1}")]
    public async Task Courses_come_from_JSON_with_every_field_that_the_contract_has(string extension, string layout)
    {
        using var directory = new WorkingDirectory();
        string full = $$$"""{"id":"full-{{{extension}}}","title":"下棋 \"one\"","description":"How to\nplay","category":"games","tags":["a","b"],"language":"zh","instructor":"Ann","level":"beginner","listPrice":{"currency":"CNY","minorUnits":19900},"floorPrice":"CNY:9900","marginalCost":{"currency":"CNY","minorUnits":100},"durationMinutes":90,"prerequisites":["other-{{{extension}}}"],"concepts":["openings"],"publishedAt":"2026-01-02T03:04:05Z","unknown":{"deep":[1]}}""";
        string other = $$$"""{"id":"other-{{{extension}}}","title":"Other","listPrice":{"currency":"CNY","minorUnits":100}}""";
        string file = directory.Write("c." + extension, layout.Replace("{0}", full, StringComparison.Ordinal).Replace("{1}", other, StringComparison.Ordinal));
        KpayResult result = await server.Import(file, "courses");
        Assert.Equal((0, 2L, 0L), (result.ExitCode, result.Count("accepted"), result.Count("rejected")));
        Course course = (await server.Client.GetCourse("full-" + extension, Cancelled))!;
        Assert.Equal("下棋 \"one\"", course.Title);
        Assert.Equal("How to\nplay", course.Description);
        Assert.Equal(["a", "b"], course.Tags);
        Assert.Equal(new Money("CNY", 19_900), course.ListPrice);
        Assert.Equal(new Money("CNY", 9_900), course.FloorPrice);
        Assert.Equal(new Money("CNY", 100), course.MarginalCost);
        Assert.Equal(90, course.DurationMinutes);
        Assert.Equal(["other-" + extension], course.Prerequisites);
        Assert.Equal(["openings"], course.Concepts);
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), course.PublishedAt);
    }

    [Fact]
    public async Task Mapped_fields_are_read_from_nested_objects_numbers_and_arrays_and_defaults_fill_what_is_missing()
    {
        using var directory = new WorkingDirectory();
        string file = directory.Write("c.jsonl", """
            {"item":4711,"name":["Mapped","Second"],"about":{"short":"Brief","long":"Much"},"fields":["x","x",""," y "],"meta":{"time":{"minutes":45}},"category":"not mapped"}
            {"item":4712,"name":"Bare","about":null,"fields":[]}
            """);
        KpayResult result = await server.Import(
            file, "courses", "--map", "id=item,title=name,description=about.long", "--map", "tags=fields,durationMinutes=meta.time.minutes", "--default", "listPrice=CNY:9900,category=misc");
        Assert.Equal(0, result.ExitCode);
        Course mapped = (await server.Client.GetCourse("4711", Cancelled))!;
        Assert.Equal(("Mapped", "Much", "misc", 45), (mapped.Title, mapped.Description, mapped.Category, mapped.DurationMinutes));
        Assert.Equal(["x", "y"], mapped.Tags);
        Assert.Equal(new Money("CNY", 9_900), mapped.ListPrice);
        Course bare = (await server.Client.GetCourse("4712", Cancelled))!;
        Assert.Equal(("Bare", null), (bare.Title, bare.Description));
        Assert.Empty(bare.Tags);
    }

    [Fact]
    public async Task Courses_come_from_CSV_zipped_or_not_with_missing_values_left_out()
    {
        using var directory = new WorkingDirectory();
        string file = directory.Zip("c.csv.gz", "id,title,tags,listPrice,durationMinutes,instructor\r\ncsv-1,\"A, \"\"B\"\"\",x;y|z,CNY:500,NA,?\r\ncsv-2,C,,,30,null\r\n");
        KpayResult result = await server.Import(file, "courses", "--default", "listPrice=CNY:700");
        Assert.Equal((0, 2L), (result.ExitCode, result.Count("accepted")));
        Course first = (await server.Client.GetCourse("csv-1", Cancelled))!, second = (await server.Client.GetCourse("csv-2", Cancelled))!;
        Assert.Equal(("A, \"B\"", null, null), (first.Title, first.DurationMinutes, first.Instructor));
        Assert.Equal(["x", "y", "z"], first.Tags);
        Assert.Equal(500, first.ListPrice.MinorUnits);
        Assert.Equal((700, 30), ((int)second.ListPrice.MinorUnits, second.DurationMinutes));
    }

    [Fact]
    public async Task Interactions_become_enrolments_or_ratings_and_a_repeated_import_makes_no_duplicates()
    {
        await PutCourses("int", 3);
        using var directory = new WorkingDirectory();
        string file = directory.Write("interactions.csv", """
            person,thing,stars,at
            int-u1,int-c0,,2026-01-01
            int-u1,int-c1,4.5,1767225600
            int-u2,int-c0,NA,1767225600000
            int-u2,int-c2,,2026-01-01 10:00:00
            int-u2,int-c2,,2026-01-01 10:00:00
            """);
        string[] map = ["--map", "user=person,item=thing,rating=stars,timestamp=at", "--batch", "2"];
        KpayResult first = await server.Import(file, "interactions", map);
        Assert.Equal((0, 5L, 0L), (first.ExitCode, first.Count("accepted"), first.Count("duplicates")));
        KpayResult again = await server.Import(file, "interactions", map);
        Assert.Equal((0, 0L, 5L), (again.ExitCode, again.Count("accepted"), again.Count("duplicates")));
        var one = (await server.Client.GetUser("int-u1", Cancelled))!;
        Assert.Equal(2, one.Sequence);
        Assert.Contains(one.Courses, c => c.CourseId == "int-c0");
        Assert.Equal(3, (await server.Client.GetUser("int-u2", Cancelled))!.Sequence);
    }

    [Fact]
    public async Task Events_are_sent_as_they_are_and_what_the_server_rejects_is_told_by_its_line()
    {
        await PutCourses("ev", 1);
        using var directory = new WorkingDirectory();
        string Event(string id, string course) => $$$"""{"specversion":"1.0","id":"{{{id}}}","source":"/tests","type":"knowledgepay.course.viewed","subject":"ev-u","time":"2026-01-01T00:00:00Z","data":{"courseId":"{{{course}}}"}}""";
        string file = directory.Write("e.ndjson", $"{Event("ev-1", "ev-c0")}\n\n{Event("ev-2", "no-such-course")}\r\n{Event("ev-3", "ev-c0")}");
        KpayResult result = await server.Import(file, "events");
        Assert.Equal((2, 2L, 1L), (result.ExitCode, result.Count("accepted"), result.Count("rejected")));
        Assert.Contains($"{file}:3:1: rejected by the server", result.Error, StringComparison.Ordinal);
        Assert.Contains("courseId", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_import_that_was_interrupted_goes_on_where_it_was_without_loss_or_duplicate()
    {
        await PutCourses("cut", 40);
        using var directory = new WorkingDirectory();
        var text = new StringBuilder("user,item\n");
        for (int i = 0; i < 4_000; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"cut-u{i / 40},cut-c{i % 40}\n");
        }

        string file = directory.Write("cut.csv", text.ToString()), log = directory.At("ack.csv");
        string[] arguments = ["import", file, "--as", "interactions", "--server", server.Url, "--key", RunningServer.Key, "--batch", "40", "--parallel", "2", "--ack-log", log];
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        Task<KpayResult> running = Kpay.Run(stop.Token, arguments);
        while (!running.IsCompleted && Acknowledged(log) < 400)
        {
            await Task.Yield();
        }

        await stop.CancelAsync();
        KpayResult cut = await running;
        Assert.Equal(1, cut.ExitCode);
        Assert.Contains("stopped", cut.Error, StringComparison.Ordinal);
        long before = Acknowledged(log);
        Assert.InRange(before, 400, 3_999);

        KpayResult rest = await Kpay.Run(arguments);
        Assert.Equal(0, rest.ExitCode);
        Assert.Equal(4_000, rest.Count("accepted") + rest.Count("duplicates"));
        Assert.True(rest.Count("duplicates") >= before, "what was acknowledged is there");
        for (int user = 0; user < 100; user += 33)
        {
            Assert.Equal(40, (await server.Client.GetUser($"cut-u{user}", Cancelled))!.Sequence);
        }
    }

    [Fact]
    public async Task A_key_that_the_server_does_not_know_is_failed_work()
    {
        using var directory = new WorkingDirectory();
        KpayResult result = await Kpay.Run("import", directory.Write("i.csv", "user,item\nu,c\n"), "--as", "interactions", "--server", server.Url, "--key", "not-a-key-of-this-server");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("the server refused", result.Error, StringComparison.Ordinal);
    }

    private static long Acknowledged(string log)
    {
        if (!File.Exists(log))
        {
            return 0;
        }

        using var reader = new StreamReader(new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(',')).Where(parts => parts.Length == 4)
            .Sum(parts => long.Parse(parts[2], CultureInfo.InvariantCulture) + long.Parse(parts[3], CultureInfo.InvariantCulture));
    }

    private Task PutCourses(string prefix, int count) => server.Client.PostCourses(
        [.. Enumerable.Range(0, count).Select(i => new Course { Id = $"{prefix}-c{i}", Title = $"Course {i}", ListPrice = new Money("CNY", 10_000) })], Cancelled);
}

namespace KnowledgePay.Server.Tests;

public sealed class DecisionSettingsTests
{
    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_an_operator_sets_decides()
    {
        await using var server = new RunningServer
        {
            Settings = ["--KnowledgePay:Decisions:Recommending:MarginWeight=5", "--KnowledgePay:Decisions:Pricing:QuoteLifetime=00:01:30"],
        };
        await server.InitializeAsync();
        Reply made = await Reply.Of(server.Operator.PutAsync("/v1/courses/dear", RunningServer.Json("""{"title":"Quite another","listPrice":{"currency":"CNY","minorUnits":900000}}"""), Ending));
        Assert.Equal(201, made.Status);
        Reply list = await Reply.Of(server.As("platform").GetAsync("/v1/users/somebody/recommendations?count=5", Ending));
        Assert.Equal("dear", list["items"][0].GetProperty("courseId").GetString());
        Reply quote = await Reply.Of(server.As("platform").PostAsync("/v1/decisions/price", RunningServer.Json("""{"userId":"somebody","courseId":"dear"}"""), Ending));
        Assert.InRange((quote["expiresAt"].GetDateTimeOffset() - DateTimeOffset.UtcNow).TotalSeconds, 30, 90);
    }

    [Fact]
    public async Task Settings_out_of_range_stop_the_start_and_are_all_named()
    {
        await using var server = new RunningServer
        {
            Settings = ["--KnowledgePay:Decisions:Recommending:MarginWeight=-1", "--KnowledgePay:Decisions:Recommending:NewDays=99999", "--KnowledgePay:Decisions:Pricing:ExperimentScale=7"],
        };
        Exception stopped = await Assert.ThrowsAnyAsync<Exception>(async () => await server.InitializeAsync());
        string message = stopped.ToString();
        Assert.Contains("KnowledgePay:Decisions:Recommending:MarginWeight is -1; expected 0 to 10.", message, StringComparison.Ordinal);
        Assert.Contains("KnowledgePay:Decisions:Recommending:NewDays is 99999", message, StringComparison.Ordinal);
    }
}

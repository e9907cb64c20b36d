using System.Net;

namespace KnowledgePay.Server.Tests;

/// <summary>Orleans' dashboard: there when asked for, and for operators alone.</summary>
public sealed class SiloDashboardTests(RunningServer server)
{
    private static readonly string[] Paths = ["/orleans/", "/orleans/index.min.js", "/orleans/DashboardCounters"];

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_not_there_unless_asked_for()
    {
        using HttpResponseMessage answer = await server.Operator.GetAsync(Paths[0], Ending);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task Operators_see_it_and_nobody_else_does()
    {
        await using var own = new RunningServer { Settings = ["--KnowledgePay:Dashboard=true"] };
        await own.InitializeAsync();
        foreach (string path in Paths)
        {
            (await Reply.Of(own.Nobody.GetAsync(path, Ending))).IsProblem(401, "unauthenticated");
            foreach (string role in (string[])["platform", "partner", "auditor"])
            {
                (await Reply.Of(own.As(role).GetAsync(path, Ending))).IsProblem(403, "forbidden");
            }

            using HttpResponseMessage seen = await own.Operator.GetAsync(path, Ending);
            Assert.Equal(HttpStatusCode.OK, seen.StatusCode);
        }

        Assert.Contains("\"hosts\"", await own.Operator.GetStringAsync("/orleans/DashboardCounters", Ending), StringComparison.Ordinal);
        Assert.DoesNotContain("/orleans", (await Reply.Of(own.Nobody.GetAsync("/openapi/v1.json", Ending)))["paths"].ToString(), StringComparison.Ordinal);
    }
}

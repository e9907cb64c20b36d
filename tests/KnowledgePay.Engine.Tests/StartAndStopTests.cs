using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace KnowledgePay.Engine.Tests;

public partial class StartAndStopTests
{
    [Fact]
    public async Task The_first_key_is_printed_once_and_opens_the_api()
    {
        await using var engine = new EngineProcess(null, ("KnowledgePay__Security__BootstrapKey", ""));
        await engine.Start();
        Match printed = FirstKey().Match(engine.Output);
        Assert.True(printed.Success, engine.Output);
        using (HttpClient http = engine.NewClient(printed.Groups[1].Value))
        {
            Assert.Equal(HttpStatusCode.NoContent, (await http.GetAsync("/v1/ping", TestContext.Current.CancellationToken)).StatusCode);
        }

        await engine.Stop();
        int before = engine.Output.Length;
        await engine.Start();
        Assert.DoesNotMatch(FirstKey(), engine.Output[before..]);
        using HttpClient again = engine.NewClient(printed.Groups[1].Value);
        Assert.Equal(HttpStatusCode.NoContent, (await again.GetAsync("/v1/ping", TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task A_second_server_on_the_same_data_is_refused_and_says_why()
    {
        await using var engine = new EngineProcess();
        await engine.Start();
        var second = new EngineProcess(engine.Data);
        InvalidOperationException refused = await Assert.ThrowsAsync<InvalidOperationException>(second.Start);
        Assert.Contains("in use by another process", refused.Message);
        Assert.Equal(HttpStatusCode.OK, (await engine.Http.GetAsync("/health/ready", TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task A_decision_made_before_a_restart_is_explained_after_it()
    {
        await using var engine = new EngineProcess();
        await engine.Start();
        using var course = new StringContent("""{"title":"Course","listPrice":{"currency":"CNY","minorUnits":9900}}""", Encoding.UTF8, "application/json");
        (await engine.Http.PutAsync("/v1/courses/c1", course, TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
        string list = await engine.Http.GetStringAsync("/v1/users/u1/recommendations?count=1", TestContext.Current.CancellationToken);
        string decisionId = DecisionId().Match(list).Groups[1].Value;
        string before = await engine.Http.GetStringAsync($"/v1/decisions/{decisionId}", TestContext.Current.CancellationToken);
        await engine.Stop();
        await engine.Start();
        Assert.Equal(before, await engine.Http.GetStringAsync($"/v1/decisions/{decisionId}", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Metrics_tell_what_was_decided_and_how_far_the_engine_is()
    {
        // In a process of its own: meters are of the process, and other tests have servers in theirs.
        await using var engine = new EngineProcess();
        await engine.Start();
        await engine.Http.GetAsync("/v1/users/of-the-metrics/recommendations", TestContext.Current.CancellationToken);
        string[] expected = ["kpay_decisions", "kpay_catalogue_version", "kpay_projection_lag"];
        string text = "";
        // A scrape is answered again for a moment.
        for (int tries = 0; tries < 200 && !expected.All(text.Contains); tries++)
        {
            text = await engine.Http.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        Assert.All(expected, name => Assert.Contains(name, text, StringComparison.Ordinal));
        Assert.DoesNotContain("of-the-metrics", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stop_under_load_fails_nothing_and_leaves_nothing_in_the_home_directory()
    {
        string home = Directory.CreateTempSubdirectory("kpay-home-").FullName;
        await using var engine = new EngineProcess(null, ("HOME", home), ("USERPROFILE", home));
        await engine.Start();
        using var stop = new CancellationTokenSource();
        int asked = 0;
        Task[] askers = [.. Enumerable.Range(0, 8).Select(async _ =>
        {
            using HttpClient http = engine.NewClient(EngineProcess.OperatorKey);
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    foreach (string path in (string[])["/health/ready", "/health/live", "/v1/trending", "/metrics"])
                    {
                        using HttpResponseMessage answer = await http.GetAsync(path, TestContext.Current.CancellationToken);
                        Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable, $"{path}: {answer.StatusCode}");
                        Interlocked.Increment(ref asked);
                    }
                }
                catch (HttpRequestException)
                {
                    // It listens no more.
                }
            }
        })];
        while (Volatile.Read(ref asked) < 200)
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        await engine.Stop();
        await stop.CancelAsync();
        await Task.WhenAll(askers);
        Assert.DoesNotContain("fail:", engine.Output);
        Assert.DoesNotContain("ObjectDisposedException", engine.Output);
        Assert.DoesNotContain("DataProtection", engine.Output);
        Assert.Empty(Directory.EnumerateFileSystemEntries(home));
        Directory.Delete(home, recursive: true);
    }

    [Fact]
    public async Task Wrong_arguments_end_with_2_and_a_word_about_what_was_expected()
    {
        using Process run = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "KnowledgePay.Server.dll"), "--no-such-option"]) { RedirectStandardError = true })!;
        string error = await run.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await run.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--no-such-option", error);
    }

    [Fact]
    public async Task Wrong_settings_end_with_2_are_all_named_and_nothing_else_is_said()
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "KnowledgePay.Server.dll"), "--data", Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()),
            "--KnowledgePay:Decisions:Recommending:MarginWeight=-1", "--KnowledgePay:Decisions:Pricing:ExperimentScale=7", "--KnowledgePay:Decisions:Offers:HoldOutShare=2", "--KnowledgePay:Models:ChargebackWindow=-1",
            "--KnowledgePay:Projector:SaveMilliseconds=-4", "--KnowledgePay:Storage:NewestEventFormat=99"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using Process run = Process.Start(start)!;
        Task<string> output = run.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        string error = await run.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await run.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, run.ExitCode);
        Assert.Equal(6, error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("KnowledgePay:Decisions:Recommending:MarginWeight is -1; expected 0 to 10.", error);
        Assert.Contains("KnowledgePay:Decisions:Pricing:ExperimentScale is 7; expected 0 to 1.", error);
        Assert.Contains("KnowledgePay:Decisions:Offers:HoldOutShare is 2; expected 0 to 0.5.", error);
        Assert.Contains("KnowledgePay:Models:ChargebackWindow", error);
        Assert.Contains("Projector.SaveMilliseconds must be between", error);
        Assert.Contains("Storage.NewestEventFormat must be between 1 and", error);
        Assert.DoesNotContain("Exception", await output);
    }

    [GeneratedRegex("The operator's first key, shown this once: (\\S+)")]
    private static partial Regex FirstKey();

    [GeneratedRegex("\"decisionId\":\"([^\"]+)\"")]
    private static partial Regex DecisionId();
}

using KnowledgePay.Cli.Tests.Running;

namespace KnowledgePay.Cli.Tests.Loading;

// Both put people u0, u1, … and their consents into the one server: not at the same time.
[Collection("people of the simulated marketplace")]
public sealed class LoadTests(RunningServer server)
{
    private static readonly string[] Small = ["--users", "20", "--courses", "30", "--events", "200", "--connections", "4", "--duration", "800ms", "--warm-up", "100ms", "--seed", "77"];

    [Fact]
    public async Task A_load_prints_throughput_percentiles_of_each_kind_and_the_empty_endpoint_beside()
    {
        KpayResult result = await Load("--mix", "recommend=45,price=27,offers=13,credit=5,event=10");
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        Assert.Matches("(?m)^requests/s +[0-9]+$", result.Output);
        Assert.Matches("(?m)^empty endpoint/s +[0-9]+$", result.Output);
        Assert.Matches("(?m)^ratio +[0-9]+\\.[0-9]+$", result.Output);
        Assert.Contains("p50 ms    p90 ms    p99 ms", result.Output, StringComparison.Ordinal);
        foreach (string kind in (string[])["recommend", "price", "offers", "credit", "event", "empty"])
        {
            double[] row = Row(result, kind);
            Assert.True(row[0] >= 1, $"{kind}: {row[0]} requests");
            Assert.Equal(row[2..].Order(), row[2..]);
        }
    }

    [Fact]
    public async Task Only_the_kinds_of_the_mix_come_and_the_empty_endpoint_can_be_left_out()
    {
        KpayResult result = await Load("--mix", "recommend=1", "--empty", "false");
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        Assert.DoesNotMatch("(?m)^(price|offers|credit|event|empty)", result.Output);
        Assert.True(Row(result, "recommend")[0] >= 1);
    }

    [Fact]
    public async Task A_rate_is_not_exceeded()
    {
        KpayResult result = await Load("--mix", "ping=1", "--empty", "false", "--rate", "50");
        Assert.Equal(0, result.ExitCode);
        // 0.8 s in four slices at 50/s, each of four connections sending once at a slice's start at the latest.
        Assert.InRange(Row(result, "ping")[0], 1, 60);
    }

    [Fact]
    public async Task Requests_that_the_server_refuses_are_counted_by_status_and_the_exit_code_is_1()
    {
        KpayResult result = await Kpay.Run(["load", "--server", server.Url, "--key", "not-a-key-of-this-server", "--prepare", "false", "--mix", "recommend=1", "--empty", "false", .. Small]);
        Assert.Equal(1, result.ExitCode);
        Assert.Matches("(?m)^failed recommend: 401 [0-9]+$", result.Output);
    }

    [Fact]
    public async Task A_load_that_is_stopped_exits_with_1()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        Task<KpayResult> running = Kpay.Run(stop.Token, ["load", "--server", server.Url, "--key", RunningServer.Key, "--prepare", "false", "--mix", "ping=1", "--duration", "1h", "--warm-up", "0"]);
        stop.CancelAfter(TimeSpan.FromMilliseconds(200));
        KpayResult result = await running;
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("stopped", result.Error, StringComparison.Ordinal);
    }

    private Task<KpayResult> Load(params string[] more) => Kpay.Run(["load", "--server", server.Url, "--key", RunningServer.Key, .. Small, .. more]);

    private static double[] Row(KpayResult result, string kind) =>
        [.. result.Output.Split('\n').Single(line => line.StartsWith(kind + " ", StringComparison.Ordinal) && !line.Contains('/', StringComparison.Ordinal))
            [kind.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(text => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture))];
}

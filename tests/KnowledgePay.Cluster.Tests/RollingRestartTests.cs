using System.Collections.Concurrent;
using System.Diagnostics;

namespace KnowledgePay.Cluster.Tests;

/// <summary>Each silo is stopped and started again while the load goes on. The client does what a proxy does: a connection that is refused, or closed without an answer, goes to the next silo.</summary>
[Collection(RunningCluster.Collection)]
public sealed class RollingRestartTests(RunningCluster cluster) : ClusterTest(cluster)
{
    private const int People = 30;

    private readonly ConcurrentQueue<string> _failures = new();
    private readonly CancellationTokenSource _stop = new();
    private int _answered;
    private int _events;
    private int _orders;
    private int _repeated;

    [Fact]
    public async Task A_rolling_restart_under_load_that_changes_the_master_key_fails_no_request()
    {
        const string done = "Everything is wrapped by the present master key";
        Cluster.Settings["KnowledgePay__Security__MasterKey"] = RunningCluster.NextMasterKey;
        Cluster.Settings["KnowledgePay__Security__PreviousMasterKeys__0"] = RunningCluster.FirstMasterKey;
        int[] before = [.. Cluster.Silos.Select(silo => silo.Output.Length)];
        await Cluster.Silos[0].PutCourses("rolling", 5);
        foreach (SiloProcess silo in Cluster.Silos)
        {
            await Calls.Until(async () => ((await silo.Get("/v1/courses/rolling-4")).Status == 200, "the courses are not there"));
        }

        Task[] clients = [.. Enumerable.Range(0, 4).Select(c => Task.Run(() => Call(c)))];
        foreach (SiloProcess silo in Cluster.Silos)
        {
            await More(100);
            var restart = Stopwatch.StartNew();
            await silo.Stop();
            double stopped = restart.Elapsed.TotalSeconds;
            await More(100);
            silo.Launch();
            await silo.WaitUntilReady();
            RunningCluster.Report($"{silo.Name}: stopped in {stopped:F1} s, ready again after {restart.Elapsed.TotalSeconds:F1} s");
        }

        await More(100);
        await _stop.CancelAsync();
        await Task.WhenAll(clients);
        Assert.Empty(_failures);
        for (int i = 0; i < before.Length; i++)
        {
            await Calls.Until(() => Task.FromResult((Cluster.Silos[i].Output[before[i]..].Contains(done, StringComparison.Ordinal), Cluster.Silos[i].Output[before[i]..])));
        }

        // The old master key is of no use any more.
        var old = new Dictionary<string, string>(Cluster.Settings) { ["KnowledgePay__Security__MasterKey"] = RunningCluster.FirstMasterKey };
        old.Remove("KnowledgePay__Security__PreviousMasterKeys__0");
        (int exitCode, string output) = await SiloProcess.RunSilo(old);
        Assert.True(exitCode != 0 && output.Contains("The master key is not the one", StringComparison.Ordinal), output);
        RunningCluster.Report($"rolling restart: {_answered} requests answered, {_repeated} sent to the next silo, none failed");
    }

    private async Task Call(int client)
    {
        var random = new Random(client);
        for (int turn = client; !_stop.IsCancellationRequested; turn++)
        {
            string person = $"rolling-u{random.Next(People)}";
            int course = random.Next(5);
            try
            {
                Answered answer = (turn % 5) switch
                {
                    0 => await Send(turn, silo => silo.Events([$$$"""{"specversion":"1.0","type":"knowledgepay.course.viewed","source":"/cluster","id":"rolling-{{{Interlocked.Increment(ref _events)}}}","subject":"{{{person}}}","data":{"courseId":"rolling-{{{course}}}"} }"""])),
                    1 => await Send(turn, silo => silo.Get($"/v1/users/{person}/recommendations?count=3")),
                    2 => await Buy(turn, course),
                    3 => await Borrow(turn, person),
                    _ => await Send(turn, silo => silo.Post("/v1/decisions/price", $$"""{"userId":"{{person}}","courseId":"rolling-{{course}}"}""")),
                };
                if (answer.Status != 200)
                {
                    _failures.Enqueue($"{turn % 5} {answer.Status} {answer.Text}");
                }
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                _failures.Enqueue($"{turn % 5} {e}");
            }

            Interlocked.Increment(ref _answered);
            await Task.Delay(25);
        }
    }

    private async Task<Answered> Buy(int turn, int course)
    {
        string payment = $"rolling-payment-{Interlocked.Increment(ref _orders)}";
        Answered quote = await Send(turn, silo => silo.Post("/v1/decisions/price", $$"""{"userId":"{{payment}}","courseId":"rolling-{{course}}"}"""));
        if (quote.Status != 200)
        {
            return quote;
        }

        string token = quote.Json.GetProperty("quoteToken").GetString()!;
        string order = $$"""{"quoteToken":"{{token}}","paymentId":"{{payment}}","method":"card"}""";
        Answered placed = await Send(turn, silo => silo.Post("/v1/checkout", order));
        Answered again = await Send(turn + 1, silo => silo.Post("/v1/checkout", order));
        if (again.Status == 200 && placed.Status == 200 && again.Json.GetProperty("orderId").GetString() != placed.Json.GetProperty("orderId").GetString())
        {
            _failures.Enqueue($"Two orders of one quote: {placed.Text} {again.Text}");
        }

        return placed.Status == 200 ? again : placed;
    }

    private async Task<Answered> Borrow(int turn, string person)
    {
        Answered consent = await Send(turn, silo => silo.Put($"/v1/users/{person}/consent", """{"creditChecks":true}"""));
        return consent.Status == 200
            ? await Send(turn, silo => silo.Post("/v1/decisions/credit", $$"""{"userId":"{{person}}","amount":{"currency":"CNY","minorUnits":5000},"termMonths":6}"""))
            : consent;
    }

    private async Task<Answered> Send(int turn, Func<SiloProcess, Task<Answered>> send)
    {
        for (int tries = 0; ; tries++)
        {
            try
            {
                return await send(Cluster.Silos[(turn + tries) % Cluster.Silos.Count]);
            }
            catch (HttpRequestException e) when (tries < 5 && (Calls.IsRefusedConnection(e) || e.InnerException is IOException))
            {
                // Nothing was sent, or the connection was closed just as the request went out: the next silo. All that is sent here is safe to send again.
                Interlocked.Increment(ref _repeated);
            }
        }
    }

    private async Task More(int requests)
    {
        int wanted = _answered + requests;
        await Calls.Until(() => Task.FromResult((_answered >= wanted, $"{_answered} of {wanted} requests answered")));
    }
}

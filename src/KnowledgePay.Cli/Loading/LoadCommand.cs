using System.CommandLine;
using System.Globalization;
using KnowledgePay.Cli.CommandLine;
using KnowledgePay.Cli.Terminal;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Simulation;

namespace KnowledgePay.Cli.Loading;

/// <summary><c>kpay load</c>: loads a running server and prints throughput and latency percentiles, beside its empty endpoint.</summary>
internal static class LoadCommand
{
    private const int MostSlices = 10_000;
    private const int MostConnections = 4096;

    public static Command Make(CliConsole console)
    {
        var server = new ServerOptions();
        var mix = new Option<string>("--mix") { Description = "Weights by kind: recommend, price, offers, credit, event, ping.", DefaultValueFactory = _ => LoadMix.Default };
        var connections = new Option<int>("--connections") { Description = "Connections, one request at a time on each.", DefaultValueFactory = _ => 32 };
        var rate = new Option<double?>("--rate") { Description = "Requests a second in all; as fast as they are answered when absent." };
        var duration = new Option<string>("--duration") { Description = "How long the mix is sent.", DefaultValueFactory = _ => "30s" };
        var warmUp = new Option<string>("--warm-up") { Description = "How long it is sent before, uncounted.", DefaultValueFactory = _ => "5s" };
        var users = new Option<int>("--users") { Description = "People asked about, u0, u1, …", DefaultValueFactory = _ => 2_000 };
        var courses = new Option<int>("--courses") { Description = "Courses asked about, c0, c1, …", DefaultValueFactory = _ => 10_000 };
        var events = new Option<long>("--events") { Description = "Events of these people's history.", DefaultValueFactory = _ => 60_000 };
        var seed = new Option<ulong>("--seed") { Description = "Seed of the world and of the requests.", DefaultValueFactory = _ => 1 };
        var prepare = new Option<bool>("--prepare") { Description = "Put the world (kpay simulate marketplace, with every consent) into the server first.", DefaultValueFactory = _ => true };
        var empty = new Option<bool>("--empty") { Description = "Measure the server's empty endpoint in turns with the mix.", DefaultValueFactory = _ => true };
        var slices = new Option<int>("--slices") { Description = "Parts that the duration is measured in, each printed with its percentiles: for a soak, one a minute.", DefaultValueFactory = _ => 4 };
        var command = new Command("load", "Load a running server; print throughput and latency percentiles beside its empty endpoint.")
        {
            mix, connections, rate, duration, warmUp, users, courses, events, seed, prepare, empty, slices,
        };
        server.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            LoadMix wanted = LoadMix.Parse(parsed.GetValue(mix)!);
            int count = InRange("--connections", parsed.GetValue(connections), MostConnections);
            int parts = InRange("--slices", parsed.GetValue(slices), MostSlices);
            TimeSpan time = Positive("--duration", parsed.GetValue(duration)!);
            TimeSpan before = Durations.Parse("--warm-up", parsed.GetValue(warmUp)!);
            if (parsed.GetValue(rate) is { } perSecond && !(perSecond > 0 && double.IsFinite(perSecond)))
            {
                throw new InputException(string.Create(CultureInfo.InvariantCulture, $"--rate {perSecond}: expected more than 0 requests a second."));
            }

            var world = new MarketplaceOptions
            {
                Users = InRange("--users", parsed.GetValue(users), 10_000_000),
                Courses = InRange("--courses", parsed.GetValue(courses), 1_000_000),
                Seed = parsed.GetValue(seed),
                End = new DateTimeOffset(console.Time.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero),
            };
            using HttpClient client = ServerOptions.Http(8);
            if (parsed.GetValue(prepare))
            {
                await LoadWorld.Prepare(console, server.ClientOf(parsed, client), world, Math.Max(0, parsed.GetValue(events)), cancellation).ConfigureAwait(false);
            }

            using var http = new HttpMessageInvoker(new SocketsHttpHandler { MaxConnectionsPerServer = count, UseCookies = false, UseProxy = false, AllowAutoRedirect = false, ActivityHeadersPropagator = null });
            Uri root = server.ServerOf(parsed);
            var requests = new LoadRequests(
                root.AbsoluteUri.EndsWith('/') ? root : new Uri(root.AbsoluteUri + "/"), server.KeyOf(parsed), world.Users, world.Courses, Guid.NewGuid().ToString("N")[..12]);
            var run = new LoadRun(http, requests, count, parsed.GetValue(rate), world.Seed);
            (LoadResult load, LoadResult? idle) = await Measure(console, run, wanted, time, before, parts, parsed.GetValue(empty), cancellation).ConfigureAwait(false);
            LoadReport.Print(console.Out, wanted, load, idle);
            return load.Failures.Count == 0 && idle?.Failures.Count is null or 0 ? KpayCommandLine.Done : KpayCommandLine.Failed;
        });
        return command;
    }

    /// <summary>Mix and empty endpoint in turns, so that a machine whose speed drifts drifts for both.</summary>
    private static async Task<(LoadResult Load, LoadResult? Empty)> Measure(
        CliConsole console, LoadRun run, LoadMix mix, TimeSpan time, TimeSpan warmUp, int slices, bool withEmpty, CancellationToken cancellation)
    {
        if (warmUp > TimeSpan.Zero)
        {
            await run.Run(mix, warmUp, cancellation).ConfigureAwait(false);
            if (withEmpty)
            {
                await run.Run(LoadMix.Empty, warmUp / 2, cancellation).ConfigureAwait(false);
            }
        }

        var load = new LoadResult();
        LoadResult? empty = withEmpty ? new LoadResult() : null;
        for (int slice = 0; slice < slices; slice++)
        {
            LoadResult part = await run.Run(mix, time / slices, cancellation).ConfigureAwait(false);
            load.Add(part, part.Elapsed);
            console.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"load: slice {slice + 1} of {slices}, {part.PerSecond:F0} requests/s, p50 {part.All.Microseconds(0.5) / 1000:F2} ms, p99 {part.All.Microseconds(0.99) / 1000:F2} ms, {part.Failures.Values.Sum()} failed"));
            if (empty is not null)
            {
                LoadResult idle = await run.Run(LoadMix.Empty, time / slices / 2, cancellation).ConfigureAwait(false);
                empty.Add(idle, idle.Elapsed);
            }
        }

        return (load, empty);
    }

    private static int InRange(string name, int value, int most) =>
        value >= 1 && value <= most ? value : throw new InputException(string.Create(CultureInfo.InvariantCulture, $"{name} {value}: expected 1 to {most}."));

    private static TimeSpan Positive(string name, string text)
    {
        TimeSpan value = Durations.Parse(name, text);
        return value > TimeSpan.Zero ? value : throw new InputException($"{name} '{text}': expected {Durations.Expected}, more than 0.");
    }
}

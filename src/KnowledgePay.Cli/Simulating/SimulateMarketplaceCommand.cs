using System.Buffers;
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using KnowledgePay.Cli.CommandLine;
using KnowledgePay.Cli.Terminal;
using KnowledgePay.Client;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Simulation;

namespace KnowledgePay.Cli.Simulating;

/// <summary><c>kpay simulate marketplace</c>: a world from a seed, into files or into a server.</summary>
internal static class SimulateMarketplaceCommand
{
    public static Command Make(CliConsole console)
    {
        var users = new Option<int>("--users") { Description = "People.", Required = true };
        var courses = new Option<int>("--courses") { Description = "Courses.", Required = true };
        var events = new Option<long>("--events") { Description = "Events.", Required = true };
        var seed = new Option<ulong>("--seed") { Description = "The same seed makes the same world.", Required = true };
        var days = new Option<int>("--days") { Description = "Days that the events span.", DefaultValueFactory = _ => 90 };
        var end = new Option<string?>("--end") { Description = "When the last day ends (RFC 3339); today's midnight UTC when absent." };
        var outDirectory = new Option<string?>("--out") { Description = "Write courses.jsonl, partners.jsonl, products.jsonl, consents.jsonl and events.ndjson here." };
        var popularity = new Option<string?>("--popularity") { Description = "CSV of dated interest, a row an occasion (item,timestamp; other names by --map): which courses come into view when. Its most frequent item is course c0. A popularity that stays as it is when absent." };
        var map = new Option<string[]>("--map") { Description = "Columns of --popularity: item=column,timestamp=column.", AllowMultipleArgumentsPerToken = true };
        var server = new ServerOptions();
        var command = new Command("marketplace", "Courses, partners, people with tastes, budgets and risks, and what they do.") { users, courses, events, seed, days, end, popularity, map, outDirectory };
        server.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            long count = parsed.GetValue(events);
            MarketplaceSimulator simulator = Simulator(new MarketplaceOptions
            {
                Users = parsed.GetValue(users),
                Courses = parsed.GetValue(courses),
                Seed = parsed.GetValue(seed),
                Days = parsed.GetValue(days),
                End = End(parsed.GetValue(end), console.Time),
                Popularity = Popularity(parsed.GetValue(popularity), parsed.GetValue(map) ?? [], parsed.GetValue(courses)),
            });
            if (count < 0)
            {
                throw new InputException($"--events {count}: expected 0 or more.");
            }

            if (parsed.GetValue(outDirectory) is { } directory)
            {
                if (parsed.GetValue(server.Server) is not null)
                {
                    throw new InputException("--out and --server: expected one of them.");
                }

                return await MarketplaceFiles.Write(console, simulator, count, directory, cancellation).ConfigureAwait(false);
            }

            if (parsed.GetValue(server.Server) is null)
            {
                throw new InputException("expected --out DIR or --server URL.");
            }

            using HttpClient http = ServerOptions.Http(8);
            return await MarketplaceUpload.Send(console, simulator, count, server.ClientOf(parsed, http), cancellation).ConfigureAwait(false);
        });
        return command;
    }

    private static MarketplaceSimulator Simulator(MarketplaceOptions options)
    {
        try
        {
            return new MarketplaceSimulator(options);
        }
        catch (ArgumentOutOfRangeException wrong)
        {
            throw new InputException($"--{wrong.ParamName?.ToLowerInvariant()} {wrong.ActualValue}: {wrong.Message.Split('(')[0].Trim()}");
        }
    }

    private static CoursePopularity? Popularity(string? path, string[] map, int courses)
    {
        Dictionary<string, string> columns = NameValueList.Parse("--map", map);
        if (columns.Keys.FirstOrDefault(name => name is not ("item" or "timestamp")) is { } unknown)
        {
            throw new InputException($"--map '{unknown}': expected item or timestamp.");
        }

        return path is null ? null : CoursePopularity.Read(path, columns.GetValueOrDefault("item", "item"), columns.GetValueOrDefault("timestamp", "timestamp"), Math.Max(1, courses));
    }

    private static DateTimeOffset End(string? text, TimeProvider time) =>
        text is null ? new DateTimeOffset(time.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero)
        : Timestamps.TryParse(text, out DateTimeOffset end) ? end
        : throw new InputException($"--end '{text}': expected {Timestamps.Expected}.");
}

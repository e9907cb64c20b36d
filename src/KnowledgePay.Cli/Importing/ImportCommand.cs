using System.CommandLine;
using KnowledgePay.Cli.CommandLine;
using KnowledgePay.Cli.Terminal;
using KnowledgePay.Client;
using KnowledgePay.Client.Wire;
using KnowledgePay.Learning.Files;

namespace KnowledgePay.Cli.Importing;

/// <summary><c>kpay import</c>: a file into a running server.</summary>
internal static class ImportCommand
{
    private static readonly string[] InteractionFields = ["user", "item", "rating", "timestamp"];

    public static Command Make(CliConsole console)
    {
        var file = new Argument<string>("FILE") { Description = "The file; .gz is read by its name." };
        var kind = new Option<string>("--as") { Description = "What it holds: courses (JSON, JSONL, CSV), events (CloudEvents, one a line) or interactions (CSV user,item[,rating][,timestamp]).", Required = true };
        kind.AcceptOnlyFromAmong("courses", "events", "interactions");
        var map = new Option<string[]>("--map") { Description = "Which column makes which field: field=column,…", DefaultValueFactory = _ => [] };
        var defaults = new Option<string[]>("--default") { Description = "What stands in where the file has nothing: field=value,…; money as CNY:9900.", DefaultValueFactory = _ => [] };
        var batch = new Option<int>("--batch") { Description = "Lines a request, 1 to 10000.", DefaultValueFactory = _ => 2000 };
        var parallel = new Option<int>("--parallel") { Description = "Requests in flight, 1 to 64.", DefaultValueFactory = _ => 4 };
        var source = new Option<string?>("--source") { Description = "The CloudEvents source of interactions; kpay:import:FILE when absent. The same source and file make the same events." };
        var ackLog = new Option<string?>("--ack-log") { Description = "Append first,last,accepted,duplicates of each acknowledged batch to this file." };
        var server = new ServerOptions();
        var command = new Command("import", "Bring courses, events or interactions into a running server.") { file, kind, map, defaults, batch, parallel, source, ackLog };
        server.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            int size = Range("--batch", parsed.GetValue(batch), 10_000);
            int inFlight = Range("--parallel", parsed.GetValue(parallel), 64);
            using HttpClient http = ServerOptions.Http(inFlight);
            KnowledgePayClient client = server.ClientOf(parsed, http);
            using InputFile input = InputFile.Open(parsed.GetValue(file)!);
            using AckLog? log = parsed.GetValue(ackLog) is { } path ? new AckLog(path) : null;
            string[] maps = parsed.GetValue(map)!;
            string[] standIns = parsed.GetValue(defaults)!;

            switch (parsed.GetValue(kind))
            {
                case "courses":
                    var courses = new CourseFile(input, new FieldMap(maps, standIns, CourseFile.Fields));
                    return await new Upload(console, input, "courses", log).Run(
                        courses.Batches(Math.Min(size, 1000)), inFlight, (lines, stop) => SendCourses(client, lines, stop), cancellation).ConfigureAwait(false);
                case "events":
                    if (maps.Length + standIns.Length > 0)
                    {
                        throw new InputException("--map and --default do not go with --as events: they are sent as they are.");
                    }

                    return await new Upload(console, input, "events", log).Run(
                        new CloudEventLines(input.Content, input.Name).Batches(size), inFlight, (lines, stop) => SendEvents(client, lines, stop), cancellation).ConfigureAwait(false);
                default:
                    string from = parsed.GetValue(source) ?? $"kpay:import:{Uri.EscapeDataString(Path.GetFileName(input.Name))}";
                    var interactions = new Interactions(input.Content, input.Name, new FieldMap(maps, standIns, InteractionFields), from, console.Time.GetUtcNow());
                    return await new Upload(console, input, "events", log).Run(
                        interactions.Batches(size), inFlight, (lines, stop) => SendEvents(client, lines, stop), cancellation).ConfigureAwait(false);
            }
        });
        return command;
    }

    private static async Task<BatchReceipt> SendEvents(KnowledgePayClient client, LineBatch batch, CancellationToken cancellation)
    {
        EventsReceipt receipt = await client.PostEventLines(batch.Bytes.WrittenMemory, cancellation).ConfigureAwait(false);
        return new BatchReceipt(receipt.Accepted, receipt.Duplicates, receipt.Rejected);
    }

    private static async Task<BatchReceipt> SendCourses(KnowledgePayClient client, LineBatch batch, CancellationToken cancellation)
    {
        CoursesReceipt receipt = await client.PostCourseLines(batch.Bytes.WrittenMemory, cancellation).ConfigureAwait(false);
        return new BatchReceipt(receipt.Accepted, 0, receipt.Rejected);
    }

    private static int Range(string option, int value, int most) =>
        value >= 1 && value <= most ? value : throw new InputException($"{option} {value}: expected 1 to {most}.");
}

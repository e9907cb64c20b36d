using System.Text.Json;
using KnowledgePay.Cli.Tests.Running;
using KnowledgePay.Contracts.Events;

namespace KnowledgePay.Cli.Tests.Simulating;

// Both put people u0, u1, … and their consents into the one server: not at the same time.
[Collection("people of the simulated marketplace")]
public sealed class SimulateMarketplaceTests(RunningServer server)
{
    private static readonly string[] Files = ["courses.jsonl", "partners.jsonl", "products.jsonl", "consents.jsonl", "events.ndjson"];

    [Fact]
    public async Task The_same_seed_makes_the_same_bytes_and_another_seed_makes_others()
    {
        using var directory = new WorkingDirectory();
        await Simulate(directory.At("a"), seed: 5);
        await Simulate(directory.At("b"), seed: 5);
        await Simulate(directory.At("c"), seed: 6);
        foreach (string name in Files)
        {
            byte[] first = File.ReadAllBytes(Path.Combine(directory.At("a"), name));
            Assert.True(first.AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(directory.At("b"), name))), name);
        }

        Assert.NotEqual(File.ReadAllText(Path.Combine(directory.At("a"), "events.ndjson")), File.ReadAllText(Path.Combine(directory.At("c"), "events.ndjson")));
        Assert.NotEqual(File.ReadAllText(Path.Combine(directory.At("a"), "courses.jsonl")), File.ReadAllText(Path.Combine(directory.At("c"), "courses.jsonl")));
    }

    [Theory]
    [InlineData(1, 1, 0)]
    [InlineData(1, 1, 50)]
    [InlineData(40, 15, 700)]
    public async Task There_are_as_many_people_courses_and_events_as_were_asked_for(int users, int courses, int events)
    {
        using var directory = new WorkingDirectory();
        await Simulate(directory.Path, 1, users, courses, events);
        Assert.Equal(courses, Lines(directory, "courses.jsonl").Length);
        Assert.Equal(users, Lines(directory, "consents.jsonl").Length);
        string[] lines = Lines(directory, "events.ndjson");
        Assert.Equal(events, lines.Length);
        Assert.Equal(events, lines.Select(Id).Distinct().Count());
        Assert.Equal(lines.Select(Time).Order(), lines.Select(Time));
    }

    [Fact]
    public async Task The_files_are_imported_without_a_rejection_whatever_the_type_of_event()
    {
        using var directory = new WorkingDirectory();
        await Simulate(directory.Path, seed: 9, users: 400, courses: 60, events: 15_000);
        KpayResult courses = await server.Import(directory.At("courses.jsonl"), "courses");
        Assert.Equal((0, 60L), (courses.ExitCode, courses.Count("accepted")));
        await PutProducts(directory);
        KpayResult events = await server.Import(directory.At("events.ndjson"), "events", "--source", "ignored");
        Assert.True(events.ExitCode == 0, events.Error);
        Assert.Equal(15_000, events.Count("accepted"));
        string[] types = [.. Lines(directory, "events.ndjson").Select(Type).Distinct()];
        Assert.Contains(EventTypes.LoanInstallmentPaid, types);
        Assert.Contains(EventTypes.OfferAccepted, types);
        Assert.Contains(EventTypes.MarketPriceObserved, types);
    }

    [Fact]
    public async Task A_server_is_filled_directly_and_again_without_duplicates()
    {
        string[] arguments = ["simulate", "marketplace", "--users", "30", "--courses", "20", "--events", "600", "--seed", "31", "--end", "2026-06-01", "--server", server.Url, "--key", RunningServer.Key];
        KpayResult first = await Kpay.Run(arguments);
        Assert.True(first.ExitCode == 0, first.Error);
        Assert.Equal((600L, 0L), (first.Count("accepted"), first.Count("rejected")));
        KpayResult again = await Kpay.Run(arguments);
        Assert.Equal((0, 600L), (again.ExitCode, again.Count("duplicates")));
        Assert.NotNull(await server.Client.GetProduct("p-bank", "study-loan", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_directory_that_cannot_be_made_is_a_wrong_argument()
    {
        using var directory = new WorkingDirectory();
        KpayResult result = await Kpay.Run("simulate", "marketplace", "--users", "1", "--courses", "1", "--events", "1", "--seed", "1", "--out", directory.Write("file", "x"));
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("--out", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_is_stopped_exits_with_1()
    {
        using var directory = new WorkingDirectory();
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        KpayResult result = await Kpay.Run(stop.Token, "simulate", "marketplace", "--users", "10", "--courses", "10", "--events", "1000", "--seed", "1", "--out", directory.Path);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("stopped", result.Error, StringComparison.Ordinal);
    }

    private static async Task Simulate(string directory, int seed, int users = 25, int courses = 12, int events = 400)
    {
        KpayResult result = await Kpay.Run(
            "simulate", "marketplace", "--users", $"{users}", "--courses", $"{courses}", "--events", $"{events}", "--seed", $"{seed}", "--end", "2026-06-01", "--out", directory);
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains(directory, result.Output, StringComparison.Ordinal);
    }

    /// <summary>Offer events name products: these must be there, whichever test runs first.</summary>
    private async Task PutProducts(WorkingDirectory directory)
    {
        foreach (string line in Lines(directory, "partners.jsonl"))
        {
            await server.Put($"/v1/partners/{Field(line, "id")}", line);
        }

        foreach (string line in Lines(directory, "products.jsonl"))
        {
            await server.Put($"/v1/partners/{Field(line, "partnerId")}/products/{Field(line, "id")}", line);
        }
    }

    private static string[] Lines(WorkingDirectory directory, string name) => File.ReadAllLines(directory.At(name));

    private static string Id(string line) => Field(line, "id");

    private static string Type(string line) => Field(line, "type");

    private static DateTimeOffset Time(string line) => DateTimeOffset.Parse(Field(line, "time"), System.Globalization.CultureInfo.InvariantCulture);

    private static string Field(string line, string name)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        return document.RootElement.GetProperty(name).GetString()!;
    }
}

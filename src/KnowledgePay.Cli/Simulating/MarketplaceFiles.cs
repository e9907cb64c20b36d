using System.Buffers;
using System.Globalization;
using System.Text.Json;
using KnowledgePay.Cli.CommandLine;
using KnowledgePay.Cli.Terminal;
using KnowledgePay.Client;
using KnowledgePay.Client.Events;
using KnowledgePay.Client.Wire;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Simulation;

namespace KnowledgePay.Cli.Simulating;

/// <summary>Writes a simulated marketplace as files that <c>kpay import</c> reads.</summary>
internal static class MarketplaceFiles
{
    private const int FlushBytes = 1 << 18;

    public static async Task<int> Write(CliConsole console, MarketplaceSimulator simulator, long events, string directory, CancellationToken cancellation)
    {
        try
        {
            Directory.CreateDirectory(directory);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"--out {directory}: expected a directory that can be written. {refused.Message}");
        }

        await ProgressDisplay.Run(console, "simulate marketplace", async display =>
        {
            await Lines(directory, "courses.jsonl", simulator.Courses, KnowledgePayClient.WriteCourseLine, null, cancellation).ConfigureAwait(false);
            await Lines(directory, "partners.jsonl", simulator.Partners, PartnerLines.Write, null, cancellation).ConfigureAwait(false);
            await Lines(directory, "products.jsonl", simulator.Products, PartnerLines.Write, null, cancellation).ConfigureAwait(false);
            await Lines(directory, "consents.jsonl", simulator.Consents, (output, writer, entry) => PartnerLines.Write(output, writer, entry.UserId, entry.Consent), null, cancellation).ConfigureAwait(false);
            await Lines(
                directory,
                "events.ndjson",
                simulator.History(events),
                (output, writer, entry) => CloudEventWriter.WriteLine(output, writer, new OutgoingEvent(entry.Subject, entry.Event)),
                done => display.Report((double)done / Math.Max(1, events), done, "events"),
                cancellation).ConfigureAwait(false);
            return 0;
        }).ConfigureAwait(false);
        console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"courses, partners, products, consents and {events} events in {directory}"));
        return KpayCommandLine.Done;
    }

    private static async Task Lines<T>(
        string directory, string name, IEnumerable<T> entries, Action<ArrayBufferWriter<byte>, Utf8JsonWriter, T> write, Action<long>? report, CancellationToken cancellation)
    {
        await using var file = new FileStream(Path.Combine(directory, name), FileMode.Create, FileAccess.Write);
        var buffer = new ArrayBufferWriter<byte>(FlushBytes * 2);
        await using var writer = new Utf8JsonWriter(buffer, CloudEventWriter.WriterOptions);
        long done = 0;
        foreach (T entry in entries)
        {
            write(buffer, writer, entry);
            done++;
            if (buffer.WrittenCount >= FlushBytes)
            {
                await file.WriteAsync(buffer.WrittenMemory, cancellation).ConfigureAwait(false);
                buffer.ResetWrittenCount();
                report?.Invoke(done);
            }
        }

        await file.WriteAsync(buffer.WrittenMemory, cancellation).ConfigureAwait(false);
    }
}

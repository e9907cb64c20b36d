using System.Globalization;
using KnowledgePay.Cli.CommandLine;
using KnowledgePay.Cli.Terminal;
using KnowledgePay.Client;
using KnowledgePay.Client.Events;
using KnowledgePay.Client.Wire;
using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Contracts.Partners;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Simulation;

namespace KnowledgePay.Cli.Simulating;

/// <summary>Plays a simulated marketplace into a running server: catalogue, partners, consents, then the events in their order.</summary>
internal static class MarketplaceUpload
{
    private const int BatchSize = 2000;
    private const int ConsentsInFlight = 8;

    public static async Task<int> Send(CliConsole console, MarketplaceSimulator simulator, long events, KnowledgePayClient client, CancellationToken cancellation)
    {
        long started = console.Time.GetTimestamp();
        (long accepted, long duplicates, long rejected) = await ProgressDisplay.Run(console, "simulate marketplace", async display =>
        {
            foreach (Course[] courses in simulator.Courses.Chunk(500))
            {
                CoursesReceipt receipt = await client.PostCourses(courses, cancellation).ConfigureAwait(false);
                if (receipt.Rejected.Count > 0)
                {
                    throw new WorkFailedException($"the server rejected {receipt.Rejected.Count} courses; the first: {receipt.Rejected[0].Id} {receipt.Rejected[0].Describe()}");
                }
            }

            foreach (Partner partner in simulator.Partners)
            {
                await client.PutPartner(partner, cancellation).ConfigureAwait(false);
            }

            foreach (PartnerProduct product in simulator.Products)
            {
                await client.PutProduct(product, cancellation).ConfigureAwait(false);
            }

            var limits = new ParallelOptions { MaxDegreeOfParallelism = ConsentsInFlight, CancellationToken = cancellation };
            await Parallel.ForEachAsync(
                simulator.Consents, limits, async (entry, stop) => await client.PutConsent(entry.UserId, entry.Consent, stop).ConfigureAwait(false)).ConfigureAwait(false);

            // One batch after another: a person's events must arrive in the order in which they happened.
            long sent = 0, taken = 0, known = 0, refused = 0;
            foreach (SimulatedEvent[] batch in simulator.History(events).Chunk(BatchSize))
            {
                EventsReceipt receipt = await client.PostEvents([.. batch.Select(entry => new OutgoingEvent(entry.Subject, entry.Event))], cancellation).ConfigureAwait(false);
                sent += batch.Length;
                taken += receipt.Accepted;
                known += receipt.Duplicates;
                refused += receipt.Rejected.Count;
                foreach (RejectedLine line in receipt.Rejected.Take(refused <= 20 ? 20 : 0))
                {
                    console.Error.WriteLine($"rejected by the server: {line.Id} {line.Describe()}");
                }

                display.Report((double)sent / events, sent, "events");
            }

            return (taken, known, refused);
        }).ConfigureAwait(false);
        double seconds = console.Time.GetElapsedTime(started).TotalSeconds;
        console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"accepted   {accepted}"));
        console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"duplicates {duplicates}"));
        console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"rejected   {rejected}"));
        console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seconds    {seconds:F2}"));
        return rejected == 0 ? KpayCommandLine.Done : KpayCommandLine.Failed;
    }
}

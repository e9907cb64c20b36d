using System.Globalization;
using KnowledgePay.Cli.Simulating;
using KnowledgePay.Cli.Terminal;
using KnowledgePay.Client;
using KnowledgePay.Contracts.People;
using KnowledgePay.Learning.Simulation;

namespace KnowledgePay.Cli.Loading;

/// <summary>Puts the world that a load asks about into the server: a simulated marketplace in which everybody consents to everything.</summary>
internal static class LoadWorld
{
    private const int RequestsInFlight = 8;

    private static readonly Consent All = new() { Personalisation = true, PersonalPricing = true, CreditChecks = true, PartnerSharing = true };

    public static async Task Prepare(CliConsole console, KnowledgePayClient client, MarketplaceOptions options, long events, CancellationToken cancellation)
    {
        // What is there already is put again and does not change: the ids of the events come from the seed.
        CliConsole quiet = console with { Out = TextWriter.Null };
        await MarketplaceUpload.Send(quiet, new MarketplaceSimulator(options), events, client, cancellation).ConfigureAwait(false);
        await Parallel.ForEachAsync(
            Enumerable.Range(0, options.Users),
            new ParallelOptions { MaxDegreeOfParallelism = RequestsInFlight, CancellationToken = cancellation },
            async (user, stop) => await client.PutConsent(string.Create(CultureInfo.InvariantCulture, $"u{user}"), All, stop).ConfigureAwait(false)).ConfigureAwait(false);
    }
}

using System.Globalization;
using System.Text.RegularExpressions;

namespace KnowledgePay.Cluster.Tests.Faults;

/// <summary>Silos of which some read only the old format of stored events: as in the middle of an upgrade, under load.</summary>
[Collection(RunningCluster.Collection)]
public sealed partial class MixedFormatsTests
{
    private const string Newest = "KnowledgePay__Storage__NewestEventFormat";

    [Fact]
    public async Task The_new_format_is_written_once_every_silo_reads_it_and_nothing_is_lost_on_the_way()
    {
        await using RunningCluster cluster = await RunningCluster.StartApart(2, (Newest, "1"));
        SiloProcess first = cluster.Silos[0], second = cluster.Silos[1];
        var load = new EventLoad(cluster, "formats");
        await load.Start();
        await load.More(200);

        cluster.Settings.Remove(Newest);
        await second.Stop();
        second.Launch();
        await second.WaitUntilReady();
        await load.More(300);
        Assert.Equal((1, 1), (await Format(first), await Format(second)));

        // Whom the old silo had, the new one takes over from the journal.
        await first.Kill();
        await load.More(100);
        first.Launch();
        await first.WaitUntilReady();
        await Calls.Until(async () => ((await Format(first), await Format(second)) == (2, 2), $"{await Format(first)} {await Format(second)}"));
        await load.More(300);

        var old = new Dictionary<string, string>(cluster.Settings) { [Newest] = "1" };
        (int exitCode, string output) = await SiloProcess.RunSilo(old);
        Assert.True(exitCode != 0 && output.Contains("Events of the store have format 2; this process reads up to 1.", StringComparison.Ordinal), output);

        // Each silo folds what both formats say.
        await second.Kill();
        await load.More(100);
        second.Launch();
        await second.WaitUntilReady();
        await load.AssertAllThereOnce();
        RunningCluster.Report($"two formats of stored events: {load.Acknowledged} events acknowledged, {load.Unanswered} requests repeated");
    }

    private static async Task<int> Format(SiloProcess silo)
    {
        Answered metrics = await silo.Get("/metrics");
        Match format = Gauge().Match(metrics.Text);
        Assert.True(format.Success, metrics.Text);
        return int.Parse(format.Groups[1].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"^kpay_events_format\S*(?:\{[^}]*\})? (\d+)", RegexOptions.Multiline)]
    private static partial Regex Gauge();
}

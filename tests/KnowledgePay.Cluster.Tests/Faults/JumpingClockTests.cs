using System.Text.Json;

namespace KnowledgePay.Cluster.Tests.Faults;

/// <summary>The clock of one silo jumps an hour ahead, back, an hour behind and back, while the others' goes on.</summary>
[Collection(RunningCluster.Collection)]
public sealed class JumpingClockTests(RunningCluster cluster) : ClusterTest(cluster)
{
    private const int Dead = 6;
    private const string Prefix = "clock";

    [Fact]
    public async Task A_silo_whose_clock_jumps_an_hour_stays_in_the_cluster_and_nothing_is_lost_or_bought_twice()
    {
        using FakedClock clock = FakedClock.Create();
        var settings = new Dictionary<string, string>(Cluster.Settings);
        foreach ((string name, string value) in clock.Settings)
        {
            settings[name] = value;
        }

        await using var jumping = new SiloProcess("jumping", settings);
        jumping.Launch();
        await jumping.WaitUntilReady();
        SiloProcess[] silos = [.. Cluster.Silos, jumping];
        var load = new EventLoad(silos, Cluster.Postgres.Scalar<long>, Prefix);
        await load.Start();
        await load.More(200);
        long[] deaths = await Task.WhenAll(silos.Select(s => Cluster.Members(s, Dead)));
        int orders = 0;
        foreach (int hours in (int[])[1, 0, -1, 0])
        {
            var shift = TimeSpan.FromHours(hours);
            clock.Shift(shift);
            TimeSpan seen = await FakedClock.Seen(jumping, shift);
            await load.More(200);
            foreach (SiloProcess silo in silos)
            {
                Assert.True(await silo.IsReady(), silo.Output);
                await Buy(silo, $"{Prefix}-buyer-{orders}", $"{Prefix}-pay-{orders}", others: silos.Where(s => s != silo));
                orders++;
            }

            RunningCluster.Report($"clock {hours:+0;-0;0} h: seen after {seen.TotalSeconds:F1} s, {load.Acknowledged} events acknowledged, {load.Unanswered} requests repeated, {orders} orders");
        }

        await load.AssertAllThereOnce();
        Assert.All(silos, silo => Assert.True(silo.IsRunning, silo.Output));
        Assert.Equal(deaths, await Task.WhenAll(silos.Select(s => Cluster.Members(s, Dead))));
        await jumping.Stop();
        await Cluster.Restore();
    }

    /// <summary>Quotes and redeems at one silo; the record says what was quoted, and nobody else takes the quote again.</summary>
    private static async Task Buy(SiloProcess silo, string person, string payment, IEnumerable<SiloProcess> others)
    {
        JsonElement quote = (await silo.Post("/v1/decisions/price", $$"""{"userId":"{{person}}","courseId":"{{Prefix}}-0"}""")).Is(200).Json;
        JsonElement record = (await silo.Get($"/v1/decisions/{quote.GetProperty("decisionId").GetString()}")).Is(200).Json;
        Assert.Contains(quote.GetProperty("price").GetProperty("minorUnits").GetInt64().ToString(), record.ToString(), StringComparison.Ordinal);
        string token = quote.GetProperty("quoteToken").GetString()!;
        JsonElement order = (await silo.Post("/v1/checkout", $$"""{"quoteToken":"{{token}}","paymentId":"{{payment}}","method":"card"}""")).Is(200).Json;
        Assert.Equal(quote.GetProperty("price").ToString(), order.GetProperty("charged").ToString());
        foreach (SiloProcess other in others)
        {
            Answered again = await other.Post("/v1/checkout", $$"""{"quoteToken":"{{token}}","paymentId":"{{payment}}-{{other.Name}}","method":"card"}""");
            Assert.True(again.Status is 409 or 410, again.Text);
        }
    }
}

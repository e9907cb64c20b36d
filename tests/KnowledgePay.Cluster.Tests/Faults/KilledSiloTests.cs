using System.Diagnostics;

namespace KnowledgePay.Cluster.Tests.Faults;

/// <summary>SIGKILL of one silo of three, again and again, under load: what was acknowledged is there, once.</summary>
[Collection(RunningCluster.Collection)]
public sealed class KilledSiloTests(RunningCluster cluster) : ClusterTest(cluster)
{
    private const int Kills = 2;

    [Fact]
    public async Task Every_acknowledged_event_is_there_once_after_one_silo_of_three_is_killed_again_and_again()
    {
        var load = new EventLoad(Cluster, "kill");
        await load.Start();
        var random = new Random(20261125);
        for (int kill = 0; kill < Kills; kill++)
        {
            await load.More(200 + random.Next(300));
            SiloProcess victim = Cluster.Silos[kill % Cluster.Silos.Count];
            await victim.Kill();
            var outage = Stopwatch.StartNew();
            TimeSpan served = await EveryoneIsServed(Cluster.Silos.Where(s => s != victim));
            victim.Launch();
            await victim.WaitUntilReady();
            RunningCluster.Report($"kill -9 of {victim.Name}: everybody is served by the other two after {served.TotalSeconds:F1} s, three silos again after {outage.Elapsed.TotalSeconds:F1} s");
        }

        await load.AssertAllThereOnce();
        RunningCluster.Report($"kills: {load.Acknowledged} events acknowledged, {load.Unanswered} requests repeated");
    }

    /// <summary>Until decisions about every person of the load are answered by each of the silos.</summary>
    private static async Task<TimeSpan> EveryoneIsServed(IEnumerable<SiloProcess> silos)
    {
        var waited = Stopwatch.StartNew();
        foreach (SiloProcess silo in silos)
        {
            for (int person = 0; person < 60; person++)
            {
                string path = $"/v1/users/kill-u{person}/recommendations?count=1";
                await Calls.Until(async () =>
                {
                    Answered answer = await silo.Get(path);
                    return (answer.Status == 200, answer.Text);
                });
            }
        }

        return waited.Elapsed;
    }
}

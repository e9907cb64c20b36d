using System.Text.RegularExpressions;

namespace KnowledgePay.Cluster.Tests;

/// <summary>A test on the shared cluster: it finds the cluster whole even after one that failed, and says what the silos printed when it fails itself.</summary>
public abstract partial class ClusterTest(RunningCluster cluster) : IAsyncLifetime
{
    private const int EntriesKept = 40;

    /// <summary>The three silos that all these tests share.</summary>
    protected RunningCluster Cluster => cluster;

    private int[] _printed = [];

    public async ValueTask InitializeAsync()
    {
        foreach (SiloProcess silo in cluster.Silos.Where(s => !s.IsRunning))
        {
            RunningCluster.Report($"{silo.Name} had ended before this test: {Tail(silo.Output)}");
        }

        await cluster.Restore();
        _printed = [.. cluster.Silos.Select(silo => silo.Output.Length)];
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (TestContext.Current.TestState?.Result == TestResult.Failed)
        {
            for (int i = 0; i < _printed.Length; i++)
            {
                RunningCluster.Report($"{cluster.Silos[i].Name} ({(cluster.Silos[i].IsRunning ? "running" : "ended")}) printed: {Tail(cluster.Silos[i].Output[_printed[i]..])}");
            }
        }

        return ValueTask.CompletedTask;
    }

    // The last warnings and errors, oldest first.
    private static string Tail(string output) => string.Join(
        '\n',
        Entry().Split(output).Where(entry => !entry.StartsWith("info", StringComparison.Ordinal)).TakeLast(EntriesKept));

    [GeneratedRegex("^(?=(?:trce|dbug|info|warn|fail|crit): )", RegexOptions.Multiline)]
    private static partial Regex Entry();
}

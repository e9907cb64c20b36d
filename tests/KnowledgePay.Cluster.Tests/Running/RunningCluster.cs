using System.Diagnostics;
using KnowledgePay.Cluster.Tests;
using KnowledgePay.Storage.Tests.Postgres;

[assembly: AssemblyFixture(typeof(RunningCluster))]

namespace KnowledgePay.Cluster.Tests;

/// <summary>A private PostgreSQL and three silos on it, each a process. Every test finds the cluster whole and leaves it whole.</summary>
public sealed class RunningCluster : IAsyncLifetime
{
    /// <summary>The collection of every test here: one cluster, one fault at a time.</summary>
    public const string Collection = "one cluster";

    public const string OperatorKey = "operator-key-of-the-tests";

    public static readonly string FirstMasterKey = Convert.ToBase64String(new byte[32]);

    public static readonly string NextMasterKey = Convert.ToBase64String([.. Enumerable.Repeat((byte)7, 32)]);

    private readonly int _size;
    private PrivatePostgres? _postgres;

    public RunningCluster()
        : this(3)
    {
    }

    private RunningCluster(int size)
    {
        _size = size;
    }

    public PrivatePostgres Postgres => _postgres!;

    public IReadOnlyList<SiloProcess> Silos { get; private set; } = [];

    /// <summary>What every process of the cluster is started with.</summary>
    public Dictionary<string, string> Settings { get; } = [];

    /// <summary>Silos and a database of their own, for what would disturb the others.</summary>
    /// <param name="settings">What their processes are started with besides.</param>
    public static async Task<RunningCluster> StartApart(int size, params (string Name, string Value)[] settings)
    {
        var apart = new RunningCluster(size);
        foreach ((string name, string value) in settings)
        {
            apart.Settings[name] = value;
        }

        await apart.InitializeAsync();
        return apart;
    }

    public async ValueTask InitializeAsync()
    {
        _postgres = await PrivatePostgres.Start();
        Settings["KnowledgePay__Storage__ConnectionString"] = Postgres.ConnectionString;
        Settings["KnowledgePay__Storage__PartitionLease"] = "00:00:05";
        Settings["KnowledgePay__Storage__CommandTimeout"] = "00:00:03";
        Settings["KnowledgePay__Security__MasterKey"] = FirstMasterKey;
        // Every process knows the next one before any uses it.
        Settings["KnowledgePay__Security__PreviousMasterKeys__0"] = NextMasterKey;
        Settings["KnowledgePay__Security__BootstrapKey"] = OperatorKey;
        Settings["KnowledgePay__Cluster__AdvertisedAddress"] = "127.0.0.1";
        Settings["KnowledgePay__Cluster__DrainMilliseconds"] = "1500";
        (int exitCode, string output) = await SiloProcess.Run(Settings, "migrate");
        Assert.True(exitCode == 0, output);
        var started = Stopwatch.StartNew();
        Silos = [.. Enumerable.Range(0, _size).Select(i => new SiloProcess($"silo-{i}", Settings))];
        await Restore();
        Report($"{_size} silos on an empty database: ready after {started.Elapsed.TotalSeconds:F1} s");
    }

    /// <summary>Starts what does not run and waits until every silo is ready and knows the others.</summary>
    public async Task Restore()
    {
        foreach (SiloProcess silo in Silos.Where(s => !s.IsRunning))
        {
            silo.Launch();
        }

        await Task.WhenAll(Silos.Select(s => s.WaitUntilReady()));
    }

    /// <summary>How many silos the membership table has for a status (3 active, 6 dead) at one silo's port.</summary>
    public async Task<long> Members(SiloProcess silo, int status) =>
        await Postgres.Scalar<long>($"SELECT count(*) FROM kpay_orleans.orleansmembershiptable WHERE port = {silo.SiloPort} AND status = {status}");

    /// <summary>Prints a figure: into the test's output and onto the terminal.</summary>
    public static void Report(string line)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(line);
        TestContext.Current.SendDiagnosticMessage(line);
        Console.WriteLine("cluster: " + line);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (SiloProcess silo in Silos)
        {
            await silo.DisposeAsync();
        }

        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }
    }
}

using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace KnowledgePay.Cluster.Tests;

/// <summary>The real server in a process of its own, started with <c>silo-config/cluster.json</c> as anybody would. A stopped one is started again in the same place.</summary>
public sealed class SiloProcess : IAsyncDisposable
{
    private readonly IReadOnlyDictionary<string, string> _settings;
    private readonly string _directory;
    private readonly StringBuilder _output = new();
    private Process? _process;

    private readonly NetworkNamespace? _network;

    /// <param name="network">Where it runs; null for the tests' own.</param>
    public SiloProcess(string name, IReadOnlyDictionary<string, string> settings, NetworkNamespace? network = null)
    {
        Name = name;
        _settings = settings;
        _network = network;
        _directory = Directory.CreateTempSubdirectory("kpay-silo-").FullName;
        Url = new Uri($"http://{network?.CallersAddress ?? "127.0.0.1"}:{FreePort()}");
        SiloPort = FreePort();
        Http = NewClient();
    }

    public string Name { get; }

    public Uri Url { get; }

    /// <summary>Where its peers reach it; what the membership table knows it by.</summary>
    public int SiloPort { get; }

    /// <summary>Calls as the operator.</summary>
    public HttpClient Http { get; }

    public bool IsRunning => _process is { HasExited: false };

    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>A port that nobody listens on, below those that the system gives to outgoing connections: a stopped silo must find its own free again.</summary>
    public static int FreePort()
    {
        while (true)
        {
            using var listener = new TcpListener(IPAddress.Loopback, Random.Shared.Next(20_000, 32_000));
            try
            {
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException)
            {
                // Somebody's.
            }
        }
    }

    /// <summary>Runs the server with further arguments to its end.</summary>
    public static async Task<(int ExitCode, string Output)> Run(IReadOnlyDictionary<string, string> settings, params string[] arguments)
    {
        using Process process = Process.Start(StartInfo(Path.GetTempPath(), settings, [.. arguments, "--config", ConfigurationFile]))!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output + await errors);
    }

    /// <summary>Starts a further silo on ports of its own, which is expected not to come up, and waits for its end.</summary>
    public static Task<(int ExitCode, string Output)> RunSilo(IReadOnlyDictionary<string, string> settings) =>
        Run(settings, "--urls", "http://127.0.0.1:0", $"--KnowledgePay:Silo:Port={FreePort()}", $"--KnowledgePay:Silo:GatewayPort={FreePort()}");

    public HttpClient NewClient()
    {
        // A server that is killed leaves dead connections behind; they must not live in a pool.
        var client = new HttpClient(new SocketsHttpHandler { PooledConnectionIdleTimeout = TimeSpan.FromSeconds(5) })
        {
            BaseAddress = Url,
            Timeout = TimeSpan.FromSeconds(15),
        };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", RunningCluster.OperatorKey);
        return client;
    }

    /// <summary>Starts the process; <see cref="WaitUntilReady"/> waits for it.</summary>
    public void Launch()
    {
        ProcessStartInfo start = StartInfo(_directory, _settings, ["--config", ConfigurationFile, "--urls", Url.ToString().TrimEnd('/')]);
        start.Environment["KnowledgePay__Silo__Port"] = SiloPort.ToString();
        start.Environment["KnowledgePay__Silo__GatewayPort"] = FreePort().ToString();
        start.Environment["KnowledgePay__Storage__Holder"] = Name;
        if (_network is not null)
        {
            string[] arguments = ["netns", "exec", _network.Name, start.FileName, .. start.ArgumentList];
            start.FileName = "ip";
            start.ArgumentList.Clear();
            Array.ForEach(arguments, start.ArgumentList.Add);
        }

        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, e) => Keep(e.Data);
        _process.ErrorDataReceived += (_, e) => Keep(e.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public async Task WaitUntilReady()
    {
        var waited = Stopwatch.StartNew();
        while (!await IsReady())
        {
            if (_process is not { HasExited: false })
            {
                throw new InvalidOperationException($"{Name} ended with {_process?.ExitCode}:\n{Output}");
            }

            if (waited.Elapsed > TimeSpan.FromSeconds(120))
            {
                throw new TimeoutException($"{Name} is not ready after {waited.Elapsed}:\n{Output}");
            }

            await Task.Delay(50);
        }
    }

    public async Task<bool> IsReady()
    {
        try
        {
            using HttpResponseMessage answer = await Http.GetAsync("/health/ready");
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>SIGKILL, as when the power goes.</summary>
    public async Task Kill()
    {
        if (IsRunning)
        {
            _process!.Kill();
            await _process.WaitForExitAsync();
        }
    }

    /// <summary>SIGSTOP: all of the process's threads stand still, its connections stay.</summary>
    public Task Freeze() => Signal("STOP");

    /// <summary>SIGCONT.</summary>
    public Task Thaw() => Signal("CONT");

    /// <summary>SIGTERM, and waits for the end.</summary>
    public async Task Stop()
    {
        await Signal("TERM");
        await WaitForExit();
    }

    public async Task WaitForExit()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        await _process!.WaitForExitAsync(limit.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await Kill();
        _process?.Dispose();
        Http.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private static string ConfigurationFile => Path.Combine(AppContext.BaseDirectory, "cluster.json");

    private static ProcessStartInfo StartInfo(string directory, IReadOnlyDictionary<string, string> settings, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "KnowledgePay.Server.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory,
        };
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        foreach ((string name, string value) in settings)
        {
            start.Environment[name] = value;
        }

        return start;
    }

    private async Task Signal(string signal)
    {
        using Process kill = Process.Start("kill", ["-" + signal, _process!.Id.ToString()])!;
        await kill.WaitForExitAsync();
    }

    private void Keep(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }
    }
}

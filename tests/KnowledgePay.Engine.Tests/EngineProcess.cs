using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace KnowledgePay.Engine.Tests;

/// <summary>The real server in a process of its own, on free ports and a data directory of its own.</summary>
public sealed class EngineProcess : IAsyncDisposable
{
    public const string OperatorKey = "operator-key-of-the-tests";

    private readonly StringBuilder _output = new();
    private readonly Dictionary<string, string> _settings;
    private Process? _process;

    public EngineProcess(string? data = null, params (string Name, string Value)[] settings)
    {
        Data = data ?? Directory.CreateTempSubdirectory("kpay-engine-").FullName;
        Url = new Uri($"http://127.0.0.1:{FreePort()}");
        _settings = settings.ToDictionary(s => s.Name, s => s.Value);
        Http = NewClient(OperatorKey);
    }

    public string Data { get; }

    public Uri Url { get; }

    /// <summary>Calls as the operator.</summary>
    public HttpClient Http { get; }

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

    public int ProcessId => _process!.Id;

    public HttpClient NewClient(string? key)
    {
        // A server that is killed leaves dead connections behind; they must not live in a pool.
        var client = new HttpClient(new SocketsHttpHandler { PooledConnectionIdleTimeout = TimeSpan.FromSeconds(5) })
        {
            BaseAddress = Url,
            Timeout = TimeSpan.FromSeconds(60),
        };
        if (key is not null)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        return client;
    }

    /// <summary>Starts the process and waits until it is ready.</summary>
    public async Task Start()
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Data,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "KnowledgePay.Server.dll"));
        start.ArgumentList.Add("--urls");
        start.ArgumentList.Add(Url.ToString().TrimEnd('/'));
        start.ArgumentList.Add("--data");
        start.ArgumentList.Add(Data);
        start.Environment["KnowledgePay__Security__BootstrapKey"] = OperatorKey;
        start.Environment["KnowledgePay__Silo__Port"] = FreePort().ToString();
        start.Environment["KnowledgePay__Silo__GatewayPort"] = FreePort().ToString();
        foreach ((string name, string value) in _settings)
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, e) => Keep(e.Data);
        _process.ErrorDataReceived += (_, e) => Keep(e.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        var waited = Stopwatch.StartNew();
        while (true)
        {
            if (_process.HasExited)
            {
                throw new InvalidOperationException($"The server ended with {_process.ExitCode}:\n{Output}");
            }

            try
            {
                using HttpResponseMessage answer = await Http.GetAsync("/health/ready");
                if (answer.StatusCode == HttpStatusCode.OK)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            if (waited.Elapsed > TimeSpan.FromSeconds(120))
            {
                throw new TimeoutException($"The server is not ready after {waited.Elapsed}:\n{Output}");
            }

            await Task.Delay(50);
        }
    }

    /// <summary>SIGKILL, as when the power goes.</summary>
    public async Task Kill()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, and waits for the end.</summary>
    public async Task Stop()
    {
        if (_process is { HasExited: false })
        {
            using Process kill = Process.Start("kill", ["-TERM", _process.Id.ToString()])!;
            await kill.WaitForExitAsync();
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            await _process.WaitForExitAsync(limit.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            await Kill();
        }

        _process?.Dispose();
        Http.Dispose();
        Directory.Delete(Data, recursive: true);
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void Keep(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }
    }
}

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using KnowledgePay.Cli.Tests.Running;
using KnowledgePay.Client;
using KnowledgePay.Grains.Hosting;
using KnowledgePay.Server.Hosting;
using Microsoft.AspNetCore.Builder;

[assembly: AssemblyFixture(typeof(RunningServer))]

namespace KnowledgePay.Cli.Tests.Running;

/// <summary>The product's server on free ports and an empty store, for all tests of the project: each uses ids of its own.</summary>
public sealed class RunningServer : IAsyncLifetime
{
    public const string Key = "bootstrap-key-of-the-tests";

    private readonly string _data = Directory.CreateTempSubdirectory("kpay-cli-server-").FullName;
    private WebApplication? _app;
    private HttpClient? _http;

    public string Url { get; private set; } = "";

    public KnowledgePayClient Client { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Url = $"http://127.0.0.1:{FreePort()}";
        WebApplicationBuilder builder = ServerConfiguration.CreateBuilder(ServerArguments.Parse(
        [
            "--urls", Url, "--data", _data,
            "--KnowledgePay:Silo:Port=" + FreePort(), "--KnowledgePay:Silo:GatewayPort=" + FreePort(),
            "--KnowledgePay:Security:BootstrapKey=" + Key, "--Logging:LogLevel:Default=Error", "--Logging:LogLevel:Microsoft.Hosting.Lifetime=Error",
        ]));
        builder.AddKnowledgePayEngine();
        builder.AddHttpLayer();
        _app = builder.Build();
        _app.UseHttpLayer();
        await _app.StartAsync();
        _http = new HttpClient();
        Client = new KnowledgePayClient(_http, new KnowledgePayClientOptions { Server = new Uri(Url), Key = Key });
    }

    internal Task<KpayResult> Import(string file, string kind, params string[] more) =>
        Kpay.Run(["import", file, "--as", kind, "--server", Url, "--key", Key, .. more]);

    public async ValueTask DisposeAsync()
    {
        _http?.Dispose();
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }

        Directory.Delete(_data, recursive: true);
    }

    private static string FreePort()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
    }
}

using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
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

    /// <summary>PUTs a line of one of the simulator's files.</summary>
    internal async Task Put(string path, string json)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, Url + path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Key);
        request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await _http!.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

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

using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using KnowledgePay.Grains.Hosting;
using KnowledgePay.Server.Hosting;
using KnowledgePay.Server.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

[assembly: AssemblyFixture(typeof(RunningServer))]

namespace KnowledgePay.Server.Tests;

/// <summary>The whole server in this process, on free ports and with a data directory of its own, with courses, two partners and a key of every role.</summary>
public sealed class RunningServer : IAsyncLifetime
{
    private const string OperatorKey = "operator-key-of-the-tests";

    private readonly string _data = Directory.CreateTempSubdirectory("kpay-server-").FullName;
    private readonly Dictionary<string, HttpClient> _clients = [];
    private readonly Uri _url = new($"http://127.0.0.1:{FreePort()}");
    private WebApplication? _app;

    public HttpClient Operator => _clients["operator"];

    public HttpClient Nobody => _clients["nobody"];

    /// <summary>A client by role: nobody, operator, platform, auditor, partner (bound to p-a), other-partner (bound to p-b).</summary>
    public HttpClient As(string role) => _clients[role];

    /// <summary>Arguments beyond the usual ones.</summary>
    public string[] Settings { get; init; } = [];

    /// <summary>The time of day that the server believes in.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    public string DataDirectory => _data;

    public IServiceProvider Services => _app!.Services;

    /// <summary>The keys' secrets, by role.</summary>
    public Dictionary<string, string> Secrets { get; } = [];

    public async ValueTask InitializeAsync()
    {
        await Start();
        AddClient("nobody", null);
        AddClient("operator", OperatorKey);
        await UntilReady();
        for (int i = 0; i < 12; i++)
        {
            await Expect(HttpStatusCode.Created, Operator.PutAsync($"/v1/courses/c{i}", Json(
                $$$"""{"title":"Course {{{i}}}","category":"programming","listPrice":{"currency":"CNY","minorUnits":19900}}""")));
        }

        foreach (string partner in (string[])["p-a", "p-b"])
        {
            await Expect(HttpStatusCode.Created, Operator.PutAsync($"/v1/partners/{partner}", Json("""{"name":"A partner"}""")));
            await Expect(HttpStatusCode.Created, Operator.PutAsync($"/v1/partners/{partner}/products/card", Json(
                """{"kind":"membership","name":"Card","terms":{},"eligibility":{},"channels":[]}""")));
        }

        await MakeKey("platform", """{"role":"platform"}""");
        await MakeKey("auditor", """{"role":"auditor"}""");
        await MakeKey("partner", """{"role":"partner","partnerId":"p-a"}""");
        await MakeKey("other-partner", """{"role":"partner","partnerId":"p-b"}""");
    }

    /// <summary>Stops the server as a signal does, and starts it again on what it stored.</summary>
    public async Task Restart()
    {
        await _app!.StopAsync();
        await _app.DisposeAsync();
        await Start();
        await UntilReady();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (HttpClient client in _clients.Values)
        {
            client.Dispose();
        }

        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }

        Directory.Delete(_data, recursive: true);
    }

    public static StringContent Json(string text, string type = "application/json") => new(text, Encoding.UTF8, type);

    private async Task Start()
    {
        ServerArguments arguments = ServerArguments.Parse(
        [
            "--urls", _url.ToString().TrimEnd('/'),
            "--data", _data,
            $"--KnowledgePay:Security:BootstrapKey={OperatorKey}",
            $"--KnowledgePay:Silo:Port={FreePort()}",
            $"--KnowledgePay:Silo:GatewayPort={FreePort()}",
            "--Logging:LogLevel:Default=Warning",
            .. Settings,
        ]);
        WebApplicationBuilder builder = ServerConfiguration.CreateBuilder(arguments);
        builder.Services.AddSingleton(Clock);
        builder.AddKnowledgePayEngine();
        builder.AddHttpLayer();
        WebApplication app = builder.Build();
        try
        {
            app.UseHttpLayer();
            await app.StartAsync();
        }
        catch
        {
            // One that did not start cannot be stopped.
            await app.DisposeAsync();
            throw;
        }

        _app = app;
    }

    private async Task UntilReady()
    {
        while ((await Nobody.GetAsync("/health/ready")).StatusCode != HttpStatusCode.OK)
        {
            await Task.Delay(50);
        }
    }

    private async Task MakeKey(string name, string request)
    {
        using HttpResponseMessage answer = await Operator.PostAsync("/v1/keys", Json(request));
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        using JsonDocument made = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Secrets[name] = made.RootElement.GetProperty("key").GetString()!;
        AddClient(name, Secrets[name]);
    }

    private void AddClient(string name, string? key)
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = _url, Timeout = TimeSpan.FromSeconds(60) };
        if (key is not null)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        _clients[name] = client;
    }

    private static async Task Expect(HttpStatusCode status, Task<HttpResponseMessage> call)
    {
        using HttpResponseMessage answer = await call;
        Assert.True(status == answer.StatusCode, $"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <summary>What an answer said.</summary>
public sealed record Reply(int Status, string MediaType, JsonElement Body, HttpResponseMessage Message)
{
    public JsonElement this[string name] => Body.GetProperty(name);

    public static async Task<Reply> Of(Task<HttpResponseMessage> call)
    {
        HttpResponseMessage message = await call;
        string text = await message.Content.ReadAsStringAsync();
        string type = message.Content.Headers.ContentType?.MediaType ?? "";
        using JsonDocument document = JsonDocument.Parse(type.Contains("json", StringComparison.Ordinal) && text.Length > 0 ? text : "null");
        return new Reply((int)message.StatusCode, type, document.RootElement.Clone(), message);
    }

    /// <summary>Asserts that the answer is this problem; with a pointer, that it names the field.</summary>
    public void IsProblem(int status, string type, string? pointer = null)
    {
        Assert.True(Status == status && MediaType == "application/problem+json", $"{Status} {MediaType}: {Body}");
        Assert.Equal(type, this["type"].GetString());
        Assert.Equal(status, this["status"].GetInt32());
        if (pointer is not null)
        {
            Assert.True(this["errors"].TryGetProperty(pointer, out _), Body.ToString());
        }
    }
}

using System.CommandLine;
using KnowledgePay.Client;
using KnowledgePay.Client.Retrying;
using KnowledgePay.Learning.Files;

namespace KnowledgePay.Cli.CommandLine;

/// <summary>The options by which a command reaches a server.</summary>
internal sealed class ServerOptions
{
    public Option<string?> Server { get; } = new("--server") { Description = "The server's root, for example http://127.0.0.1:8080." };

    public Option<string?> Key { get; } = new("--key") { Description = "An access key; the environment variable KPAY_KEY when absent." };

    public Option<string> RetryFor { get; } = new("--retry-for")
    {
        Description = "How long a request is repeated while the server is away or busy.",
        DefaultValueFactory = _ => "60s",
    };

    public void AddTo(Command command, bool retries = true)
    {
        command.Options.Add(Server);
        command.Options.Add(Key);
        if (retries)
        {
            command.Options.Add(RetryFor);
        }
    }

    /// <exception cref="InputException">There is no server, or it is no http address.</exception>
    public Uri ServerOf(ParseResult parsed) => ServerOf(parsed.GetValue(Server));

    public string? KeyOf(ParseResult parsed) => parsed.GetValue(Key) ?? Environment.GetEnvironmentVariable("KPAY_KEY");

    public KnowledgePayClient ClientOf(ParseResult parsed, HttpClient http) => new(http, new KnowledgePayClientOptions
    {
        Server = ServerOf(parsed),
        Key = KeyOf(parsed),
        Retry = new RetryOptions { MaxTries = 100, MaxElapsed = Durations.Parse("--retry-for", parsed.GetValue(RetryFor)!) },
    });

    /// <summary>A connection for each request in flight, and no limit on an answer that takes its time.</summary>
    public static HttpClient Http(int connections) => new(new SocketsHttpHandler { MaxConnectionsPerServer = connections, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        Timeout = TimeSpan.FromMinutes(2),
    };

    private static Uri ServerOf(string? text) =>
        text is null ? throw new InputException("--server is missing: expected the server's root, for example http://127.0.0.1:8080.")
        : Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https" ? uri!
        : throw new InputException($"--server '{text}': expected an http or https address.");
}

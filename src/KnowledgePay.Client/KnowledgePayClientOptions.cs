using KnowledgePay.Client.Retrying;

namespace KnowledgePay.Client;

/// <summary>How a <see cref="KnowledgePayClient"/> reaches a server.</summary>
public sealed class KnowledgePayClientOptions
{
    /// <summary>The server's root, for example <c>http://127.0.0.1:8080</c>. Needed unless the <see cref="HttpClient"/> has a base address.</summary>
    public Uri? Server { get; set; }

    /// <summary>The access key, sent as <c>Authorization: Bearer</c>.</summary>
    public string? Key { get; set; }

    /// <summary>Sent as <c>Accept-Language</c>; reasons come in <c>zh</c> or <c>en</c>. Null leaves the choice to the server.</summary>
    public string? Language { get; set; }

    /// <summary>When and how often a request is sent again.</summary>
    public RetryOptions Retry { get; set; } = new();

    /// <summary>The clock of the retries.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <exception cref="ArgumentException">A value is missing or out of its range; the message says which.</exception>
    internal void Validate(Uri? baseAddress)
    {
        Uri? server = Server ?? baseAddress;
        if (server is null || !server.IsAbsoluteUri || (server.Scheme != Uri.UriSchemeHttp && server.Scheme != Uri.UriSchemeHttps))
        {
            throw new ArgumentException("Server must be an absolute http or https URI.", nameof(Server));
        }

        Retry.Validate();
    }
}

namespace KnowledgePay.Server.Hosting;

/// <summary><c>KnowledgePay.Server health</c>: asks the server of this machine whether it is ready, for images that have no other program to ask with.</summary>
public static class HealthProbe
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    /// <returns>The exit code: 0 ready, 1 not.</returns>
    public static async Task<int> Run(IConfiguration configuration)
    {
        using var http = new HttpClient { Timeout = Patience };
        try
        {
            using HttpResponseMessage answer = await http.GetAsync(new Uri(AddressOf(configuration["urls"] ?? ServerHost.DefaultUrl), "/health/ready"));
            Console.WriteLine(await answer.Content.ReadAsStringAsync());
            return answer.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }

    /// <summary>The first of the addresses that the server listens on, as this machine calls it.</summary>
    public static Uri AddressOf(string urls)
    {
        string first = urls.Split(';', 2)[0];
        return new Uri(first.Replace("://+", "://127.0.0.1", StringComparison.Ordinal)
            .Replace("://*", "://127.0.0.1", StringComparison.Ordinal)
            .Replace("://0.0.0.0", "://127.0.0.1", StringComparison.Ordinal)
            .Replace("://[::]", "://127.0.0.1", StringComparison.Ordinal));
    }
}

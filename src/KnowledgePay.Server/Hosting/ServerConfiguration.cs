namespace KnowledgePay.Server.Hosting;

/// <summary>Where settings come from: <c>silo-config/single.json</c> (or <c>--config FILE</c>), then the environment, then files of secrets, then the command line.</summary>
public static class ServerConfiguration
{
    private const string DefaultFile = "silo-config/single.json";

    public static WebApplicationBuilder CreateBuilder(ServerArguments arguments)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            // Nothing is read again while the server runs: a watcher over the working directory would wake up at every write of the store.
            Args = ["--hostBuilder:reloadConfigOnChange=false"],
            EnvironmentName = arguments.Settings.TryGetValue("environment", out string? environment) ? environment : null,
        });
        string? file = arguments.ConfigurationFile ?? FindUpward(builder.Environment.ContentRootPath) ?? FindUpward(AppContext.BaseDirectory);
        if (file is not null)
        {
            builder.Configuration.AddJsonFile(Path.GetFullPath(file), optional: false, reloadOnChange: false);
        }

        builder.Configuration.AddEnvironmentVariables();
        // As orchestrators mount secrets: a file a setting, so that they are in no environment and on no command line.
        if (builder.Configuration["KnowledgePay:Secrets"] is { Length: > 0 } secrets)
        {
            builder.Configuration.AddKeyPerFile(Path.GetFullPath(secrets), optional: true, reloadOnChange: false);
        }

        builder.Configuration.AddInMemoryCollection(arguments.Settings);
        builder.WebHost.UseUrls(builder.Configuration["urls"] ?? ServerHost.DefaultUrl);
        return builder;
    }

    private static string? FindUpward(string directory)
    {
        for (DirectoryInfo? at = new(directory); at is not null; at = at.Parent)
        {
            string candidate = Path.Combine(at.FullName, DefaultFile);
            if (File.Exists(candidate))
            {
                return candidate;
            }
        }

        return null;
    }
}

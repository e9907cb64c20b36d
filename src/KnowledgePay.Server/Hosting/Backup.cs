using KnowledgePay.Contracts.Grains;
using KnowledgePay.Grains.Hosting;
using KnowledgePay.Storage.Sqlite;

namespace KnowledgePay.Server.Hosting;

/// <summary><c>KnowledgePay.Server backup</c>: copies the embedded store, which a running server may be using.</summary>
public static class Backup
{
    /// <summary>Setting: where to.</summary>
    public const string Directory = "Backup:To";

    /// <summary>Setting: the keys alone, in place of everything but them.</summary>
    public const string OfKeys = "Backup:Keys";

    /// <returns>The exit code: 0 done, 1 it failed, 2 the settings do not allow it.</returns>
    public static async Task<int> Run(IConfiguration configuration)
    {
        if (configuration.UsesPostgres())
        {
            await Console.Error.WriteLineAsync("PostgreSQL is backed up by its own tools: see README, \"Backup and restore\".");
            return 2;
        }

        if (configuration[Directory] is not { Length: > 0 } directory)
        {
            await Console.Error.WriteLineAsync("backup needs --to DIR.");
            return 2;
        }

        try
        {
            string data = configuration[EngineOptions.Section + ":Data"] ?? new EngineOptions().Data;
            string copy = SqliteEngineStore.Copy(data, directory, configuration.GetValue(OfKeys, false), CancellationToken.None);
            Console.WriteLine($"{copy}: {new FileInfo(copy).Length} bytes");
            return 0;
        }
        catch (Exception e) when (e is StoreUnavailableException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }
}

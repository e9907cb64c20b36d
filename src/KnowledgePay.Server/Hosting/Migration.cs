using KnowledgePay.Grains.Hosting;

namespace KnowledgePay.Server.Hosting;

/// <summary><c>KnowledgePay.Server migrate</c>: brings the database's schemas to what this program needs. A second run changes nothing.</summary>
public static class Migration
{
    /// <returns>The exit code: 0 done, 1 the database refused or is newer, 2 the settings name none.</returns>
    public static async Task<int> Run(IConfiguration configuration)
    {
        if (!configuration.UsesPostgres())
        {
            await Console.Error.WriteLineAsync($"{StorageOptions.Section}:Provider is not {StorageOptions.Postgres}: the embedded store migrates itself. Name the cluster's settings with --config FILE.");
            return 2;
        }

        return await Try(async () =>
        {
            IReadOnlyList<string> applied = await PostgresHosting.Migrate(configuration, CancellationToken.None);
            foreach (string script in applied)
            {
                Console.WriteLine(script);
            }

            Console.WriteLine(applied.Count == 0 ? "Nothing to apply." : $"{applied.Count} applied.");
        });
    }

    /// <summary>Before a silo starts on PostgreSQL: applies the migrations where that is configured, and makes sure that the schemas are this program's.</summary>
    /// <returns>0, or the exit code.</returns>
    public static async Task<int> BeforeStart(IConfiguration configuration) =>
        configuration.UsesPostgres() ? await Try(() => PostgresHosting.Prepare(configuration, CancellationToken.None)) : 0;

    private static async Task<int> Try(Func<Task> work)
    {
        try
        {
            await work();
            return 0;
        }
        catch (Exception e) when (e is System.Data.Common.DbException or InvalidDataException or InvalidOperationException or ArgumentException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }
}

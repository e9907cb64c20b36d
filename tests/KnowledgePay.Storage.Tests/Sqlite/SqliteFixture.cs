using KnowledgePay.Storage.Sqlite;
using KnowledgePay.Storage.Tests.Compliance;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace KnowledgePay.Storage.Tests.Sqlite;

/// <summary>A temporary directory with a SQLite store.</summary>
public sealed class SqliteFixture : IStoreFixture
{
    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("kpay-store-").FullName;

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public SqliteStoreOptions Options => new() { DataDirectory = Path.Combine(Directory, "data") };

    public async Task<IEngineStore> Open() => await Open(Options);

    public async Task<IEngineStore> Open(string masterKey, params string[] previous)
    {
        SqliteStoreOptions options = Options;
        options.MasterKey = masterKey;
        options.PreviousMasterKeys = previous;
        return await Open(options);
    }

    public async Task<SqliteEngineStore> Open(SqliteStoreOptions options)
    {
        var store = new SqliteEngineStore(options, Time, NullLoggerFactory.Instance);
        try
        {
            await store.Open(CancellationToken.None);
            return store;
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync()
    {
        System.IO.Directory.Delete(Directory, recursive: true);
        return ValueTask.CompletedTask;
    }
}

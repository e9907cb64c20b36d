using KnowledgePay.Storage.Postgres;
using KnowledgePay.Storage.Tests.Compliance;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace KnowledgePay.Storage.Tests.Postgres;

/// <summary>Two schemas of the shared server with a store.</summary>
public sealed class PostgresFixture : IStoreFixture
{
    private static int _number;

    private readonly string _name = $"t{Environment.ProcessId}_{Interlocked.Increment(ref _number)}";
    private PrivatePostgres? _server;

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public string Schema => _name;

    public string KeysSchema => _name + "_keys";

    public async Task<PrivatePostgres> Server() => _server ??= await PrivatePostgres.Shared();

    public async Task<PostgresStoreOptions> Options() => new()
    {
        ConnectionString = (await Server()).ConnectionString,
        Schema = Schema,
        KeysSchema = KeysSchema,
        MasterKey = Convert.ToBase64String(new byte[32]),
        MigrateAtStart = true,
        Connections = 8,
    };

    public async Task<IEngineStore> Open() => await Open(await Options());

    public async Task<IEngineStore> Open(string masterKey, params string[] previous)
    {
        PostgresStoreOptions options = await Options();
        options.MasterKey = masterKey;
        options.PreviousMasterKeys = previous;
        return await Open(options);
    }

    public async Task<PostgresEngineStore> Open(PostgresStoreOptions options)
    {
        var store = new PostgresEngineStore(options, Time, NullLoggerFactory.Instance);
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

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.Execute($"DROP SCHEMA IF EXISTS {Schema} CASCADE; DROP SCHEMA IF EXISTS {KeysSchema} CASCADE");
        }
    }
}

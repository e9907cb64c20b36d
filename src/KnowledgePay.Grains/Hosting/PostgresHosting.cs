using System.Net;
using KnowledgePay.Storage;
using KnowledgePay.Storage.Postgres;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;
using Orleans.Hosting;

namespace KnowledgePay.Grains.Hosting;

/// <summary>Silos that share a PostgreSQL database: the store, and the membership that makes them a cluster.</summary>
public static class PostgresHosting
{
    private const string Driver = "Npgsql";

    public static bool UsesPostgres(this IConfiguration configuration) =>
        (configuration[StorageOptions.Section + ":Provider"] ?? StorageOptions.Sqlite) == StorageOptions.Postgres;

    /// <summary>Applies every migration that is missing; returns the scripts that were applied.</summary>
    public static async Task<IReadOnlyList<string>> Migrate(IConfiguration configuration, CancellationToken cancellation)
    {
        PostgresStoreOptions store = Store(configuration);
        ClusterOptions cluster = Cluster(configuration);
        return
        [
            .. await PostgresEngineStore.Migrate(store, cancellation),
            .. await SchemaMigrations.Apply(cluster.ConnectionString ?? store.ConnectionString, cluster.Schema, SchemaMigrations.Orleans, cancellation),
        ];
    }

    /// <summary>To be called before a host on PostgreSQL is built, since its membership is read before anything else starts: applies the migrations where that is configured, else checks that they were.</summary>
    /// <exception cref="InvalidDataException">A schema is newer than this program.</exception>
    /// <exception cref="InvalidOperationException">A schema is older than this program, and migrations are not applied at start.</exception>
    public static async Task Prepare(IConfiguration configuration, CancellationToken cancellation)
    {
        PostgresStoreOptions store = Store(configuration);
        ClusterOptions cluster = Cluster(configuration);
        if (store.MigrateAtStart)
        {
            await Migrate(configuration, cancellation);
        }

        await PostgresEngineStore.CheckSchemas(store, cancellation);
        await SchemaMigrations.Check(cluster.ConnectionString ?? store.ConnectionString, cluster.Schema, SchemaMigrations.Orleans, cancellation);
    }

    internal static void AddPostgresStore(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton(Options.Create(Store(configuration)));
        services.TryAddSingleton<IEngineStore>(s => new PostgresEngineStore(
            s.GetRequiredService<IOptions<PostgresStoreOptions>>().Value, s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILoggerFactory>()));
    }

    internal static void UsePostgresCluster(this ISiloBuilder silo, IConfiguration configuration)
    {
        ClusterOptions cluster = Cluster(configuration);
        PostgresStoreOptions store = Store(configuration);
        NpgsqlConnectionStringBuilder membership = PostgresStoreOptions.Parse(cluster.ConnectionString ?? store.ConnectionString);
        membership.SearchPath = cluster.Schema;
        membership.ApplicationName = "KnowledgePay membership";
        membership.MaxPoolSize = 4;
        string connection = membership.ConnectionString;
        silo.Configure<Orleans.Configuration.ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (cluster.ClusterId, cluster.ServiceId));
        silo.UseAdoNetClustering(o => (o.Invariant, o.ConnectionString) = (Driver, connection));
        int port = configuration.GetValue("KnowledgePay:Silo:Port", 11_111);
        int gateway = configuration.GetValue("KnowledgePay:Silo:GatewayPort", 30_000);
        if (cluster.AdvertisedAddress is { } address)
        {
            IPAddress advertised = IPAddress.Parse(address);
            silo.ConfigureEndpoints(advertised, port, gateway, listenOnAnyHostAddress: !IPAddress.IsLoopback(advertised));
        }
        else
        {
            silo.ConfigureEndpoints(port, gateway, listenOnAnyHostAddress: true);
        }

        silo.Configure<ClusterMembershipOptions>(o =>
        {
            o.ProbeTimeout = TimeSpan.FromMilliseconds(cluster.ProbeMilliseconds);
            o.NumMissedProbesLimit = cluster.MissedProbes;
            o.TableRefreshTimeout = TimeSpan.FromSeconds(5);
            o.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(10);
            o.DefunctSiloExpiration = TimeSpan.FromDays(1);
        });
    }

    internal static ClusterOptions Cluster(IConfiguration configuration) => configuration.GetSection(EngineOptions.Section + ":Cluster").Get<ClusterOptions>() ?? new ClusterOptions();

    private static PostgresStoreOptions Store(IConfiguration configuration)
    {
        PostgresStoreOptions options = configuration.GetSection(StorageOptions.Section).Get<PostgresStoreOptions>() ?? new PostgresStoreOptions();
        options.MasterKey = configuration["KnowledgePay:Security:MasterKey"] ?? options.MasterKey;
        options.PreviousMasterKeys = configuration.GetSection("KnowledgePay:Security:PreviousMasterKeys").Get<string[]>() ?? options.PreviousMasterKeys;
        return options;
    }
}

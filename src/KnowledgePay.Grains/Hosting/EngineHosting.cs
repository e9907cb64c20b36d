using KnowledgePay.Decisions.Projections;
using KnowledgePay.Grains.Access;
using KnowledgePay.Grains.Catalogue;
using KnowledgePay.Grains.Events;
using KnowledgePay.Grains.Models;
using KnowledgePay.Grains.Projections;
using KnowledgePay.Grains.Records;
using KnowledgePay.Grains.Users;
using KnowledgePay.Storage;
using KnowledgePay.Storage.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Hosting;

namespace KnowledgePay.Grains.Hosting;

/// <summary>Puts the engine into a host: store, silo services, grains.</summary>
public static class EngineHosting
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Adds the silo and everything that <c>KnowledgePay.Grains</c> needs, from the section <c>KnowledgePay</c>.</summary>
    public static IHostApplicationBuilder AddKnowledgePayEngine(this IHostApplicationBuilder builder)
    {
        builder.Services.AddKnowledgePaySilo(builder.Configuration);
        builder.UseOrleans(silo =>
        {
            if (builder.Configuration.UsesPostgres())
            {
                silo.UsePostgresCluster(builder.Configuration);
            }
            else
            {
                // One process: no membership table. Ports of the silo itself stay on loopback and are picked by configuration.
                silo.UseLocalhostClustering(
                    builder.Configuration.GetValue("KnowledgePay:Silo:Port", 11_111),
                    builder.Configuration.GetValue("KnowledgePay:Silo:GatewayPort", 30_000));

                // Where everybody is here, a cache of who is where costs 160 bytes for each.
                silo.Configure<GrainDirectoryOptions>(o => o.CachingStrategy = GrainDirectoryOptions.CachingStrategyType.None);
            }

            silo.ConfigureKnowledgePay(builder.Configuration.GetSection(EngineOptions.Section).Get<EngineOptions>() ?? new EngineOptions());
        });
        return builder;
    }

    /// <summary>Silo settings that every way of hosting shares, tests included.</summary>
    public static ISiloBuilder ConfigureKnowledgePay(this ISiloBuilder silo, EngineOptions options)
    {
        silo.Configure<GrainCollectionOptions>(o =>
        {
            o.CollectionAge = TimeSpan.FromMinutes(options.ActivationIdleMinutes);
            o.CollectionQuantum = TimeSpan.FromMinutes(1);
        });
        silo.Configure<SiloMessagingOptions>(o =>
        {
            o.ResponseTimeout = CallTimeout;
            o.MaxEnqueuedRequestsHardLimit = 4_096;
        });
        silo.Configure<ClientMessagingOptions>(o => o.ResponseTimeout = CallTimeout);
        return silo;
    }

    /// <summary>Services of a silo without the silo itself.</summary>
    public static IServiceCollection AddKnowledgePaySilo(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<IValidateOptions<EngineOptions>, EngineOptionsValidator>();
        services.AddOptions<EngineOptions>().Bind(configuration.GetSection(EngineOptions.Section)).ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        if (configuration.UsesPostgres())
        {
            services.AddPostgresStore(configuration);
        }

        services.AddOptions<SqliteStoreOptions>()
            .Bind(configuration.GetSection(EngineOptions.Section + ":Sqlite"))
            .Configure<IOptions<EngineOptions>>((sqlite, engine) =>
            {
                sqlite.DataDirectory = engine.Value.Data;
                sqlite.MasterKey = engine.Value.Security.MasterKey ?? sqlite.MasterKey;
                sqlite.PreviousMasterKeys = engine.Value.Security.PreviousMasterKeys is { Length: > 0 } previous ? previous : sqlite.PreviousMasterKeys;
            });
        services.TryAddSingleton<IEngineStore>(s => new SqliteEngineStore(
            s.GetRequiredService<IOptions<SqliteStoreOptions>>().Value, s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<LiveSignals>();
        services.AddSingleton<EventCodecSource>();
        services.AddSingleton<StoredFormats>();
        services.AddSingleton<SiloProcesses>();
        services.AddSingleton<EngineMetrics>();
        services.AddSingleton<AccessKeyRing>().AddSingleton<IAccessKeys>(s => s.GetRequiredService<AccessKeyRing>());
        services.AddSingleton<CatalogueStore>().AddSingleton<ICatalogue>(s => s.GetRequiredService<CatalogueStore>());
        services.AddSingleton<QuoteTokenKeys>().AddSingleton<IQuoteTokens>(s => s.GetRequiredService<QuoteTokenKeys>());
        services.AddSingleton<DecisionRecorder>().AddSingleton<IDecisionRecords>(s => s.GetRequiredService<DecisionRecorder>());
        services.AddSingleton<ReviewDesk>().AddSingleton<IReviewQueue>(s => s.GetRequiredService<ReviewDesk>());
        services.AddSingleton<IPersonExport, PersonExport>();
        services.AddSingleton<Ledger>();
        services.AddSingleton<SignalStorage>();
        services.AddSingleton<ProjectionReplay>();
        services.AddSingleton<OtherPartitions>();
        services.AddSingleton<Projector>();
        services.AddSingleton<EngineStatus>().AddSingleton<IEngineStatus>(s => s.GetRequiredService<EngineStatus>());
        services.AddSingleton<StreamServices>();
        services.AddDecisionSettings();
        services.AddSingleton<DecisionServices>();
        services.AddSingleton<LocalUsers>();
        services.AddSingleton<ServedModels>();
        services.AddSingleton<ICourseEvents, CourseEvents>();
        services.AddSingleton<ICrowdDecisions, CrowdDecisions>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, EngineStartup>();
        if (configuration.UsesPostgres())
        {
            // Before the others, so that it is disposed of after them.
            services.AddHostedService<StopDeadline>();
        }

        services.AddHostedService<Housekeeping>();
        services.AddHostedService<MasterKeyRotation>();
        if (configuration.UsesPostgres())
        {
            services.AddHostedService<SharedChanges>();
            services.AddHostedService<Draining>();
            // The drain, then what requests and snapshots take.
            services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromMilliseconds(PostgresHosting.Cluster(configuration).DrainMilliseconds) + StopTimeout);
        }

        return services;
    }
}

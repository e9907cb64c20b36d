using System.Collections.Immutable;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Contracts.Grains;
using KnowledgePay.Grains.Catalogue;
using KnowledgePay.Grains.Hosting;
using KnowledgePay.Grains.Projections;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;

namespace KnowledgePay.Grains.Tests;

/// <summary>A real silo (Orleans TestingHost) on a real SQLite directory.</summary>
public sealed class TestEngine : IAsyncDisposable
{
    private readonly InProcessTestCluster _cluster;
    private readonly bool _ownsData;

    private TestEngine(InProcessTestCluster cluster, string data, bool ownsData)
    {
        _cluster = cluster;
        _ownsData = ownsData;
        Data = data;
    }

    public string Data { get; }

    public IServiceProvider Services => _cluster.Silos[0].ServiceProvider;

    public IGrainFactory Grains => _cluster.Client;

    public IUserGrain User(string id) => Grains.GetGrain<IUserGrain>(id);

    /// <param name="data">A directory that outlives the engine; null for one of its own that is deleted.</param>
    /// <param name="time">The engine's clock; null for the system's.</param>
    /// <param name="settings">Configuration by full name (<c>KnowledgePay:…</c>).</param>
    public static async Task<TestEngine> Start(string? data = null, TimeProvider? time = null, params (string Name, string Value)[] settings)
    {
        string directory = data ?? Directory.CreateTempSubdirectory("kpay-grains-").FullName;
        IConfiguration configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Name, (string?)s.Value)))
            // Longer than any call may take: on a busy machine no record is given up, and an address that the engine leaks is found.
            .AddInMemoryCollection([KeyValuePair.Create("KnowledgePay:Sqlite:DecisionChunks:FillTimeout", (string?)"00:01:00")])
            .AddInMemoryCollection([KeyValuePair.Create("KnowledgePay:Data", (string?)directory), KeyValuePair.Create("KnowledgePay:Security:BootstrapKey", (string?)"bootstrap-key-of-the-tests")])
            .Build();
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSiloHost((_, host) =>
        {
            if (time is not null)
            {
                host.Services.AddSingleton(time);
            }

            host.Services.AddKnowledgePaySilo(configuration);
        });
        builder.ConfigureSilo((_, silo) => silo.ConfigureKnowledgePay(configuration.GetSection("KnowledgePay").Get<EngineOptions>()!));
        InProcessTestCluster cluster = builder.Build();
        await cluster.DeployAsync();
        return new TestEngine(cluster, directory, data is null);
    }

    public T Get<T>()
        where T : notnull => Services.GetRequiredService<T>();

    public Task CatchUp() => Get<Projector>().CatchUp(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _cluster.StopAllSilosAsync();
        await _cluster.DisposeAsync();
        if (_ownsData)
        {
            Directory.Delete(Data, recursive: true);
        }
    }

    /// <summary>Courses <c>c0</c>… at CNY 100 each, in five categories.</summary>
    public async Task PutCourses(int count) => await Get<ICatalogue>().PutCourses(
        [.. Enumerable.Range(0, count).Select(i => new Course
        {
            Id = $"c{i}",
            Title = $"Course {i}",
            Category = $"category {i % 5}",
            ListPrice = new Money("CNY", 10_000),
        })],
        TestContext.Current.CancellationToken);

    public static IncomingEvent Event(string id, EventData data, DateTimeOffset? time = null) => new()
    {
        Source = "/tests",
        Id = id,
        Time = time ?? DateTimeOffset.UtcNow,
        Data = data,
    };

    public static ImmutableArray<IncomingEvent> Enrolled(params string[] courses) =>
        [.. courses.Select(c => Event(Guid.NewGuid().ToString("N"), new CourseEnrolled { CourseId = c }))];
}

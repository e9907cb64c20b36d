using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Contracts.Grains;
using KnowledgePay.Contracts.Partners;
using KnowledgePay.Contracts.People;
using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Grains.Catalogue;
using KnowledgePay.Grains.Events;
using KnowledgePay.Grains.Hosting;
using KnowledgePay.Grains.Models;
using KnowledgePay.Grains.Projections;
using KnowledgePay.Grains.Users;
using KnowledgePay.Learning.Simulation;
using KnowledgePay.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KnowledgePay.Benchmarks.Worlds;

/// <summary>The product's silo with its embedded store in a directory of its own, filled; grains are called through the silo's hosted client.</summary>
internal sealed class HostedSilo : IAsyncDisposable
{
    private static readonly Consent Everything = new() { Personalisation = true, PersonalPricing = true, CreditChecks = true, PartnerSharing = true };

    private const int FillInFlight = 4;
    private const int FillTries = 10;

    private readonly IHost _host;
    private readonly string _data;
    private readonly LocalUsers _local;
    private IUserGrain[] _users = [];
    private string[] _ids = [];
    private int _next;

    private HostedSilo(IHost host, string data) => (_host, _data, _local) = (host, data, host.Services.GetRequiredService<LocalUsers>());

    public int Courses { get; private init; }

    /// <param name="settings">Beside those of a single process on the embedded store.</param>
    public static async Task<HostedSilo> Start(int courses, int users, int seed = 1, IReadOnlyDictionary<string, string?>? settings = null)
    {
        HostedSilo silo = await Open(Directory.CreateTempSubdirectory("kpay-bench-").FullName, courses, settings).ConfigureAwait(false);
        await silo.Fill(users, seed).ConfigureAwait(false);
        return silo;
    }

    /// <summary>Stops as a planned stop does, with a snapshot of everybody, and opens the same store again: nobody is active then.</summary>
    public async Task<HostedSilo> Reopen()
    {
        await Stop().ConfigureAwait(false);
        HostedSilo silo = await Open(_data, Courses).ConfigureAwait(false);
        silo.Know(_ids.Length);
        return silo;
    }

    private static async Task<HostedSilo> Open(string data, int courses, IReadOnlyDictionary<string, string?>? settings = null)
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["KnowledgePay:Data"] = data,
            ["KnowledgePay:Security:BootstrapKey"] = "bootstrap-key-of-the-benchmarks",
            ["KnowledgePay:Silo:Port"] = FreePort().ToString(CultureInfo.InvariantCulture),
            ["KnowledgePay:Silo:GatewayPort"] = FreePort().ToString(CultureInfo.InvariantCulture),
        });
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        if (builder.Configuration.UsesPostgres())
        {
            await PostgresHosting.Migrate(builder.Configuration, CancellationToken.None).ConfigureAwait(false);
        }

        builder.AddKnowledgePayEngine();
        IHost host = builder.Build();
        await host.StartAsync().ConfigureAwait(false);
        StoredFormats formats = host.Services.GetRequiredService<StoredFormats>();
        while (!formats.IsRaised)
        {
            await Task.Delay(50).ConfigureAwait(false);
        }

        return new HostedSilo(host, data) { Courses = courses };
    }

    public IUserGrain User(int number) => _users[number % _users.Length];

    /// <summary>What the server's own HTTP layer calls: the activation itself, by a message once a minute.</summary>
    public IUserGrain Near(int number)
    {
        string id = _ids[number % _ids.Length];
        if (_local.Find(id) is { } near)
        {
            return near;
        }

        _local.Called(id);
        return User(number);
    }

    public static string UserId(int number, int users) => string.Create(CultureInfo.InvariantCulture, $"u{number % users}");

    public int Users => _users.Length;

    /// <summary>The recommender that was learned and promoted; null for none.</summary>
    public LearnedRecommender? Learned
    {
        get => _host.Services.GetRequiredService<ServedModels>().Recommender;
        set => _host.Services.GetRequiredService<ServedModels>().Recommender = value;
    }

    public IReadOnlyList<string> CourseIds => [.. _host.Services.GetRequiredService<ICatalogue>().Current.Courses.Select(course => course!.Course.Id)];

    /// <summary>One new event, of which there was none like it before.</summary>
    public ImmutableArray<IncomingEvent> NextView(int course)
    {
        int number = Interlocked.Increment(ref _next);
        return [LearnedHistories.View(number, DateTimeOffset.UtcNow, course % Courses)];
    }

    /// <summary>Mean bytes of the payloads that the journal holds.</summary>
    public async Task<int> MeanPayload()
    {
        var store = _host.Services.GetRequiredService<IEngineStore>();
        IReadOnlyList<JournalEntry> rows = await store.Journal.ReadPartition(store.Journal.Partition, 0, 2_000, CancellationToken.None).ConfigureAwait(false);
        return (int)rows.Average(row => row.Payload.Length);
    }

    public Task CatchUp() => _host.Services.GetRequiredService<Projector>().CatchUp(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await Stop().ConfigureAwait(false);
        Directory.Delete(_data, recursive: true);
    }

    private async Task Stop()
    {
        await _host.StopAsync().ConfigureAwait(false);
        if (_host is IAsyncDisposable host)
        {
            await host.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void Know(int users)
    {
        var grains = _host.Services.GetRequiredService<IGrainFactory>();
        _ids = [.. Enumerable.Range(0, users).Select(user => UserId(user, users))];
        _users = [.. _ids.Select(id => grains.GetGrain<IUserGrain>(id))];
    }

    private async Task Fill(int users, int seed)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        var simulator = new MarketplaceSimulator(DecisionWorld.OptionsOf(Courses, users, now, seed));
        var catalogue = _host.Services.GetRequiredService<ICatalogue>();
        foreach (Course[] part in simulator.Courses.Chunk(20_000))
        {
            await catalogue.PutCourses(part, CancellationToken.None).ConfigureAwait(false);
        }

        foreach (Partner partner in simulator.Partners)
        {
            await catalogue.PutPartner(partner, CancellationToken.None).ConfigureAwait(false);
        }

        foreach (PartnerProduct product in simulator.Products)
        {
            await catalogue.PutProduct(product, CancellationToken.None).ConfigureAwait(false);
        }

        var grains = _host.Services.GetRequiredService<IGrainFactory>();
        Know(users);
        await Parallel.ForEachAsync(LearnedHistories.Make(users, Courses, now, seed), new ParallelOptions { MaxDegreeOfParallelism = FillInFlight }, async (one, _) =>
        {
            IUserGrain grain = grains.GetGrain<IUserGrain>(one.User);
            await UntilTaken(async () => await grain.PutConsent(Everything).ConfigureAwait(false)).ConfigureAwait(false);
            await UntilTaken(async () => await grain.Append([.. one.Events]).ConfigureAwait(false)).ConfigureAwait(false);
        }).ConfigureAwait(false);
        await CatchUp().ConfigureAwait(false);
    }

    /// <summary>A busy disk may hold an append up for longer than a call lasts; the same events may be sent again.</summary>
    private static async Task UntilTaken(Func<Task> append)
    {
        for (int tries = 1; ; tries++)
        {
            try
            {
                await append().ConfigureAwait(false);
                return;
            }
            catch (TimeoutException) when (tries < FillTries)
            {
                await Console.Error.WriteLineAsync("An append took longer than a call lasts; it is sent again.").ConfigureAwait(false);
            }
        }
    }

    private static int FreePort()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }
}

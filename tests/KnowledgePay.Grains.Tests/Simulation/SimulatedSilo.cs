using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Grains;
using KnowledgePay.Contracts.Partners;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Projections;
using KnowledgePay.Grains.Catalogue;
using KnowledgePay.Grains.Events;
using KnowledgePay.Grains.Hosting;
using KnowledgePay.Grains.Models;
using KnowledgePay.Grains.Projections;
using KnowledgePay.Grains.Records;
using KnowledgePay.Grains.Users;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Serialization;
using Course = KnowledgePay.Contracts.Catalogue.Course;

namespace KnowledgePay.Grains.Tests.Simulation;

/// <summary>A silo's services and the activations on it: the engine's own classes, put together by hand around a simulated store and clock.</summary>
internal sealed class SimulatedSilo
{
    private const int SnapshotEveryEvents = 5;

    private static readonly ServiceProvider Serializers = new ServiceCollection().AddSerializer().BuildServiceProvider();

    private readonly World _world;
    private readonly SimulatedClock _time;
    private readonly Dictionary<string, Task<UserGrain>> _activations = new(StringComparer.Ordinal);
    private readonly StreamServices _streams;
    private readonly DecisionServices _decisions;
    private readonly LocalUsers _local;
    private readonly QuoteTokenKeys _quoteKeys = new();
    private readonly EventCodecSource _codec = new(Serializers.GetRequiredService<Serializer>(), Options.Create(new EngineOptions()));
    private readonly OtherPartitions _others;
    private bool _mustEnd;

    public SimulatedSilo(World world, SimulatedDisk disk, SimulatedClock worldClock, ICatalogue catalogue, int number, int partition)
    {
        _world = world;
        (Number, Partition) = (number, partition);
        _time = new SimulatedClock(worldClock);
        int epoch = disk.Take(partition);
        disk.CloseChunks(partition);
        Store = new SimulatedStore(world, disk, this, partition, epoch);
        Store.PartitionLost.Register(() => _mustEnd = true);
        IOptions<EngineOptions> options = Options.Create(new EngineOptions
        {
            SnapshotEveryEvents = SnapshotEveryEvents,
            Projector = { SaveMilliseconds = 1_000, SimilaritySaveMilliseconds = 3_000 },
        });
        Signals = new LiveSignals();
        var reviews = new ReviewDesk(Store, Of<ReviewCase>());
        var recorder = new DecisionRecorder(Store, Of<DecisionRecord>(), reviews, _time, NullLogger<DecisionRecorder>.Instance);
        var replay = new ProjectionReplay(Store, _codec, recorder, NullLogger<ProjectionReplay>.Instance);
        _others = new OtherPartitions(Store, replay, options, _time, NullLogger<OtherPartitions>.Instance);
        Store.ReadUntil = of => IsServing ? _others.Applied.GetValueOrDefault(of).DecisionChunk : null;
        Projector = new Projector(
            Store,
            Signals,
            replay,
            new SignalStorage(Store, Signals, Of<CourseAggregate>(), Of<ProductAggregate>()) { SliceBytes = 400 },
            _others,
            recorder,
            options,
            _time,
            NullLogger<Projector>.Instance);
        _streams = new StreamServices(Store, _codec, catalogue, Projector, new ServedModels(), new EngineMetrics(), options, _time, NullLogger<EventStream>.Instance);
        _local = new LocalUsers(_time);
        _decisions = new DecisionServices(
            Signals, recorder, reviews, new Ledger(Store), _quoteKeys, new DecisionSettings(), new ServedModels(), NullLogger<UserGrain>.Instance);
    }

    public int Number { get; }

    public int Partition { get; }

    public bool IsAlive { get; private set; } = true;

    public bool IsFrozen { get; set; }

    /// <summary>Whether calls may be sent to it.</summary>
    public bool IsServing { get; private set; }

    public SimulatedStore Store { get; }

    public LiveSignals Signals { get; }

    public Projector Projector { get; }

    public EventCodec Codec => _codec.Codec;

    /// <summary>Calls that wait for this silo, to be told when it dies.</summary>
    public HashSet<Action> Calls { get; } = [];

    public IEnumerable<KeyValuePair<string, UserGrain>> Activations =>
        _activations.Where(a => a.Value.IsCompletedSuccessfully).Select(a => KeyValuePair.Create(a.Key, a.Value.Result));

    public void Jump(TimeSpan by) => _time.Jump(by);

    /// <summary>What a process does at its start; it dies when the store does not let it.</summary>
    public async Task Start()
    {
        try
        {
            await _codec.Open(Store, CancellationToken.None).ConfigureAwait(false);
            // As in the middle of an upgrade: some write the old format, some the new.
            Codec.Writes = 1 + (Number % EventCodec.NewestFormat);
            await _quoteKeys.Open(Store, CancellationToken.None).ConfigureAwait(false);
            await Projector.Load(CancellationToken.None).ConfigureAwait(false);
            IsServing = true;
            Tick();
        }
        catch (StoreUnavailableException)
        {
            Die();
        }
    }

    public void Die()
    {
        (IsAlive, IsServing, IsFrozen) = (false, false, false);
        _world.Note($"silo {Number} dies");
        _world.Died(this);
        foreach (Action call in Calls)
        {
            _world.Fly(null, "call of the dead", call);
        }

        Calls.Clear();
    }

    public Task<UserGrain> Activation(string person)
    {
        if (!_activations.TryGetValue(person, out Task<UserGrain>? activation) || activation.IsFaulted || activation is { IsCompletedSuccessfully: true, Result.IsRetired: true })
        {
            _activations[person] = activation = Activate(person);
        }

        return activation;
    }

    /// <summary>Lets somebody leave memory, as after a while without calls.</summary>
    public void Deactivate(string person)
    {
        if (_activations.TryGetValue(person, out Task<UserGrain>? activation) && activation.IsCompletedSuccessfully)
        {
            _activations.Remove(person);
            _world.Post(_ => _world.Watch($"deactivate {person}", activation.Result.OnDeactivateAsync(default, CancellationToken.None)), null);
        }
    }

    private async Task<UserGrain> Activate(string person)
    {
        var grain = new UserGrain(_streams, _decisions, _local);
        await grain.Activate(person, CancellationToken.None);
        return grain;
    }

    private void Tick() => _world.Fly(this, "tick", () => _world.Watch($"silo {Number}'s tick", Ticked()));

    private async Task Ticked()
    {
        if (_mustEnd)
        {
            Die();
            return;
        }

        try
        {
            await Projector.Step().ConfigureAwait(false);
            await _others.Step(CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            Tick();
        }
    }

    private static Serializer<T> Of<T>() => Serializers.GetRequiredService<Serializer<T>>();
}

/// <summary>A catalogue that stays as it is.</summary>
internal sealed class FixedCatalogue(CatalogueSnapshot snapshot) : ICatalogue
{
    public CatalogueSnapshot Current => snapshot;

    public ValueTask<bool[]> PutCourses(IReadOnlyList<Course> courses, CancellationToken cancellation) => throw new NotSupportedException();

    public ValueTask<bool> PutPartner(Partner partner, CancellationToken cancellation) => throw new NotSupportedException();

    public ValueTask<bool> PutProduct(PartnerProduct product, CancellationToken cancellation) => throw new NotSupportedException();

    public ValueTask<bool?> PutRule(RankingRule rule, CancellationToken cancellation) => throw new NotSupportedException();

    public ValueTask<bool> RemoveRule(string id, CancellationToken cancellation) => throw new NotSupportedException();
}

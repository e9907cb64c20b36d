using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Grains;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Grains.Users;
using Course = KnowledgePay.Contracts.Catalogue.Course;

namespace KnowledgePay.Grains.Tests.Simulation;

/// <summary>Some silos on one disk, the network to them, and what befalls them.</summary>
internal sealed class Cluster
{
    /// <summary>Courses that those may take who are never erased: their figures are exact.</summary>
    public const int KeptCourses = 48;

    /// <summary>Courses of those who may be erased: what of them stays in the figures depends on when.</summary>
    public const int ErasedCourses = 6;

    private const int SilosAtMost = 3;
    private const int PartitionsAtMost = 4;

    private static readonly FixedCatalogue Catalogue = new(CatalogueBuilder.Apply(
        CatalogueSnapshot.Empty,
        new CatalogueChanges
        {
            Courses =
            [
                .. Enumerable.Range(0, KeptCourses + ErasedCourses).Select(i => KeyValuePair.Create(i, (Course?)new Course
                {
                    Id = $"c{i}",
                    Title = $"Course {i}",
                    Category = $"category {i % 5}",
                    ListPrice = new Money("CNY", 10_000 + (100 * i)),
                })),
            ],
            Terms = [.. Enumerable.Range(0, 5).Select(i => $"category {i}")],
        },
        1,
        term => term[^1] - '0'));

    private readonly World _world;
    private readonly SimulatedClock _clock = new();
    private readonly List<SimulatedSilo> _silos = [];
    private int _started;

    public Cluster(World world)
    {
        _world = world;
        Disk = new SimulatedDisk(world.Random);
        for (int i = 0; i < SilosAtMost; i++)
        {
            StartSilo();
        }
    }

    public SimulatedDisk Disk { get; }

    public IReadOnlyList<SimulatedSilo> Silos => _silos;

    public IEnumerable<SimulatedSilo> Serving => _silos.Where(s => s.IsServing);

    /// <summary>What has befallen the silos, by kind.</summary>
    public SortedDictionary<string, int> Faults { get; } = [];

    /// <summary>A silo takes the partition of one that is dead, or frozen and taken for dead, or one that nobody had.</summary>
    public SimulatedSilo StartSilo()
    {
        List<int> free = [.. Disk.Partitions.Where(p => _silos.All(s => s.Partition != p || s.IsFrozen))];
        int partitions = Disk.Partitions.Count();
        int partition = free.Count > 0 && (partitions >= PartitionsAtMost || _world.Random.Next(3) > 0) ? free[_world.Random.Next(free.Count)] : partitions + 1;
        var silo = new SimulatedSilo(_world, Disk, _clock, Catalogue, ++_started, partition);
        _silos.Add(silo);
        _world.Run(() => _world.Watch("start", silo.Start()));
        return silo;
    }

    /// <summary>Between two steps: time goes on, and now and then something breaks.</summary>
    public void BetweenSteps()
    {
        _clock.Pass(TimeSpan.FromMilliseconds(_world.Random.Next(4)));
        _silos.RemoveAll(s => !s.IsAlive);
        if (_silos.Count(s => !s.IsFrozen) < SilosAtMost && (_world.Random.Next(40) == 0 || !_world.IsStormy))
        {
            StartSilo();
        }

        if (!_world.IsStormy)
        {
            _silos.ForEach(s => s.IsFrozen = false);
            return;
        }

        if (_world.Chance(0.0005) && Any(s => !s.IsFrozen) is { } killed)
        {
            Count("killed");
            _world.Run(killed.Die);
        }

        if (_world.Chance(0.0005) && Any(s => !s.IsFrozen) is { } frozen)
        {
            Count("frozen");
            frozen.IsFrozen = true;
        }

        if (_world.Chance(0.003) && Any(s => s.IsFrozen) is { } thawed)
        {
            thawed.IsFrozen = false;
        }

        if (_world.Chance(0.0005) && Any(_ => true) is { } jumped)
        {
            Count("clock jumped");
            jumped.Jump(TimeSpan.FromMinutes(_world.Random.Next(-60, 61)));
        }

        if (_world.Chance(0.003) && Any(s => s.IsServing && !s.IsFrozen) is { } collecting && collecting.Activations.ToList() is { Count: > 0 } resident)
        {
            Count("deactivated");
            _world.Run(() => collecting.Deactivate(resident[_world.Random.Next(resident.Count)].Key));
        }
    }

    /// <summary>Calls a person where the caller believes them to be; request and answer may be lost.</summary>
    /// <exception cref="CallFailedException">The caller cannot know whether it was done.</exception>
    /// <exception cref="StoreUnavailableException">Refused.</exception>
    public Task<T> Call<T>(string person, string what, Func<UserGrain, ValueTask<T>> call)
    {
        var answer = new TaskCompletionSource<T>();
        if (Place(person) is not { } silo)
        {
            _world.Fly(null, "nobody serves", () => answer.SetException(new CallFailedException()));
            return answer.Task;
        }

        void Fail() => answer.TrySetException(new CallFailedException());
        silo.Calls.Add(Fail);
        _world.Fly(
            silo,
            $"{person}: {what}",
            () =>
            {
                if (_world.Chance(0.01))
                {
                    Fail();
                    return;
                }

                _world.Post(_ => _world.Watch($"{person}: {what}", Serve()), null);
            });
        return answer.Task;

        async Task Serve()
        {
            try
            {
                T result = await call(await silo.Activation(person));
                _world.Fly(silo, $"answer of {what}", () => End(_world.Chance(0.01) ? Fail : () => answer.TrySetResult(result)));
            }
            catch (StoreUnavailableException e)
            {
                _world.Fly(silo, $"refusal of {what}", () => End(() => answer.TrySetException(e)));
            }
        }

        void End(Action end)
        {
            silo.Calls.Remove(Fail);
            end();
        }
    }

    /// <summary>Mostly one silo is a person's; but who is told so last finds another, and both believe in themselves.</summary>
    private SimulatedSilo? Place(string person)
    {
        List<SimulatedSilo> serving = [.. Serving];
        return serving.Count == 0 ? null : serving[_world.Chance(0.2) ? _world.Random.Next(serving.Count) : person[^1] % serving.Count];
    }

    private SimulatedSilo? Any(Func<SimulatedSilo, bool> which)
    {
        List<SimulatedSilo> some = [.. _silos.Where(which)];
        return some.Count == 0 ? null : some[_world.Random.Next(some.Count)];
    }

    private void Count(string fault) => Faults[fault] = Faults.GetValueOrDefault(fault) + 1;
}

/// <summary>The network lost a request or its answer, or the silo died under it.</summary>
internal sealed class CallFailedException() : Exception("Nobody knows what became of the call.");

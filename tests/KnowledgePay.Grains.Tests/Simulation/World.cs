using KnowledgePay.Contracts.Grains;

namespace KnowledgePay.Grains.Tests.Simulation;

/// <summary>Everything that the engine waits for, in one thread and in an order that a seed decides: requests and answers of the store and of the network, ticks, faults.</summary>
/// <remarks>
/// What waits is a <see cref="Flight"/>. A step lands one of them, drawn at random, then runs what became ready, first come first served.
/// Nothing else moves: no thread, no timer, no clock. So a seed is a history, and the same one each time.
/// </remarks>
internal sealed class World(int seed) : SynchronizationContext
{
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _ready = new();
    private readonly List<Flight> _flights = [];
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private readonly Queue<string> _trace = new();
    private long _moment;
    private ulong _fingerprint = 14_695_981_039_346_656_037;

    public Random Random { get; } = new(seed);

    public int Seed { get; } = seed;

    /// <summary>True while faults happen; false at the end, when everything is to come to rest.</summary>
    public bool IsStormy { get; set; } = true;

    public long Steps { get; private set; }

    /// <summary>What went wrong, of what must never go wrong.</summary>
    public List<string> Violations { get; } = [];

    /// <summary>A number that rises with each call: what has a smaller one was earlier.</summary>
    public long Moment() => ++_moment;

    /// <summary>A number that two runs share only if they took the same steps.</summary>
    public ulong Fingerprint => _fingerprint;

    /// <summary>The last things that happened.</summary>
    public IEnumerable<string> Trace => _trace;

    /// <summary>Draws whether something of this likelihood happens; nothing bad does in calm weather.</summary>
    public bool Chance(double likelihood) => IsStormy && Random.NextDouble() < likelihood;

    public void Fly(SimulatedSilo? silo, string what, Action land, Action? afterDeath = null)
    {
        CheckThread();
        _flights.Add(new Flight(silo, what, land, afterDeath));
    }

    /// <summary>Lets others go first: completes at a later step.</summary>
    public Task Pause()
    {
        var over = new TaskCompletionSource();
        Fly(null, "pause", over.SetResult);
        return over.Task;
    }

    /// <summary>What is on its way when a silo dies: requests may reach the store or not, answers reach nobody.</summary>
    public void Died(SimulatedSilo silo)
    {
        for (int i = _flights.Count - 1; i >= 0; i--)
        {
            Flight flight = _flights[i];
            if (flight.Silo == silo)
            {
                if (flight.AfterDeath is { } late && Random.Next(2) == 0)
                {
                    _flights[i] = new Flight(null, flight.What + " of the dead", late, null);
                }
                else
                {
                    _flights.RemoveAt(i);
                }
            }
        }
    }

    /// <summary>Lands one flight; false when there is none that can land.</summary>
    public bool Step()
    {
        for (int tries = 0; _flights.Count > 0 && tries < 64; tries++)
        {
            int drawn = Random.Next(_flights.Count);
            Flight flight = _flights[drawn];
            if (flight.Silo is { IsFrozen: true })
            {
                continue;
            }

            _flights[drawn] = _flights[^1];
            _flights.RemoveAt(_flights.Count - 1);
            Steps++;
            Note(flight.Silo is null ? flight.What : $"silo {flight.Silo.Number}: {flight.What}");
            Run(flight.Land);
            return true;
        }

        return false;
    }

    /// <summary>Runs something and all that becomes ready by it.</summary>
    public void Run(Action action)
    {
        // Without a context, so that what needs none goes on at once, here; what was under this context is posted to it.
        SetSynchronizationContext(null);
        action();
        SetSynchronizationContext(this);
        while (_ready.TryDequeue(out (SendOrPostCallback Callback, object? State) next))
        {
            next.Callback(next.State);
        }

        SetSynchronizationContext(null);
    }

    public void Note(string what)
    {
        foreach (char c in what)
        {
            _fingerprint = (_fingerprint ^ c) * 1_099_511_628_211;
        }

        _trace.Enqueue($"{Steps}: {what}");
        if (_trace.Count > 60)
        {
            _trace.Dequeue();
        }
    }

    /// <summary>Follows work that nobody awaits: it may end because the store refused, and in no other way.</summary>
    public async void Watch(string what, Task work)
    {
        try
        {
            await work;
        }
        catch (StoreUnavailableException)
        {
        }
        catch (Exception e)
        {
            Violations.Add($"{what}: {e}");
        }
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        CheckThread();
        _ready.Enqueue((d, state));
    }

    public override SynchronizationContext CreateCopy() => this;

    private void CheckThread()
    {
        if (Environment.CurrentManagedThreadId != _thread)
        {
            Environment.FailFast("Something of the simulation left its thread, so that its seed would not repeat it.");
        }
    }

    /// <param name="Silo">Whose it is: it waits while the silo is frozen and goes down with it. Null for the world's own.</param>
    /// <param name="AfterDeath">What it may still do when its silo has died.</param>
    private sealed record Flight(SimulatedSilo? Silo, string What, Action Land, Action? AfterDeath);
}

/// <summary>A silo's clock: it goes on with the world's, and jumps.</summary>
internal sealed class SimulatedClock : TimeProvider
{
    private static readonly DateTimeOffset Start = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);
    private readonly SimulatedClock? _world;
    private TimeSpan _passed;
    private TimeSpan _jumped;

    public SimulatedClock(SimulatedClock? world = null) => _world = world;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Start + Passed + _jumped;

    public override long GetTimestamp() => Passed.Ticks;

    public void Pass(TimeSpan time) => _passed += time;

    public void Jump(TimeSpan by) => _jumped += by;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        throw new NotSupportedException("Nothing in the simulation may wait for a timer.");

    private TimeSpan Passed => _world?.Passed ?? _passed;
}

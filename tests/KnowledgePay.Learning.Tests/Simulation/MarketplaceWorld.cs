using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Learning.Simulation;

namespace KnowledgePay.Learning.Tests.Simulation;

/// <summary>One simulated marketplace and all that happened in it.</summary>
internal sealed class MarketplaceWorld
{
    public static readonly DateTimeOffset End = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);

    public static readonly Lazy<MarketplaceWorld> Large = new(() => new MarketplaceWorld(users: 1_500, courses: 240, events: 120_000, seed: 7));

    public MarketplaceWorld(int users, int courses, long events, ulong seed)
    {
        Options = new MarketplaceOptions { Users = users, Courses = courses, Seed = seed, End = End };
        Simulator = new MarketplaceSimulator(Options);
        Courses = Simulator.Courses.ToDictionary(course => course.Id);
        Events = [.. Simulator.History(events)];
    }

    public MarketplaceOptions Options { get; }

    public MarketplaceSimulator Simulator { get; }

    public Dictionary<string, Course> Courses { get; }

    public SimulatedEvent[] Events { get; }

    public IEnumerable<(string User, T Data, DateTimeOffset At)> Of<T>()
        where T : EventData => Events.Where(e => e.Event.Data is T).Select(e => (e.Subject, (T)e.Event.Data, e.Event.Time));
}

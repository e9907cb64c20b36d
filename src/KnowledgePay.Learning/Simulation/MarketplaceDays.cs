using System.Globalization;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Events;

namespace KnowledgePay.Learning.Simulation;

/// <summary>Lets the simulated days pass: sessions start, and what follows from them waits in a queue ordered by time.</summary>
internal sealed class MarketplaceDays
{
    private readonly MarketplaceOptions _options;
    private readonly SimulatedCourse[] _courses;
    private readonly Dictionary<int, Person> _people = [];
    private readonly PriorityQueue<Func<Happening?>, (long Ticks, long Order)> _waiting = new();
    private readonly SeededRandom _random;
    private readonly Visit _visit;
    private long _scheduled;
    private long _made;
    private long _sessions;
    private int _arrived;
    private DateTimeOffset _now;
    private long? _nextSession;

    public MarketplaceDays(MarketplaceOptions options, SimulatedCourse[] courses)
    {
        _options = options;
        _courses = courses;
        _random = SeededRandom.For(options.Seed, 4, 0);
        _now = options.End.AddDays(-options.Days);
        _visit = new Visit(options, courses, _random, Schedule);
    }

    /// <summary>What an entry of the queue turns out to be when its time comes.</summary>
    internal readonly record struct Happening(string Subject, EventData Data);

    public IEnumerable<SimulatedEvent> History(long count)
    {
        string source = string.Create(CultureInfo.InvariantCulture, $"kpay:sim:{_options.Seed}");
        for (long left = count; left > 0;)
        {
            if (Next(left) is not { } happening)
            {
                continue;
            }

            left--;
            yield return new SimulatedEvent(happening.Subject, new IncomingEvent
            {
                Source = source,
                Id = string.Create(CultureInfo.InvariantCulture, $"e{_made++}"),
                Time = _now,
                Data = happening.Data,
            });
        }
    }

    public IEnumerable<SimulatedEvent> Trickle(TimeProvider clock)
    {
        string source = string.Create(CultureInfo.InvariantCulture, $"kpay:sim:{_options.Seed}:live");
        while (true)
        {
            if (Next(null) is not { } happening)
            {
                continue;
            }

            DateTimeOffset at = clock.GetUtcNow();
            yield return new SimulatedEvent(happening.Subject, new IncomingEvent
            {
                Source = source,
                Id = string.Create(CultureInfo.InvariantCulture, $"t{at.UtcTicks:x}-{_made++}"),
                Time = at,
                Data = happening.Data,
            });
        }
    }

    /// <summary>Takes the next entry of the queue, starting sessions until it comes before the next of them.</summary>
    /// <param name="left">Events wanted until the end of the history; null when there is no end.</param>
    private Happening? Next(long? left)
    {
        if (!_waiting.TryPeek(out _, out (long Ticks, long Order) first) || first.Ticks > NextSessionTicks(left))
        {
            StartSession(left);
            return null;
        }

        Func<Happening?> due = _waiting.Dequeue();
        if (first.Ticks > _now.UtcTicks)
        {
            _now = new DateTimeOffset(first.Ticks, TimeSpan.Zero);
        }

        return due();
    }

    /// <summary>The sessions are paced so that the events still wanted fill the time still left.</summary>
    private long NextSessionTicks(long? left)
    {
        if (_nextSession is { } known)
        {
            return known;
        }

        double eventsPerSession = _sessions < 50 ? 5 : Math.Max(1, (double)_scheduled / _sessions);
        double mean = left is { } wanted
            ? Math.Max(0, (_options.End - _now).Ticks) / Math.Max(1.0, wanted / eventsPerSession)
            : TimeSpan.TicksPerMinute;
        long ticks = _now.UtcTicks + (long)(mean * _random.Exponential());
        _nextSession = left is null ? ticks : Math.Min(ticks, _options.End.UtcTicks);
        return _nextSession.Value;
    }

    private void StartSession(long? left)
    {
        var at = new DateTimeOffset(NextSessionTicks(left), TimeSpan.Zero);
        _nextSession = null;
        if (at > _now)
        {
            _now = at;
        }

        _sessions++;
        DateTimeOffset latest = left is null ? DateTimeOffset.MaxValue : _options.End;
        if (_random.Chance(0.03))
        {
            ObservePrice();
            return;
        }

        // Everybody arrives before the history ends, if it is long enough; live, one session in ten is a newcomer's.
        double arrivals = left is { } wanted ? Math.Min(1, (_options.Users - _arrived) / Math.Max(1, wanted / 6.0)) : 0.1;
        bool newcomer = _arrived < _options.Users && (_arrived == 0 || _random.Chance(arrivals));
        Person person = newcomer ? PersonAt(_arrived++) : Returning();
        _visit.Start(person, newcomer, _now, latest);
    }

    /// <summary>Somebody who has been here, the active ones more often: the best of two draws by activity.</summary>
    private Person Returning()
    {
        Person one = PersonAt(_random.Next(_arrived));
        Person other = PersonAt(_random.Next(_arrived));
        return _random.NextDouble() * (one.Activity + other.Activity) < one.Activity ? one : other;
    }

    private void ObservePrice()
    {
        SimulatedCourse course = _courses[_random.Next(_courses.Length)];
        Money list = course.Course.ListPrice;
        long price = Math.Max(1, list.MinorUnits * (75 + _random.Next(45)) / 100);
        var data = new MarketPriceObserved
        {
            CourseId = course.Course.Id,
            Competitor = _random.Pick<string>(CourseWords.Competitors),
            Price = list with { MinorUnits = price },
        };
        Schedule(_now, () => new Happening(data.CourseId, data));
    }

    private void Schedule(DateTimeOffset at, Func<Happening?> what) =>
        _waiting.Enqueue(what, (at.UtcTicks, _scheduled++));

    private Person PersonAt(int index)
    {
        if (!_people.TryGetValue(index, out Person? person))
        {
            _people[index] = person = new Person(_options, index);
        }

        return person;
    }
}

using System.Collections.Immutable;
using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Contracts.Partners;

namespace KnowledgePay.Learning.Simulation;

/// <summary>A seeded world of courses, partners and people with tastes, budgets and risks of their own, and the events that they make.</summary>
/// <remarks>
/// No clock, no I/O: the same options give the same world and the same history. Events are consistent: a course is paid
/// for before it is enrolled in, progress only grows, only a course that was taken and kept is completed, rated or
/// commented on, and a prerequisite is completed first.
/// </remarks>
public sealed class MarketplaceSimulator
{
    private readonly MarketplaceOptions _options;
    private readonly SimulatedCourse[] _courses;
    private readonly MarketplaceDays _days;

    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public MarketplaceSimulator(MarketplaceOptions options)
    {
        options.Validate();
        _options = options;
        _courses = new SimulatedCourse[options.Courses];
        for (int i = 0; i < _courses.Length; i++)
        {
            _courses[i] = SimulatedCourse.Make(options, i);
        }

        Products = PartnerWorld.Products(options.Currency);
        _days = new MarketplaceDays(options, _courses);
    }

    /// <summary>The catalogue, ids <c>c0</c>, <c>c1</c>, …; a prerequisite comes before what needs it.</summary>
    public IEnumerable<Course> Courses => _courses.Select(course => course.Course);

    public ImmutableArray<Partner> Partners => PartnerWorld.Partners;

    public ImmutableArray<PartnerProduct> Products { get; }

    /// <summary>What each person consents to, ids <c>u0</c>, <c>u1</c>, …</summary>
    public IEnumerable<SimulatedConsent> Consents
    {
        get
        {
            for (int i = 0; i < _options.Users; i++)
            {
                var person = new Person(_options, i);
                yield return new SimulatedConsent(person.Id, person.Consent);
            }
        }
    }

    /// <summary>The next events of the marketplace's history, in the order of their times, none later than <see cref="MarketplaceOptions.End"/>.</summary>
    /// <remarks>The simulator moves on as this is read: read it once.</remarks>
    /// <param name="count">How many, spread over the days of the options.</param>
    public IEnumerable<SimulatedEvent> History(long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return _days.History(count);
    }

    /// <summary>Endless live events of the same people, each stamped with the time at which it is read; the caller sets the pace.</summary>
    /// <param name="now">The caller's clock.</param>
    public IEnumerable<SimulatedEvent> Trickle(TimeProvider now) => _days.Trickle(now);
}

namespace KnowledgePay.Learning.Simulation;

/// <summary>Size and seed of a simulated marketplace.</summary>
public sealed record MarketplaceOptions
{
    /// <summary>1–10,000,000.</summary>
    public required int Users { get; init; }

    /// <summary>1–1,000,000.</summary>
    public required int Courses { get; init; }

    /// <summary>The same options and seed make the same world and the same events.</summary>
    public required ulong Seed { get; init; }

    /// <summary>When the last simulated day ends; no event of the history is later.</summary>
    public required DateTimeOffset End { get; init; }

    /// <summary>Days that the history spans, 1–3,650.</summary>
    public int Days { get; init; } = 90;

    /// <summary>ISO 4217 code of every price.</summary>
    public string Currency { get; init; } = "CNY";

    /// <summary>Which courses come into view when, for as many courses; null for a popularity that falls with a course's number and stays as it is.</summary>
    public CoursePopularity? Popularity { get; init; }

    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    internal void Validate()
    {
        InRange(Users, 10_000_000, nameof(Users));
        InRange(Courses, 1_000_000, nameof(Courses));
        InRange(Days, 3650, nameof(Days));
        if (Popularity is { } popularity && popularity.Courses != Courses)
        {
            throw new ArgumentOutOfRangeException(nameof(Popularity), popularity.Courses, $"Expected a popularity of {Courses} courses.");
        }

        if (!Contracts.Currencies.IsKnown(Currency))
        {
            throw new ArgumentOutOfRangeException(nameof(Currency), Currency, "Expected an ISO 4217 code.");
        }
    }

    private static void InRange(int value, int most, string name)
    {
        if (value < 1 || value > most)
        {
            throw new ArgumentOutOfRangeException(name, value, $"Expected 1 to {most}.");
        }
    }
}

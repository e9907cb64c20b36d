namespace KnowledgePay.Decisions.Projections;

/// <summary>A count of happenings that also knows whether at least k different people are behind it.</summary>
/// <remarks>
/// Keeps people exactly up to <see cref="PeopleKept"/>; from there it is known that there are enough. Of more people the smallest stream numbers are kept,
/// so that any order of the same happenings, and any way of merging them, leaves the same.
/// </remarks>
[GenerateSerializer, Alias("kp.PeopleCount")]
public sealed partial class PeopleCount
{
    /// <summary>The largest k that a dashboard may be configured to.</summary>
    public const int PeopleKept = 50;

    [Id(0)] public long Count { get; set; }
    /// <summary>Stream numbers of different people, sorted, at most <see cref="PeopleKept"/>. Never changed in place.</summary>
    [Id(1)] public long[] People { get; set; } = [];

    /// <summary>Different people, exact below <see cref="PeopleKept"/>, which stands for that many or more.</summary>
    public int DifferentPeople => People.Length;

    public void Add(long person)
    {
        Count++;
        Remember(person);
    }

    public void Merge(PeopleCount other)
    {
        Count += other.Count;
        foreach (long person in other.People)
        {
            Remember(person);
        }
    }

    private void Remember(long person)
    {
        long[] people = People;
        if (people.Length == PeopleKept && person >= people[^1])
        {
            return;
        }

        int at = Array.BinarySearch(people, person);
        if (at < 0)
        {
            at = ~at;
            int kept = Math.Min(people.Length, PeopleKept - 1);
            People = [.. people.AsSpan(0, at), person, .. people.AsSpan(at, kept - at)];
        }
    }
}

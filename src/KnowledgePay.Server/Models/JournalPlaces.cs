using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Grains.Records;
using KnowledgePay.Grains.Users;
using KnowledgePay.Learning.Ranking;

namespace KnowledgePay.Server.Models;

/// <summary>What somebody opened or took from a list of recommendations.</summary>
/// <param name="Course">Number of the course in the reader's table.</param>
public readonly record struct ListClick(long Person, int Course, string DecisionId);

/// <summary>From which places of their lists things were taken, and how much less the lower ones are looked at.</summary>
/// <param name="Of">By person and course: the place, 1 for the first.</param>
public sealed record ListPlaces(IReadOnlyDictionary<(long Person, int Course), int> Of, PlaceBias Bias);

/// <summary>The places of what was opened from lists, while the journal is read.</summary>
/// <remarks>Of each person and course the latest list that it was opened from, of the latest <see cref="MostClicks"/> altogether: each is looked up among the decision records.</remarks>
public sealed class ListClicks
{
    public const int MostClicks = 100_000;

    private readonly Dictionary<(long, int), string> _clicks = [];
    private readonly Queue<(long, int)> _order = new();

    /// <param name="courseOf">The number of a course.</param>
    public void Hear(long person, EventData data, Func<string, int> courseOf)
    {
        string? decision = data switch { CourseViewed viewed => viewed.DecisionId, CourseEnrolled enrolled => enrolled.DecisionId, _ => null };
        if (decision is null)
        {
            return;
        }

        (long, int) key = (person, courseOf(((CourseEvent)data).CourseId));
        if (!_clicks.ContainsKey(key))
        {
            _order.Enqueue(key);
            if (_order.Count > MostClicks)
            {
                _clicks.Remove(_order.Dequeue());
            }
        }

        _clicks[key] = decision;
    }

    /// <summary>All that were heard of.</summary>
    public IEnumerable<ListClick> All => _clicks.Select(pair => new ListClick(pair.Key.Item1, pair.Key.Item2, pair.Value));
}

/// <summary>Looks up in the decision records where on a list a course was.</summary>
public sealed class JournalPlaces(IDecisionRecords records, DecisionSettings settings)
{
    /// <param name="courses">Ids of courses by number.</param>
    public async Task<ListPlaces> Find(IEnumerable<ListClick> clicks, Func<int, string> courses, CancellationToken cancellation)
    {
        var places = new Dictionary<(long, int), int>();
        var random = new List<RandomPlace>();
        int first = settings.Recommending.ExplorationFreeSlots + 1;
        foreach (ListClick click in clicks)
        {
            if (await records.FindWritten(click.DecisionId, cancellation) is not { Kind: DecisionKind.Recommendation } record)
            {
                continue;
            }

            // The list comes first and in order, each with its propensity; what follows was not shown.
            int length = 0, place = 0;
            for (; length < record.Candidates.Length && record.Candidates[length].Propensity is not null; length++)
            {
                if (record.Candidates[length].Candidate == courses(click.Course))
                {
                    place = length + 1;
                }
            }

            if (place == 0)
            {
                continue;
            }

            places[(click.Person, click.Course)] = place;
            bool explored = record.Candidates[place - 1].Contributions.Any(part => part is { Name: "explore", Input: 1 });
            if (explored && place >= first && length > first)
            {
                random.Add(new RandomPlace(place, first, length));
            }
        }

        return new ListPlaces(places, PlaceBias.Learn(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(random)));
    }
}

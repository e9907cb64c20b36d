using System.Globalization;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Learning.Interactions;
using KnowledgePay.Learning.Ranking;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Server.Models;

/// <summary>Who took which course, read from the journal.</summary>
/// <remarks>
/// Only people whose latest word on personalisation is not no.
/// In the learner's data a person is a stream number, and in the model there is no person at all.
/// </remarks>
public sealed class JournalInteractions(JournalEvents journal, JournalPlaces places, IOptions<TakingSignalOptions> signals)
{
    /// <summary>Interactions that are learned from at most; the limit of the learner's own memory.</summary>
    public const int MostInteractions = 50_000_000;

    /// <param name="progress">Told the share of the journal that was read.</param>
    /// <returns>The interactions, how many events there are, and how much less the lower places of lists are looked at: what was taken from there counts accordingly more, and what came of it moves that.</returns>
    public async Task<(InteractionSet Set, long Events, PlaceBias Bias)> Read(Action<double> progress, CancellationToken cancellation)
    {
        var refused = new PersonalisationRefusals();
        var taken = new List<Taken>();
        var courses = new IdTable();
        var clicks = new ListClicks();
        var outcomes = new TakingSignals(signals.Value);
        long events = 0;
        await foreach ((long stream, StoredEvent e) in journal.Read(progress, cancellation))
        {
            events++;
            refused.Hear(stream, e.Data);
            clicks.Hear(stream, e.Data, id => courses.Add(id));
            outcomes.Hear(stream, e.Data, id => courses.Add(id));
            if (CourseOf(e.Data) is { } course && taken.Count < MostInteractions)
            {
                taken.Add(new Taken(stream, courses.Add(course), e.Time));
            }
        }

        var collector = new InteractionCollector();
        foreach (Taken one in taken)
        {
            if (!refused.Has(one.Stream))
            {
                collector.Add(one.Stream.ToString(CultureInfo.InvariantCulture), courses[one.Course], one.At);
            }
        }

        ListPlaces found = await places.Find(clicks.All.Where(click => !refused.Has(click.Person)), course => courses[course], cancellation);
        InteractionSet set = collector.ToSet();
        InteractionWeights weights = Weights(set, courses, found, outcomes);
        return (weights.Count > 0 ? set.WithWeights(weights) : set, events, found.Bias);
    }

    private static InteractionWeights Weights(InteractionSet set, IdTable courses, ListPlaces places, TakingSignals outcomes)
    {
        var weights = new InteractionWeights();
        foreach (((long Person, int Course) of, float factor) in outcomes.All)
        {
            Multiply(of, factor);
        }

        foreach (((long Person, int Course) of, int place) in places.Of)
        {
            Multiply(of, places.Bias.WeightOf(place));
        }

        return weights;

        void Multiply((long Person, int Course) of, float factor)
        {
            int user = set.Users.Find(of.Person.ToString(CultureInfo.InvariantCulture)), item = set.Items.Find(courses[of.Course]);
            if (user >= 0 && item >= 0 && factor != 1)
            {
                weights.Set(user, item, weights.Of(user, item) * factor);
            }
        }
    }

    /// <summary>The course that an event puts on a person's shelf, as the fold does; null for any other event.</summary>
    internal static string? CourseOf(EventData data) =>
        data is CourseEnrolled or OrderPlaced or CourseProgressed or CourseCompleted or CourseRated ? ((CourseEvent)data).CourseId : null;

    private readonly record struct Taken(long Stream, int Course, DateTimeOffset At);
}

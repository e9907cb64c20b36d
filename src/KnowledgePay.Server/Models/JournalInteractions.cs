using System.Globalization;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Learning.Interactions;

namespace KnowledgePay.Server.Models;

/// <summary>Who took which course, read from the journal.</summary>
/// <remarks>
/// Only people whose latest word on personalisation is not no.
/// In the learner's data a person is a stream number, and in the model there is no person at all.
/// </remarks>
public sealed class JournalInteractions(JournalEvents journal)
{
    /// <summary>Interactions that are learned from at most; the limit of the learner's own memory.</summary>
    public const int MostInteractions = 50_000_000;

    /// <param name="progress">Told the share of the journal that was read.</param>
    public async Task<(InteractionSet Set, long Events)> Read(Action<double> progress, CancellationToken cancellation)
    {
        var refused = new HashSet<long>();
        var taken = new List<Taken>();
        var courses = new IdTable();
        long events = 0;
        await foreach ((long stream, StoredEvent e) in journal.Read(progress, cancellation))
        {
            events++;
            Note(stream, e);
        }

        var collector = new InteractionCollector();
        foreach (Taken one in taken)
        {
            if (!refused.Contains(one.Stream))
            {
                collector.Add(one.Stream.ToString(CultureInfo.InvariantCulture), courses[one.Course], one.At);
            }
        }

        return (collector.ToSet(), events);

        void Note(long stream, StoredEvent e)
        {
            switch (e.Data)
            {
                case ConsentChanged { Consent.Personalisation: false }:
                    refused.Add(stream);
                    break;
                case ConsentChanged:
                    refused.Remove(stream);
                    break;
                // What the fold puts on a shelf.
                case CourseEnrolled or OrderPlaced or CourseProgressed or CourseCompleted or CourseRated when taken.Count < MostInteractions:
                    taken.Add(new Taken(stream, courses.Add(((CourseEvent)e.Data).CourseId), e.Time));
                    break;
                default:
                    break;
            }
        }
    }

    private readonly record struct Taken(long Stream, int Course, DateTimeOffset At);
}

using System.Globalization;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Grains.Events;
using KnowledgePay.Learning.Interactions;
using KnowledgePay.Storage;

namespace KnowledgePay.Server.Models;

/// <summary>Who took which course, read from the journal of all partitions.</summary>
/// <remarks>
/// Only people whose latest word on personalisation is yes; an erased person's events cannot be read and are passed over.
/// In the learner's data a person is a stream number, and in the model there is no person at all.
/// </remarks>
public sealed class JournalInteractions(IEngineStore store, EventCodecSource codec)
{
    private const int PageRows = 2_000;

    /// <summary>Interactions that are learned from at most; the limit of the learner's own memory.</summary>
    public const int MostInteractions = 50_000_000;

    /// <param name="progress">Told the share of the journal that was read.</param>
    public async Task<(InteractionSet Set, long Events)> Read(Action<double> progress, CancellationToken cancellation)
    {
        IReadOnlyDictionary<int, long> heads = await store.Journal.Heads(cancellation);
        double total = Math.Max(1, heads.Values.Sum());
        var keys = new Dictionary<long, StreamKey?>();
        var refused = new HashSet<long>();
        var taken = new List<Taken>();
        var courses = new IdTable();
        long events = 0, before = 0;
        foreach ((int partition, long head) in heads)
        {
            for (long after = 0; after < head;)
            {
                IReadOnlyList<JournalEntry> page = await store.Journal.ReadPartition(partition, after, PageRows, cancellation);
                if (page.Count == 0)
                {
                    break;
                }

                foreach (JournalEntry entry in page)
                {
                    if (entry.Payload.Length == 0 || await KeyOf(entry.Stream, keys, cancellation) is not { } key)
                    {
                        continue;
                    }

                    StoredEvent e = codec.Codec.Decode(key, entry.Payload);
                    events++;
                    Note(entry.Stream, e);
                }

                after = page[^1].Offset;
                progress((before + after) / total);
            }

            before += head;
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

    private async ValueTask<StreamKey?> KeyOf(long stream, Dictionary<long, StreamKey?> keys, CancellationToken cancellation)
    {
        if (!keys.TryGetValue(stream, out StreamKey? key))
        {
            key = (await store.Keys.Resolve(stream, cancellation))?.Key;
            keys[stream] = key;
        }

        return key;
    }

    private readonly record struct Taken(long Stream, int Course, DateTimeOffset At);
}

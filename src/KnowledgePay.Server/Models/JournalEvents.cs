using System.Runtime.CompilerServices;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Grains.Events;
using KnowledgePay.Storage;

namespace KnowledgePay.Server.Models;

/// <summary>Everybody's events, read from the journal of all partitions in the order in which each stored them.</summary>
/// <remarks>An erased person's events cannot be read and are passed over. Whoever learns from the rest sees to the consent that it needs.</remarks>
public sealed class JournalEvents(IEngineStore store, EventCodecSource codec)
{
    private const int PageRows = 2_000;

    /// <summary>The streams that have an event of which something holds, in their order, and how many events were read.</summary>
    /// <param name="progress">Told half of the share of the journal that was read: what these people did is read next.</param>
    public async Task<(SortedSet<long> Streams, long Events)> StreamsWith(Func<EventData, bool> holds, Action<double> progress, CancellationToken cancellation)
    {
        var streams = new SortedSet<long>();
        long events = 0;
        await foreach ((long stream, StoredEvent e) in Read(share => progress(share / 2), cancellation))
        {
            events++;
            if (holds(e.Data))
            {
                streams.Add(stream);
            }
        }

        return (streams, events);
    }

    /// <param name="progress">Told the share of the journal that was read.</param>
    public async IAsyncEnumerable<(long Stream, StoredEvent Event)> Read(Action<double> progress, [EnumeratorCancellation] CancellationToken cancellation)
    {
        IReadOnlyDictionary<int, long> heads = await store.Journal.Heads(cancellation);
        double total = Math.Max(1, heads.Values.Sum());
        var keys = new Dictionary<long, StreamKey?>();
        long before = 0;
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
                    if (entry.Payload.Length > 0 && await KeyOf(entry.Stream, keys, cancellation) is { } key)
                    {
                        yield return (entry.Stream, codec.Codec.Decode(key, entry.Payload));
                    }
                }

                after = page[^1].Offset;
                progress((before + after) / total);
            }

            before += head;
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
}

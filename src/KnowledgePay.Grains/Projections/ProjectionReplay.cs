using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Projections;
using KnowledgePay.Grains.Events;
using KnowledgePay.Grains.Records;
using KnowledgePay.Storage;
using Microsoft.Extensions.Logging;

namespace KnowledgePay.Grains.Projections;

/// <summary>Derives effects from what is stored, exactly as the live fold did: the path after a crash, and for offsets that were never posted.</summary>
public sealed class ProjectionReplay(IEngineStore store, EventCodecSource codec, DecisionRecorder records, ILogger<ProjectionReplay> logger)
{
    private const int PageRows = 5_000;

    /// <summary>Profiles kept between pages; past it all are dropped and rebuilt as needed.</summary>
    private const int ProfilesAtMost = 200_000;

    private const int PeopleReadAtOnce = 8;

    /// <summary>Calls back each effect of the rows behind <paramref name="after"/> up to <paramref name="until"/>. Events of erased people have none.</summary>
    /// <param name="people">People that an earlier run of the same partition saw, to be gone on with.</param>
    internal async Task Run(int partition, long after, long until, Action<long, ProjectionEffect> apply, CancellationToken cancellation, ReplayedPeople? people = null)
    {
        people ??= new ReplayedPeople(ProfilesAtMost);
        while (after < until)
        {
            IReadOnlyList<JournalEntry> page = await store.Journal.ReadPartition(partition, after, (int)Math.Min(PageRows, until - after), cancellation).ConfigureAwait(false);
            if (page.Count == 0)
            {
                return;
            }

            await Meet(page, people, cancellation).ConfigureAwait(false);
            foreach (JournalEntry entry in page)
            {
                if (!people.Knows(entry, out ReplayedPerson? person))
                {
                    // Events between were written by another process.
                    people.Add(entry.Stream, person = await Before(entry, cancellation).ConfigureAwait(false));
                }

                if (person is not null && entry.Payload.Length > 0)
                {
                    Fold(person.Key, person.Profile, entry, apply);
                }
            }

            after = page[^1].Offset;
        }
    }

    /// <summary>Effects of a chunk of decision records: who was eligible for which product.</summary>
    public async Task RunChunk(int partition, long chunk, Action<ProjectionEffect> apply, CancellationToken cancellation)
    {
        foreach (LoggedDecision logged in await store.Decisions.ReadChunk(partition, chunk, cancellation).ConfigureAwait(false) ?? [])
        {
            if (logged.Payload.Length > 0
                && DecisionRecorder.KindOf(logged.Payload) == DecisionKind.Offers
                && await store.Keys.Resolve(logged.Stream, cancellation).ConfigureAwait(false) is { } owner)
            {
                foreach (ProjectionEffect effect in OfferEligibility.Effects(records.Decode(owner.Key, logged.Payload), logged.Stream))
                {
                    apply(effect);
                }
            }
        }
    }

    /// <summary>Reads the people of a page that are not known yet, several at a time: one after another would make every page wait for as many round trips.</summary>
    private async Task Meet(IReadOnlyList<JournalEntry> page, ReplayedPeople people, CancellationToken cancellation)
    {
        List<JournalEntry> unknown = [.. page.DistinctBy(e => e.Stream).Where(e => !people.Knows(e, out _))];
        foreach (JournalEntry[] some in unknown.Chunk(PeopleReadAtOnce))
        {
            ReplayedPerson?[] met = await Task.WhenAll(some.Select(entry => Before(entry, cancellation).AsTask())).ConfigureAwait(false);
            for (int i = 0; i < some.Length; i++)
            {
                people.Add(some[i].Stream, met[i]);
            }
        }
    }

    private void Fold(StreamKey key, UserProfile profile, JournalEntry entry, Action<long, ProjectionEffect> apply)
    {
        if (entry.Sequence <= profile.Sequence)
        {
            return;
        }

        var effects = new EffectBuffer();
        FoldStep.Apply(profile, entry.Sequence, codec.Codec.Decode(key, entry.Payload), entry.Stream, ref effects, logger);
        foreach (ProjectionEffect effect in effects.Effects)
        {
            apply(entry.Offset, effect);
        }
    }

    /// <summary>The person as they were before an entry, or null when they were erased.</summary>
    private async ValueTask<ReplayedPerson?> Before(JournalEntry entry, CancellationToken cancellation)
    {
        if (await store.Keys.Resolve(entry.Stream, cancellation).ConfigureAwait(false) is not { } owner)
        {
            return null;
        }

        UserProfile profile = new();
        if (entry.Sequence > 1)
        {
            if (await store.Snapshots.Load(entry.Stream, cancellation).ConfigureAwait(false) is { } snapshot
                && snapshot.Sequence < entry.Sequence
                && codec.Codec.DecodeSnapshot(owner.Key, snapshot) is { } saved)
            {
                profile = saved;
            }

            var ignored = new EffectBuffer();
            await foreach (JournalEntry earlier in store.Journal.ReadStream(entry.Stream, profile.Sequence, cancellation).ConfigureAwait(false))
            {
                if (earlier.Sequence >= entry.Sequence)
                {
                    break;
                }

                if (earlier.Payload.Length > 0)
                {
                    FoldStep.Apply(profile, earlier.Sequence, codec.Codec.Decode(owner.Key, earlier.Payload), earlier.Stream, ref ignored, logger);
                    ignored.Clear();
                }
            }
        }

        return new ReplayedPerson(owner.Key, profile);
    }
}

internal sealed record ReplayedPerson(StreamKey Key, UserProfile Profile);

/// <summary>People as they were at the last entry that a replay saw of them: kept by whoever follows a partition, so that it need not read each of them again.</summary>
/// <param name="most">How many are kept; past it all are dropped and read again as needed.</param>
internal sealed class ReplayedPeople(int most)
{
    private readonly Dictionary<long, ReplayedPerson?> _people = [];

    /// <summary>Whether the entry's person is known as of the entry before it; null is somebody who was erased.</summary>
    public bool Knows(JournalEntry entry, out ReplayedPerson? person) =>
        _people.TryGetValue(entry.Stream, out person) && (person is null || person.Profile.Sequence >= entry.Sequence - 1);

    public void Add(long stream, ReplayedPerson? person)
    {
        if (_people.Count >= most)
        {
            _people.Clear();
        }

        _people[stream] = person;
    }
}

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

    /// <summary>Calls back each effect of the rows behind <paramref name="after"/> up to <paramref name="until"/>. Events of erased people have none.</summary>
    public async Task Run(int partition, long after, long until, Action<long, ProjectionEffect> apply, CancellationToken cancellation)
    {
        var profiles = new Dictionary<long, (StreamKey Key, UserProfile Profile)?>();
        while (after < until)
        {
            IReadOnlyList<JournalEntry> page = await store.Journal.ReadPartition(partition, after, (int)Math.Min(PageRows, until - after), cancellation).ConfigureAwait(false);
            if (page.Count == 0)
            {
                return;
            }

            foreach (JournalEntry entry in page)
            {
                if (!profiles.TryGetValue(entry.Stream, out (StreamKey Key, UserProfile Profile)? person))
                {
                    if (profiles.Count >= ProfilesAtMost)
                    {
                        profiles.Clear();
                    }

                    profiles[entry.Stream] = person = await Before(entry, cancellation).ConfigureAwait(false);
                }

                if (person is { } known && entry.Payload.Length > 0)
                {
                    Fold(known.Key, known.Profile, entry, apply);
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
    private async ValueTask<(StreamKey Key, UserProfile Profile)?> Before(JournalEntry entry, CancellationToken cancellation)
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

        return (owner.Key, profile);
    }
}

using System.Runtime.CompilerServices;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Projections;
using KnowledgePay.Grains.Events;
using KnowledgePay.Storage;

namespace KnowledgePay.Server.Models;

/// <summary>One person's events, folded again from the first: what was known at each of them.</summary>
public sealed class JournalReplay(IEngineStore store, EventCodecSource codec)
{
    /// <summary>Each event with the profile as it was before it. The profile is one object: after the last event it holds them all. Nothing for an erased person.</summary>
    public async IAsyncEnumerable<(StoredEvent Event, UserProfile Before)> Of(long stream, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if ((await store.Keys.Resolve(stream, cancellation))?.Key is not { } key)
        {
            yield break;
        }

        var profile = new UserProfile();
        var effects = new EffectBuffer();
        await foreach (JournalEntry entry in store.Journal.ReadStream(stream, 0, cancellation))
        {
            if (entry.Payload.Length > 0)
            {
                StoredEvent e = codec.Codec.Decode(key, entry.Payload);
                yield return (e, profile);
                effects.Clear();
                ProfileFold.Apply(profile, entry.Sequence, e, stream, ref effects);
            }
        }
    }
}

using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Segmentation;
using KnowledgePay.Grains.Users;
using KnowledgePay.Learning.Segments;

namespace KnowledgePay.Server.Models;

/// <param name="Seen">People who were seen and let their data be used so; <paramref name="People"/> are all of them, or a sample.</param>
public sealed record PeopleNow(IReadOnlyList<PersonCase> People, int Seen, TrainedOn TrainedOn);

/// <summary>People as they are now, folded from the journal again; only those whose latest word on personalisation is not no.</summary>
public sealed class JournalPeople(JournalEvents journal, JournalReplay replay, DecisionSettings settings, TimeProvider time)
{
    /// <summary>People that are learned from at most; of more a seeded sample is.</summary>
    public const int MostPeople = 50_000;

    /// <param name="progress">Told the share that was read.</param>
    public async Task<PeopleNow> Read(ulong seed, Action<double> progress, CancellationToken cancellation)
    {
        var refused = new PersonalisationRefusals();
        var streams = new HashSet<long>();
        long events = 0;
        (DateTimeOffset? from, DateTimeOffset? to) = (null, null);
        await foreach ((long stream, StoredEvent e) in journal.Read(share => progress(share / 2), cancellation))
        {
            events++;
            if (e.Data is not Contracts.Events.MarketPriceObserved)
            {
                refused.Hear(stream, e.Data);
                streams.Add(stream);
                from = from is null || e.Time < from ? e.Time : from;
                to = to is null || e.Time > to ? e.Time : to;
            }
        }

        long[] all = [.. streams.Where(stream => !refused.Has(stream)).Order()];
        if (all.Length > MostPeople)
        {
            new Random(unchecked((int)seed)).Shuffle(all);
            all = all[..MostPeople];
        }

        DateTimeOffset now = time.GetUtcNow();
        var people = new List<PersonCase>(all.Length);
        for (int i = 0; i < all.Length; i++)
        {
            UserProfile? profile = null;
            await foreach ((_, UserProfile folding) in replay.Of(all[i], cancellation))
            {
                profile = folding;
            }

            if (profile is not null && SegmentFeatures.CanHave(profile))
            {
                double[] values = new double[SegmentFeatures.Count];
                SegmentFeatures.Read(profile, now, settings.Credit.Scale, values);
                people.Add(new PersonCase(values, profile.Occupation, SegmentRule.Of(profile, now)));
            }

            progress(0.5 + (0.5 * i / all.Length));
        }

        return new PeopleNow(people, streams.Count(stream => !refused.Has(stream)), new TrainedOn(events, people.Count, 0, 0, from, to));
    }
}

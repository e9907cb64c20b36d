using KnowledgePay.Benchmarks.Worlds;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Contracts.People;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Projections;
using KnowledgePay.Grains.Events;
using KnowledgePay.Learning.Simulation;

namespace KnowledgePay.RedisPeer;

/// <summary>The world of <c>kpay load</c>: the same catalogue, people and events, folded by the same functions; everybody consents to everything.</summary>
internal sealed class PeerWorld
{
    private static readonly Consent Everything = new() { Personalisation = true, PersonalPricing = true, CreditChecks = true, PartnerSharing = true };

    public PeerWorld(MarketplaceOptions options, long events)
    {
        var simulator = new MarketplaceSimulator(options);
        Catalogue = DecisionWorld.CatalogueOf(simulator);
        var numbers = new Dictionary<string, long>(StringComparer.Ordinal);
        var effects = new EffectBuffer();
        foreach (SimulatedEvent entry in simulator.History(events))
        {
            UserProfile profile = Of(entry.Subject, entry.Event.Time);
            Fold(profile, Stored(entry.Event, Catalogue), numbers[entry.Subject], ref effects);
        }

        for (int user = 0; user < options.Users; user++)
        {
            Of($"u{user}", options.End);
        }

        while (Signals.Similarity.RefreshDirty(10_000) > 0)
        {
        }

        UserProfile Of(string user, DateTimeOffset at)
        {
            if (!Profiles.TryGetValue(user, out UserProfile? profile))
            {
                Profiles[user] = profile = new UserProfile();
                numbers[user] = numbers.Count + 1;
                var consent = new IncomingEvent { Source = "kp:consent", Id = user, Time = at, Data = new ConsentChanged { Consent = Everything } };
                Fold(profile, Stored(consent, Catalogue), numbers[user], ref effects);
            }

            return profile;
        }
    }

    public CatalogueSnapshot Catalogue { get; }

    public LiveSignals Signals { get; } = new();

    public Dictionary<string, UserProfile> Profiles { get; } = new(StringComparer.Ordinal);

    public static StoredEvent Stored(IncomingEvent e, CatalogueSnapshot catalogue) => new()
    {
        Source = e.Source,
        Id = e.Id,
        Time = e.Time,
        ReceivedAt = e.Time,
        Data = e.Data,
        Facts = FactsCapture.Of(e.Data, catalogue),
    };

    private void Fold(UserProfile profile, StoredEvent e, long person, ref EffectBuffer effects)
    {
        ProfileFold.Apply(profile, profile.Sequence + 1, e, person, ref effects);
        foreach (ref readonly ProjectionEffect effect in effects.Effects)
        {
            Signals.Apply(effect);
        }

        effects.Clear();
    }
}

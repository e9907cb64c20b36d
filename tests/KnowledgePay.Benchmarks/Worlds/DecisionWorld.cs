using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Contracts.Partners;
using KnowledgePay.Contracts.People;
using KnowledgePay.Decisions;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Projections;
using KnowledgePay.Decisions.Rules;
using KnowledgePay.Grains.Events;
using KnowledgePay.Learning.Simulation;

namespace KnowledgePay.Benchmarks.Worlds;

/// <summary>A catalogue, what the crowd did and people with histories, in memory: what pure decisions read.</summary>
internal sealed class DecisionWorld
{
    private static readonly Consent Everything = new() { Personalisation = true, PersonalPricing = true, CreditChecks = true, PartnerSharing = true };

    public DecisionWorld(int courses, int users, DateTimeOffset now, int seed = 1)
    {
        Now = now;
        Options = OptionsOf(courses, users, now, seed);
        var simulator = new MarketplaceSimulator(Options);
        Catalogue = CatalogueOf(simulator);
        var profiles = new List<UserProfile>(users);
        var effects = new EffectBuffer();
        long person = 0;
        foreach ((_, IncomingEvent[] events) in LearnedHistories.Make(users, courses, now, seed))
        {
            person++;
            var profile = new UserProfile();
            long sequence = 0;
            ProfileFold.Apply(profile, ++sequence, Stored("consent", now.AddDays(-181), new ConsentChanged { Consent = Everything }), person, ref effects);
            foreach (IncomingEvent e in events)
            {
                ProfileFold.Apply(profile, ++sequence, Stored(e.Id, e.Time, e.Data), person, ref effects);
            }

            foreach (ref readonly ProjectionEffect effect in effects.Effects)
            {
                Signals.Apply(effect);
            }

            effects.Clear();
            profiles.Add(profile);
        }

        while (Signals.Similarity.RefreshDirty(10_000) > 0)
        {
        }

        Signals.RefreshTrending(now.UtcTicks);
        Profiles = [.. profiles];
    }

    public MarketplaceOptions Options { get; }

    public DateTimeOffset Now { get; }

    public CatalogueSnapshot Catalogue { get; }

    public LiveSignals Signals { get; } = new();

    public UserProfile[] Profiles { get; }

    public static MarketplaceOptions OptionsOf(int courses, int users, DateTimeOffset end, int seed) =>
        new() { Users = users, Courses = courses, Seed = (ulong)seed, End = end, Days = 200 };

    public DecisionContext Context(int user, ulong seed = 1) => new()
    {
        DecisionId = "dec_AAAAAAAAAAAAAAAAAAAAAAAA",
        UserId = "u1",
        Profile = Profiles[user % Profiles.Length],
        Catalogue = Catalogue,
        Signals = Signals,
        Now = Now,
        Seed = seed,
    };

    public PersonStanding Standing(int user)
    {
        UserProfile profile = Profiles[user % Profiles.Length];
        return new PersonStanding(SegmentRule.Of(profile, Now), ProfileReader.CurrentRisk(profile, Now));
    }

    public StoredEvent Stored(string id, DateTimeOffset at, EventData data) => new()
    {
        Source = "/benchmarks",
        Id = id,
        Time = at,
        ReceivedAt = at,
        Data = data,
        Facts = FactsCapture.Of(data, Catalogue),
    };

    public static CatalogueSnapshot CatalogueOf(MarketplaceSimulator simulator)
    {
        var terms = new Dictionary<string, int>(StringComparer.Ordinal);
        KeyValuePair<int, Course?>[] courses = [.. simulator.Courses.Select((course, ordinal) => KeyValuePair.Create(ordinal, (Course?)course))];
        foreach (Course course in simulator.Courses)
        {
            foreach (string term in course.Concepts.Prepend(course.Category!))
            {
                terms.TryAdd(term, terms.Count);
            }
        }

        return CatalogueBuilder.Apply(
            CatalogueSnapshot.Empty,
            new CatalogueChanges
            {
                Courses = courses,
                Terms = [.. terms.Keys],
                Partners = [.. simulator.Partners.Select(partner => KeyValuePair.Create(partner.Id, (Partner?)partner))],
                Products =
                [
                    .. simulator.Products.Select((product, ordinal) => new ProductEntry
                    {
                        Ordinal = ordinal,
                        Product = product,
                        Eligibility = RuleCompiler.Compile(product.Eligibility).Rule!,
                    }),
                ],
            },
            1,
            term => terms.GetValueOrDefault(term, -1));
    }
}

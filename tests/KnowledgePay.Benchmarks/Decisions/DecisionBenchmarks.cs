using BenchmarkDotNet.Attributes;
using KnowledgePay.Benchmarks.Worlds;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Decisions.Credit;
using KnowledgePay.Decisions.Offers;
using KnowledgePay.Decisions.Pricing;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Projections;
using KnowledgePay.Decisions.Recommending;

namespace KnowledgePay.Benchmarks.Decisions;

/// <summary>The pure decisions, without grain, store or network.</summary>
[MemoryDiagnoser]
public class DecisionBenchmarks
{
    private DecisionWorld _world = null!;
    private StoredEvent _viewed = null!;
    private EffectBuffer _effects;
    private int _turn;

    [Params(10_000, 100_000)]
    public int Courses { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        _world = new DecisionWorld(Courses, users: 1_000, new DateTimeOffset(2026, 6, 1, 12, 0, 0, TimeSpan.Zero));
        _viewed = _world.Stored("view", _world.Now, new CourseViewed { CourseId = "c7", Seconds = 30 });
    }

    [Benchmark]
    public object Recommend() => RecommendOne(_world, _turn++);

    [Benchmark]
    public object Price() => PriceOne(_world, _turn++);

    [Benchmark]
    public object Credit() => CreditOne(_world, _turn++);

    [Benchmark]
    public object Offers() => OffersOne(_world, _turn++);

    [Benchmark]
    public long Fold() => FoldOne(_world, _viewed, _turn++, ref _effects);

    internal static object RecommendOne(DecisionWorld world, int turn) =>
        Recommender.Decide(world.Context(turn, (ulong)turn), new RecommendationRequest { Count = 10 }, RecommendationSettings.Default);

    internal static object PriceOne(DecisionWorld world, int turn) => Pricer.Decide(
        world.Context(turn, (ulong)turn),
        new PriceRequest { UserId = "u1", CourseId = world.Catalogue.Courses[turn * 31 % world.Catalogue.Courses.Length]!.Course.Id },
        PricingSettings.Default);

    internal static object CreditOne(DecisionWorld world, int turn) => CreditDecider.Decide(
        new CreditContext { Decision = world.Context(turn, (ulong)turn), Standing = world.Standing(turn), Policy = CreditPolicy.Default },
        new CreditRequest { UserId = "u1", Amount = new Money("CNY", 120_000), TermMonths = 12 });

    internal static object OffersOne(DecisionWorld world, int turn) => OfferDecider.Decide(
        world.Context(turn, (ulong)turn), world.Standing(turn), new OffersRequest { UserId = "u1", Surface = "checkout" }, OfferSettings.Default);

    internal static long FoldOne(DecisionWorld world, StoredEvent e, int turn, ref EffectBuffer effects)
    {
        UserProfile profile = world.Profiles[turn % world.Profiles.Length];
        ProfileFold.Apply(profile, profile.Sequence + 1, e, turn % world.Profiles.Length, ref effects);
        effects.Clear();
        return profile.Sequence;
    }
}

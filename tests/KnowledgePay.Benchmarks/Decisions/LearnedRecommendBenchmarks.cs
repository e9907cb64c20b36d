using BenchmarkDotNet.Attributes;
using KnowledgePay.Benchmarks.Worlds;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Decisions;
using KnowledgePay.Decisions.Recommending;
using KnowledgePay.Decisions.Recommending.Models;

namespace KnowledgePay.Benchmarks.Decisions;

/// <summary>A recommendation with a learned model in place: what ranking by the model costs beside what a decision costs without one.</summary>
[MemoryDiagnoser]
public class LearnedRecommendBenchmarks
{
    private DecisionWorld _world = null!;
    private LearnedRecommender? _learned;
    private const int People = 500;

    /// <summary>So many that nothing is remembered of one when it is its turn again.</summary>
    private static readonly string[] Strangers = [.. Enumerable.Range(0, 100_000).Select(i => $"s{i}")];
    private int _turn;

    [Params(10_000, 100_000)]
    public int Courses { get; set; }

    [Params("none", "item-cf", "ials", "two-tower", "blend")]
    public string Model { get; set; } = "";

    /// <summary>Whether people ask again, with nothing changed since, or for the first time.</summary>
    [Params(true, false)]
    public bool Again { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        _world = new DecisionWorld(Courses, users: People, new DateTimeOffset(2026, 6, 1, 12, 0, 0, TimeSpan.Zero));
        _learned = Model == "none" ? null : DrawnModels.Of(Model, [.. _world.Catalogue.Courses.Select(c => c!.Course.Id)]);
    }

    [Benchmark]
    public object Recommend()
    {
        _turn++;
        DecisionContext context = _world.Context(_turn, (ulong)_turn) with { Learned = _learned };
        context = context with { UserId = Strangers[_turn % (Again ? People : Strangers.Length)] };
        return Recommender.Decide(context, new RecommendationRequest { Count = 10 }, RecommendationSettings.Default);
    }
}

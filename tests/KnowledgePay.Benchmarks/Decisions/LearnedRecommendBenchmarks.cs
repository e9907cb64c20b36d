using BenchmarkDotNet.Attributes;
using KnowledgePay.Benchmarks.Worlds;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Decisions;
using KnowledgePay.Decisions.Recommending;
using KnowledgePay.Decisions.Recommending.Models;

namespace KnowledgePay.Benchmarks.Decisions;

/// <summary>A recommendation with a learned model in place: what ranking by the model costs beside what a decision costs without one.</summary>
/// <remarks>The models have the shape that learning gives them (a few hundred neighbours an item, factors around centres); what they say is drawn.</remarks>
[MemoryDiagnoser]
public class LearnedRecommendBenchmarks
{
    private const int Neighbours = 200;
    private const int Dimensions = 128;
    private const int ItemsOfACentre = 100;

    private DecisionWorld _world = null!;
    private LearnedRecommender? _learned;
    private int _turn;

    [Params(10_000, 100_000)]
    public int Courses { get; set; }

    [Params("none", "item-cf", "ials", "two-tower", "blend")]
    public string Model { get; set; } = "";

    [GlobalSetup]
    public void Prepare()
    {
        _world = new DecisionWorld(Courses, users: 1_000, new DateTimeOffset(2026, 6, 1, 12, 0, 0, TimeSpan.Zero));
        var random = new Random(1);
        IHistoryScorer? scorer = Model switch
        {
            "item-cf" => Near(random),
            "ials" => Factors(random),
            "two-tower" => Towers(random),
            "blend" => new BlendScorer([Near(random), Factors(random)], [0.5f, 0.5f]),
            _ => null,
        };
        _learned = scorer is null ? null : new LearnedRecommender("m", scorer, [.. _world.Catalogue.Courses.Select(c => c!.Course.Id)], 0.7f);
    }

    [Benchmark]
    public object Recommend()
    {
        _turn++;
        DecisionContext context = _world.Context(_turn, (ulong)_turn) with { Learned = _learned };
        return Recommender.Decide(context, new RecommendationRequest { Count = 10 }, RecommendationSettings.Default);
    }

    private ItemNeighbourScorer Near(Random random)
    {
        int[] starts = [.. Enumerable.Range(0, Courses + 1).Select(i => i * Neighbours)];
        int[] items = [.. Enumerable.Range(0, Courses * Neighbours).Select(_ => random.Next(Courses))];
        float[] weights = [.. items.Select(_ => random.NextSingle() + 0.01f)];
        return new ItemNeighbourScorer(starts, items, weights, 0.5f);
    }

    private FactorScorer Factors(Random random) => new(Around(random, Dimensions), Dimensions, 0.01f, 0.01f, 1f);

    private TwoTowerScorer Towers(Random random)
    {
        const int d = 64;
        float[] outputs = Around(random, d);
        return new TwoTowerScorer(outputs, [.. Enumerable.Range(0, d * d).Select(_ => 0.1f * (random.NextSingle() - 0.5f))], new float[d], outputs, [.. Enumerable.Range(0, Courses).Select(_ => random.NextSingle())]);
    }

    private float[] Around(Random random, int dimensions)
    {
        float[] centres = [.. Enumerable.Range(0, Courses / ItemsOfACentre * dimensions).Select(_ => random.NextSingle() - 0.5f)];
        float[] rows = new float[Courses * dimensions];
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i] = centres[(i / dimensions % (Courses / ItemsOfACentre) * dimensions) + (i % dimensions)] + (0.5f * (random.NextSingle() - 0.5f));
        }

        return rows;
    }
}

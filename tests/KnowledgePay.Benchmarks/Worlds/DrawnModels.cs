using KnowledgePay.Decisions.Recommending.Models;

namespace KnowledgePay.Benchmarks.Worlds;

/// <summary>Learned models of the shape that learning gives them (a few hundred neighbours an item, factors around centres); what they say is drawn.</summary>
internal static class DrawnModels
{
    private const int Neighbours = 200;
    private const int FactorDimensions = 128;
    private const int TowerDimensions = 64;
    private const int ItemsOfACentre = 100;
    private const float Share = 0.7f;

    /// <param name="kind"><c>item-cf</c>, <c>ials</c>, <c>two-tower</c> or <c>blend</c> (of the first two).</param>
    public static LearnedRecommender Of(string kind, IReadOnlyList<string> ids)
    {
        var random = new Random(1);
        IHistoryScorer scorer = kind switch
        {
            "item-cf" => Near(random, ids.Count),
            "ials" => Factors(random, ids.Count),
            "two-tower" => Towers(random, ids.Count),
            "blend" => new BlendScorer([Near(random, ids.Count), Factors(random, ids.Count)], [0.5f, 0.5f]),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Expected item-cf, ials, two-tower or blend."),
        };
        return new LearnedRecommender(kind, scorer, ids, Share);
    }

    private static ItemNeighbourScorer Near(Random random, int items)
    {
        int[] starts = [.. Enumerable.Range(0, items + 1).Select(i => i * Neighbours)];
        int[] neighbours = [.. Enumerable.Range(0, items * Neighbours).Select(_ => random.Next(items))];
        return new ItemNeighbourScorer(starts, neighbours, [.. neighbours.Select(_ => random.NextSingle() + 0.01f)], 0.5f);
    }

    private static FactorScorer Factors(Random random, int items) => new(Around(random, items, FactorDimensions), FactorDimensions, 0.01f, 0.01f, 1f);

    private static TwoTowerScorer Towers(Random random, int items)
    {
        float[] outputs = Around(random, items, TowerDimensions);
        float[] dense = [.. Enumerable.Range(0, TowerDimensions * TowerDimensions).Select(_ => 0.1f * (random.NextSingle() - 0.5f))];
        return new TwoTowerScorer(outputs, dense, new float[TowerDimensions], outputs, [.. Enumerable.Range(0, items).Select(_ => random.NextSingle())]);
    }

    private static float[] Around(Random random, int items, int dimensions)
    {
        int centred = Math.Max(1, items / ItemsOfACentre);
        float[] centres = [.. Enumerable.Range(0, centred * dimensions).Select(_ => random.NextSingle() - 0.5f)];
        float[] rows = new float[items * dimensions];
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i] = centres[(i / dimensions % centred * dimensions) + (i % dimensions)] + (0.5f * (random.NextSingle() - 0.5f));
        }

        return rows;
    }
}

using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Items;

namespace KnowledgePay.Learning.Recommenders;

/// <summary>What is like what by content: a recommender of its own, and the way to items that nobody took.</summary>
internal sealed class ContentLearner : IRecommenderLearner
{
    private const int NeighboursOfCold = 10;

    public string Algorithm => "content";

    public IReadOnlyList<Hyperparameters> Choices(TrainingData data) => [Hyperparameters.Of(("neighbours", 30)), Hyperparameters.Of(("neighbours", 100))];

    public IHistoryScorer Fit(TrainingData data, Hyperparameters settings)
    {
        int items = data.Matrix.Items;
        (int[] starts, int[] neighbours, float[] cosines) = Near(data.Features!, [.. Enumerable.Range(0, items)], [.. Enumerable.Range(0, items)], (int)settings["neighbours"]);
        return new ItemNeighbourScorer(starts, neighbours, cosines, 0);
    }

    /// <summary>The scorer itself, or one that reaches the items without a user through their content.</summary>
    public static IHistoryScorer Reaching(IHistoryScorer inner, TrainingData data)
    {
        if (data.Features is null)
        {
            return inner;
        }

        int[] cold = [.. Enumerable.Range(0, data.Matrix.Items).Where(item => data.Matrix.Degree(item) == 0)];
        if (cold.Length == 0)
        {
            return inner;
        }

        int[] known = [.. Enumerable.Range(0, data.Matrix.Items).Where(item => data.Matrix.Degree(item) > 0)];
        (int[] starts, int[] neighbours, float[] cosines) = Near(data.Features, cold, known, NeighboursOfCold);
        return new ColdItemScorer(inner, cold, starts, neighbours, cosines);
    }

    private static (int[] Starts, int[] Neighbours, float[] Cosines) Near(ItemFeatures features, int[] of, int[] among, int most)
    {
        var rows = new IReadOnlyList<(int Item, float Cosine)>[of.Length];
        Parallel.For(0, of.Length, at => rows[at] = features.Nearest(of[at], among, most));
        var starts = new int[of.Length + 1];
        for (int at = 0; at < of.Length; at++)
        {
            starts[at + 1] = starts[at] + rows[at].Count;
        }

        return (starts, [.. rows.SelectMany(row => row.Select(one => one.Item))], [.. rows.SelectMany(row => row.Select(one => one.Cosine))]);
    }
}

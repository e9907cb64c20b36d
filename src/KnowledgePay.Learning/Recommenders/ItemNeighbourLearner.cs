using KnowledgePay.Decisions.Recommending;
using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Interactions;
using KnowledgePay.Learning.Ranking;

namespace KnowledgePay.Learning.Recommenders;

/// <summary>Item-based collaborative filtering.</summary>
/// <remarks>
/// Setting <c>kernel</c> 0 is the engine's residual kernel, 1 cosine with <c>shrinkage</c> (<c>n_ij/√(d_i·d_j)·n_ij/(n_ij+shrinkage)</c>), 2 the normalisation of the source document's
/// §4.1.2 (see <see cref="SimilarityKernel"/>); <c>neighbours</c> are kept by source. Work is the sum of squared history lengths, memory one row of counts a thread.
/// </remarks>
public sealed class ItemNeighbourLearner : IRecommenderLearner
{
    private const float ExpectedShare = 0.5f;
    private const float DegreeShrinkage = 100f;
    private const float DampingPerExponent = 0.2f;

    public string Algorithm => "item-cf";

    public IReadOnlyList<Hyperparameters> Choices(TrainingData data) =>
    [
        Hyperparameters.Of(("kernel", 0), ("neighbours", ItemSimilarity.NeighboursKept)),
        Hyperparameters.Of(("kernel", 0), ("neighbours", 300)),
        Hyperparameters.Of(("kernel", 1), ("neighbours", 100), ("shrinkage", 0)),
        Hyperparameters.Of(("kernel", 1), ("neighbours", 300), ("shrinkage", 20)),
        Hyperparameters.Of(("kernel", 1), ("neighbours", 50), ("shrinkage", 20)),
        Hyperparameters.Of(("kernel", 2), ("neighbours", 100)),
    ];

    public IHistoryScorer Fit(TrainingData data, Hyperparameters settings)
    {
        InteractionMatrix matrix = data.Matrix;
        var kernel = (SimilarityKernel)(int)settings.Get("kernel", 0);
        int kept = (int)settings.Get("neighbours", ItemSimilarity.NeighboursKept);
        int people = 0;
        for (int u = 0; u < matrix.Users; u++)
        {
            people += matrix.RowLength(u) > 0 ? 1 : 0;
        }

        float[] popularity = ScorerEvaluation.Popularity(matrix);
        var weighing = new Weighing(kernel, people, (float)settings.Get("shrinkage", 0), matrix, popularity);
        var rows = new (int[] Items, float[] Weights)[matrix.Items];
        int[] order = TopItems.OrderByPopularity(popularity);
        Parallel.For(
            0,
            matrix.Items,
            () => (Counts: new float[matrix.Items], Top: new TopItems(order), Best: new int[Math.Min(kept, matrix.Items)]),
            (item, _, scratch) =>
            {
                rows[item] = weighing.Row(item, scratch.Counts, scratch.Top, scratch.Best);
                return scratch;
            },
            _ => { });
        var starts = new int[matrix.Items + 1];
        for (int i = 0; i < rows.Length; i++)
        {
            starts[i + 1] = starts[i] + rows[i].Items.Length;
        }

        float inflow = kernel == SimilarityKernel.Residual ? ItemSimilarity.InflowExponentFor(people) : 0f;
        return new ItemNeighbourScorer(starts, [.. rows.SelectMany(row => row.Items)], [.. rows.SelectMany(row => row.Weights)], inflow);
    }

    private sealed class Weighing(SimilarityKernel kernel, int people, float shrinkage, InteractionMatrix matrix, float[] popularity)
    {
        private readonly float _exponent = ItemSimilarity.ExponentFor(people);

        public (int[] Items, float[] Weights) Row(int source, float[] weights, TopItems top, int[] best)
        {
            Array.Clear(weights);
            foreach (int user in matrix.UsersOf(source))
            {
                foreach (HistoryEntry entry in matrix.Row(user))
                {
                    weights[entry.Item] += matrix.Weights?.Of(user, entry.Item) ?? 1;
                }
            }

            float degree = weights[source];
            weights[source] = 0;
            for (int target = 0; target < weights.Length; target++)
            {
                if (weights[target] > 0)
                {
                    weights[target] = Weight(weights[target], degree, popularity[target]);
                }
            }

            int found = top.Select(weights, [new HistoryEntry(source, float.NaN, HistoryEntry.NoTime)], best);
            while (found > 0 && weights[best[found - 1]] <= 0)
            {
                found--;
            }

            int[] items = best[..found];
            float[] kept = Array.ConvertAll(items, item => weights[item]);
            if (kernel != SimilarityKernel.Cosine)
            {
                double sum = kept.Sum(w => (double)w);
                for (int k = 0; k < kept.Length; k++)
                {
                    kept[k] = (float)(kept[k] / sum);
                }
            }

            return (items, kept);
        }

        private float Weight(float count, float source, float target)
        {
            switch (kernel)
            {
                case SimilarityKernel.Cosine:
                    return count / MathF.Sqrt(source * target) * (count / (count + shrinkage));
                case SimilarityKernel.SourceNormalised:
                    return count;
                default:
                    float y = count - (ExpectedShare * source * target / Math.Max(1, people));
                    return y > 0 ? MathF.Pow(y, _exponent) * MathF.Pow(target + DegreeShrinkage, -DampingPerExponent * _exponent) : 0f;
            }
        }
    }
}
